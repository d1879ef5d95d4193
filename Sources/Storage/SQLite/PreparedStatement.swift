import Basics
import GRDB
import GRDBSQLite

/// A statement compiled once and run for many rows, past the general path's boxing of every value.
struct PreparedStatement {
  private let statement: Statement
  private let handle: SQLiteStatement

  init(_ statement: Statement) {
    self.statement = statement
    handle = statement.sqliteStatement
  }

  /// Runs it with these values, which must be as many as it has placeholders.
  ///
  /// - Throws: the database's error; `.internalFailure` when the counts differ.
  func run(_ values: SQLValue...) throws {
    guard Int(sqlite3_bind_parameter_count(handle)) == values.count else {
      throw MLError(.internalFailure, "workspace: a statement got \(values.count) values; must fit its placeholders.")
    }
    // SAFETY: `handle` belongs to `statement`, which lives as long as this value; both are used only inside the
    // transaction that lends the connection. The reset makes the handle ready for new values.
    sqlite3_reset(handle)
    for (index, value) in values.enumerated() { try check(bind(value, at: CInt(index + 1)), expecting: SQLITE_OK) }
    try check(sqlite3_step(handle), expecting: SQLITE_DONE)
    sqlite3_reset(handle)
  }

  private func bind(_ value: SQLValue, at index: CInt) -> CInt {
    // SAFETY: SQLite copies texts and blobs before the call returns (the destructor is SQLITE_TRANSIENT), so the
    // borrowed bytes do not escape; lengths are those of the borrowed buffers.
    let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    switch value {
    case .null: return sqlite3_bind_null(handle, index)
    case .integer(let value): return sqlite3_bind_int64(handle, index, value)
    case .real(let value): return sqlite3_bind_double(handle, index, value)
    case .text(""): return sqlite3_bind_text(handle, index, "", 0, copied)
    case .text(var text):
      return text.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) {
          sqlite3_bind_text(handle, index, $0.baseAddress, CInt($0.count), copied)
        }
      }
    case .blob(let bytes):
      return bytes.withUnsafeBytes { sqlite3_bind_blob(handle, index, $0.baseAddress, CInt($0.count), copied) }
    }
  }

  private func check(_ code: CInt, expecting expected: CInt) throws {
    guard code != expected else { return }
    let message = String(cString: sqlite3_errmsg(sqlite3_db_handle(handle)))
    sqlite3_reset(handle)
    throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
  }
}
