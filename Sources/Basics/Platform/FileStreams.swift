import Foundation

/// Somewhere bytes go.
public protocol ByteSink {
  /// Appends bytes.
  ///
  /// - Throws: `.io` with the system's reason.
  mutating func write(_ bytes: [UInt8]) throws
}

/// Bytes kept in memory.
public struct MemorySink: ByteSink, Sendable {
  /// What was written so far.
  public private(set) var bytes: [UInt8] = []

  /// Empty.
  public init() {}

  /// Appends bytes.
  public mutating func write(_ bytes: [UInt8]) { self.bytes.append(contentsOf: bytes) }

  /// What was written so far, as text.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// A file written from start to end: beside its place first, put there whole by `finish`.
///
/// The path `-` is standard output. A sink that is dropped without `finish` leaves the old content as it was.
public final class FileSink: ByteSink {
  /// Where the bytes will be.
  public let path: String
  private let temporary: String?
  private var descriptor: Int32

  /// Opens a file beside `path`.
  ///
  /// - Throws: `.io` with the system's reason.
  public init(_ path: String) throws {
    self.path = path
    guard path != "-" else {
      temporary = nil
      descriptor = STDOUT_FILENO
      return
    }
    let beside = "\(path).\(Machine.processIdentifier).\(Mathematics.uniqueCounter()).tmp"
    descriptor = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    temporary = beside
    guard descriptor >= 0 else { throw FileSystem.failure("write", path) }
  }

  /// Appends bytes.
  public func write(_ bytes: [UInt8]) throws { try FileSystem.writeAll(bytes, to: descriptor, path: path) }

  /// Syncs the file and puts it in its place.
  public func finish() throws {
    guard let temporary, descriptor >= 0 else { return }
    guard fsync(descriptor) == 0 else { throw FileSystem.failure("sync", path) }
    close(descriptor)
    descriptor = -1
    guard rename(temporary, path) == 0 else {
      let error = FileSystem.failure("rename", path)
      unlink(temporary)
      throw error
    }
    FileSystem.syncDirectory(of: path)
  }

  deinit {
    guard let temporary, descriptor >= 0 else { return }
    close(descriptor)
    unlink(temporary)
  }
}

/// A file, pipe or standard input (`-`) read from start to end in parts.
public final class FileInput {
  /// The path it came from.
  public let path: String
  /// Whether it is a plain file, which can be mapped and read again.
  public let isRegularFile: Bool
  private let descriptor: Int32

  /// Opens `path`.
  ///
  /// - Throws: `.notFound`, `.invalidData` for a folder, `.io` with the system's reason.
  public init(_ path: String) throws {
    self.path = path
    guard path != "-" else {
      descriptor = STDIN_FILENO
      isRegularFile = false
      return
    }
    guard !FileSystem.isDirectory(path) else {
      throw MLError(.invalidData, "\(path): must be a file; got a folder.", hint: "Name a file inside it.")
    }
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    var facts = stat()
    isRegularFile = descriptor >= 0 && fstat(descriptor, &facts) == 0 && (facts.st_mode & S_IFMT) == S_IFREG
    guard descriptor >= 0 else { throw FileSystem.failure("read", path) }
  }

  /// Appends what is there, at most `maximumCount` bytes, waiting only while there is nothing; returns how many,
  /// 0 at the end.
  public func read(into bytes: inout [UInt8], maximumCount: Int) throws -> Int {
    while true {
      let part = [UInt8](unsafeUninitializedCapacity: maximumCount) { buffer, count in
        // SAFETY: `buffer` has room for `maximumCount` bytes and is used only inside this closure.
        let got = Foundation.read(descriptor, buffer.baseAddress, maximumCount)
        count = max(0, got)
        if got < 0 { failureNumber = errno } else { failureNumber = 0 }
      }
      if failureNumber == EINTR { continue }
      guard failureNumber == 0 else {
        errno = failureNumber
        throw FileSystem.failure("read", path)
      }
      if bytes.isEmpty { bytes = part } else { bytes.append(contentsOf: part) }
      return part.count
    }
  }

  private var failureNumber: Int32 = 0

  deinit { if path != "-" { close(descriptor) } }
}
