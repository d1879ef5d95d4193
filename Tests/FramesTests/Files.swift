import Basics
import Foundation
import Frames
import Testing

/// A file in a folder of its own that goes away with it.
final class TemporaryFile {
  let path: String
  private let folder: String

  init(_ bytes: [UInt8], _ name: String = "table.csv") throws {
    folder = try FileSystem.temporaryDirectory(prefix: "frames-tests")
    path = folder + "/" + name
    // Not `FileSystem.write`: hundreds of synced files would take seconds.
    try #require(FileManager.default.createFile(atPath: path, contents: Data(bytes)))
  }

  convenience init(_ text: String, _ name: String = "table.csv") throws { try self.init(Array(text.utf8), name) }

  deinit { try? FileSystem.remove(folder) }
}

/// Reads `text` as a file.
func read(
  _ text: String, _ name: String = "table.csv", options: SourceOptions = SourceOptions()
) throws -> (frame: Frame, report: ReadReport) {
  let file = try TemporaryFile(text, name)
  return try FrameSources.read(file.path, options: options)
}

/// Reads `bytes` as a file.
func read(
  bytes: [UInt8], _ name: String = "table.csv", options: SourceOptions = SourceOptions()
) throws -> (frame: Frame, report: ReadReport) {
  let file = try TemporaryFile(bytes, name)
  return try FrameSources.read(file.path, options: options)
}

extension Frame {
  /// Cells of a column as a person reads them; `nil` where missing.
  func cells(_ name: String) throws -> [String?] {
    let column = try column(name)
    return (0..<rowCount).map { column.text(at: $0) }
  }

  func kind(_ name: String) -> ColumnKind? { schema[name]?.kind }
}

/// The error `body` throws.
func failure<T>(_ body: () throws -> T, _ location: SourceLocation = #_sourceLocation) -> MLError? {
  do {
    _ = try body()
    Issue.record("must throw", sourceLocation: location)
    return nil
  } catch let error as MLError {
    return error
  } catch {
    Issue.record("must throw an MLError; got \(error)", sourceLocation: location)
    return nil
  }
}

/// A fixture of this repository.
func fixture(_ path: String, file: String = #filePath) -> String {
  FileSystem.parent(FileSystem.parent(file)) + "/Fixtures/" + path
}
