import Basics
import GRDB

/// Runs `body` and turns the database's errors into ours, with the way out.
func translating<T>(_ path: String, _ body: () throws -> T) throws -> T {
  do { return try body() } catch let error as DatabaseError { throw failure(of: error, path: path) }
}

private func failure(of error: DatabaseError, path: String) -> MLError {
  let reason = error.message ?? "code \(error.extendedResultCode.rawValue)"
  switch error.resultCode {
  case .SQLITE_FULL:
    return MLError(
      .io, "\(path): cannot write; the disk is full.",
      hint: "Free some space on that disk and run the same command again; nothing was half-written.", cause: error)
  case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN:
    return MLError(
      .io, "\(path): cannot be opened or written (\(reason)).",
      hint: "Check the permissions of the folder, or choose another with --workspace.", cause: error)
  case .SQLITE_CORRUPT, .SQLITE_NOTADB:
    return MLError(
      .corruptFile, "\(path): is damaged or is not a database (\(reason)).",
      hint: "Run 'apus doctor', and restore the workspace from a copy.", cause: error)
  case .SQLITE_BUSY, .SQLITE_LOCKED:
    return MLError(
      .unavailable, "\(path): another process has kept the workspace busy for ten seconds.",
      hint: "Wait for it to end, then run the same command again.", cause: error)
  case .SQLITE_CONSTRAINT:
    return MLError(.conflict, "workspace: \(reason).", cause: error)
  case .SQLITE_IOERR:
    return MLError(
      .io, "\(path): cannot be read or written (\(reason)).", hint: "Check the disk and its free space.", cause: error)
  default:
    return MLError(.internalFailure, "\(path): the database refused (\(reason)).", cause: error)
  }
}
