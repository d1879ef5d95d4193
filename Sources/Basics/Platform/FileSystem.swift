import Foundation

/// Files by path: read whole, mapped, or written so that a crash leaves the old content or the new, never half.
public enum FileSystem {
  /// Whether something is at `path`.
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Whether `path` is a folder.
  public static func isDirectory(_ path: String) -> Bool {
    var facts = stat()
    return stat(path, &facts) == 0 && (facts.st_mode & S_IFMT) == S_IFDIR
  }

  /// Size in bytes.
  ///
  /// - Throws: `.notFound`, or `.io` with the system's reason.
  public static func size(_ path: String) throws -> Int {
    var facts = stat()
    guard stat(path, &facts) == 0 else { throw failure("read", path) }
    return Int(facts.st_size)
  }

  /// The whole file.
  ///
  /// - Throws: `.notFound`, `.invalidData` for a folder, or `.io` with the system's reason.
  public static func read(_ path: String) throws -> [UInt8] {
    let file = try MappedFile(path)
    return file.withBytes { Array($0) }
  }

  /// Replaces `path` by `bytes`: written beside, synced, renamed, folder synced.
  ///
  /// - Throws: `.io` with the system's reason (disk full, read-only, …); the old content is then untouched.
  public static func write(_ bytes: [UInt8], to path: String) throws {
    let temporary = "\(path).\(Machine.processIdentifier).\(Mathematics.uniqueCounter()).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure("write", path) }
    do {
      try writeAll(bytes, to: descriptor, path: path)
      guard fsync(descriptor) == 0 else { throw failure("sync", path) }
    } catch {
      close(descriptor)
      unlink(temporary)
      throw error
    }
    close(descriptor)
    guard rename(temporary, path) == 0 else {
      let error = failure("rename", path)
      unlink(temporary)
      throw error
    }
    syncDirectory(of: path)
  }

  /// Creates a folder and those above it.
  public static func createDirectory(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw MLError(
        .io, "\(path): cannot be created (\(reason())).", hint: "Check that the folder above exists and is writable.",
        cause: error)
    }
  }

  /// Names in a folder, sorted.
  public static func list(_ path: String) throws -> [String] {
    do { return try FileManager.default.contentsOfDirectory(atPath: path).sorted() } catch {
      throw failure("list", path)
    }
  }

  /// Removes a file or a folder with all in it; nothing there is no error.
  public static func remove(_ path: String) throws {
    guard exists(path) else { return }
    do { try FileManager.default.removeItem(atPath: path) } catch { throw failure("remove", path) }
  }

  /// Bytes free on the disk that holds `path`; `nil` where the system does not say.
  public static func freeBytes(_ path: String) -> Int? {
    var facts = statvfs()
    guard statvfs(path, &facts) == 0 else { return nil }
    return Int(facts.f_bavail) * Int(facts.f_frsize)
  }

  /// Whether files can be created in the folder `path`.
  public static func isWritable(_ path: String) -> Bool { access(path, W_OK) == 0 }

  /// The present folder.
  public static var currentDirectory: String { FileManager.default.currentDirectoryPath }

  /// `path` made absolute against the present folder.
  public static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : currentDirectory + "/" + path
  }

  /// Last component of a path.
  public static func name(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// All but the last component; `.` when there is none.
  public static func parent(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// A new empty folder for temporary files.
  public static func temporaryDirectory(prefix: String = "apus") throws -> String {
    let path = FileManager.default.temporaryDirectory.path + "/\(prefix)-\(UUID().uuidString)"
    try createDirectory(path)
    return path
  }

  static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws {
    var offset = 0
    while offset < bytes.count {
      let written = bytes.withUnsafeBytes { buffer in
        // SAFETY: `offset < bytes.count`, so base + offset … count lies inside the array for the duration of the call.
        Foundation.write(descriptor, buffer.baseAddress.map { $0 + offset }, bytes.count - offset)
      }
      if written < 0 {
        if errno == EINTR { continue }
        throw failure("write", path)
      }
      offset += written
    }
  }

  static func syncDirectory(of path: String) {
    let descriptor = open(parent(path), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  static func reason() -> String { String(cString: strerror(errno)) }

  static func failure(_ verb: String, _ path: String) -> MLError {
    let number = errno
    let why = String(cString: strerror(number))
    switch number {
    case ENOENT:
      return MLError(
        .notFound, "\(path): cannot \(verb); there is no such file.",
        hint: "Check the path; the present folder is \(currentDirectory).")
    case ENOSPC, EDQUOT:
      return MLError(
        .io, "\(path): cannot \(verb); the disk is full.",
        hint: "Free some space on that disk and run the same command again; nothing was half-written.")
    case EACCES, EPERM, EROFS:
      return MLError(
        .io, "\(path): cannot \(verb); \(why).",
        hint: "Check the permissions, or choose another folder with --workspace.")
    default:
      return MLError(.io, "\(path): cannot \(verb); \(why).")
    }
  }
}

/// A file mapped into memory, read-only, for as long as the object lives.
public final class MappedFile: Sendable {
  /// Bytes in the file.
  public let count: Int
  /// The path it came from.
  public let path: String
  private let address: UInt

  /// Maps the file at `path`.
  ///
  /// - Throws: `.notFound`, `.invalidData` for a folder, `.io` with the system's reason.
  public init(_ path: String) throws {
    self.path = path
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileSystem.failure("read", path) }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw FileSystem.failure("read", path) }
    guard (facts.st_mode & S_IFMT) == S_IFREG else {
      throw MLError(.invalidData, "\(path): must be a file; got a folder or a device.", hint: "Name a file inside it.")
    }
    count = Int(facts.st_size)
    guard count > 0 else {
      address = 0
      return
    }
    let mapped = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let mapped, mapped != MAP_FAILED else { throw FileSystem.failure("map", path) }
    address = UInt(bitPattern: mapped)
  }

  // SAFETY: `address` and `count` are those of the mapping made in `init`, which nothing else unmaps.
  deinit { if count > 0 { munmap(UnsafeMutableRawPointer(bitPattern: address), count) } }

  /// Lends the bytes; they must not escape the closure.
  public func withBytes<T>(_ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
    // SAFETY: the mapping lives until deinit and `self` is kept alive by the call.
    try withExtendedLifetime(self) {
      try body(UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: count))
    }
  }
}
