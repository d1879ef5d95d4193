import Foundation

/// An advisory lock between processes, held on a file; the system frees it when the process ends, however it ends.
public enum FileLock {
  /// Runs `body` while holding the lock at `path`, waiting for whoever holds it.
  ///
  /// - Throws: `.io` when the lock file cannot be made, and what `body` throws.
  public static func holding<T>(_ path: String, _ body: () throws -> T) throws -> T {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileSystem.failure("lock", path) }
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw FileSystem.failure("lock", path) }
    }
    return try body()
  }
}
