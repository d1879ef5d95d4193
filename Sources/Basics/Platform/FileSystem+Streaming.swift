import Foundation

extension FileSystem {
  /// Copies a file of any size into a new, synced file and names its content, in constant memory.
  ///
  /// - Throws: `.notFound`, `.invalidData` for a folder, `.io` with the system's reason; nothing is left behind then.
  public static func copy(_ source: String, toNew path: String) throws -> (digest: Digest, sizeBytes: Int) {
    try create(path) { descriptor in
      try pass(over: source) { try writeAll($0, to: descriptor, path: path) }
    }
  }

  /// Writes bytes into a new, synced file.
  ///
  /// - Throws: `.io` with the system's reason; nothing is left behind then.
  public static func write(_ bytes: [UInt8], toNew path: String) throws {
    try create(path) { try writeAll(bytes, to: $0, path: path) }
  }

  private static func create<T>(_ path: String, _ body: (Int32) throws -> T) throws -> T {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure("write", path) }
    do {
      let result = try body(descriptor)
      guard fsync(descriptor) == 0 else { throw failure("sync", path) }
      close(descriptor)
      return result
    } catch {
      close(descriptor)
      unlink(path)
      throw error
    }
  }

  /// Digest and size of a file of any size, in constant memory.
  public static func digest(of path: String) throws -> (digest: Digest, sizeBytes: Int) {
    try pass(over: path) { _ in }
  }

  /// Moves a finished file to its name, replacing what is there, and syncs the folder.
  public static func move(_ source: String, to path: String) throws {
    guard rename(source, path) == 0 else { throw failure("rename", path) }
    syncDirectory(of: path)
  }

  /// A name beside `path` for a file in the making; holds the process identifier, so that a later look can tell
  /// whether its writer is gone (see `writer(ofTemporary:)`).
  public static func temporaryName(beside path: String) -> String {
    "\(path).\(Machine.processIdentifier).\(Mathematics.uniqueCounter()).tmp"
  }

  /// The process that was writing a temporary file; `nil` when the name is not one of ours.
  public static func writer(ofTemporary path: String) -> Int? {
    let parts = path.split(separator: ".")
    guard parts.count >= 4, parts[parts.count - 1] == "tmp" else { return nil }
    return Int(parts[parts.count - 3])
  }

  private static func pass(over path: String, _ body: ([UInt8]) throws -> Void) throws -> (
    digest: Digest, sizeBytes: Int
  ) {
    let file = try MappedFile(path)
    var stream = DigestStream()
    let step = 1 << 20
    for start in stride(from: 0, to: file.count, by: step) {
      let part = file.withBytes { Array($0[start..<min(start + step, file.count)]) }
      stream.update(part)
      try body(part)
    }
    return (stream.finish(), file.count)
  }
}
