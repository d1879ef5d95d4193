import Basics
import Foundation
import GRDB

/// The database inside a transaction; lent to a closure and never kept.
struct Connection {
  private let database: GRDB.Database

  init(_ database: GRDB.Database) { self.database = database }

  /// Runs one statement; the statement stays compiled for the next call with the same text.
  func execute(_ sql: String, _ arguments: [SQLValue] = []) throws {
    try database.cachedStatement(sql: sql).execute(arguments: StatementArguments(arguments))
  }

  /// All rows of a query.
  func rows(_ sql: String, _ arguments: [SQLValue] = []) throws -> [SQLRow] {
    var out: [SQLRow] = []
    let cursor = try Row.fetchCursor(database.cachedStatement(sql: sql), arguments: StatementArguments(arguments))
    while let row = try cursor.next() { out.append(SQLRow(row.copy())) }
    return out
  }

  /// Lends the rows of a query one by one until `body` returns `false`; a row must not escape the closure.
  func forEach(_ sql: String, _ arguments: [SQLValue] = [], _ body: (SQLRow) throws -> Bool) throws {
    let cursor = try Row.fetchCursor(database.makeStatement(sql: sql), arguments: StatementArguments(arguments))
    while let row = try cursor.next() {
      guard try body(SQLRow(row)) else { return }
    }
  }

  /// The first row of a query.
  func first(_ sql: String, _ arguments: [SQLValue] = []) throws -> SQLRow? {
    let cursor = try Row.fetchCursor(database.cachedStatement(sql: sql), arguments: StatementArguments(arguments))
    return try cursor.next().map { SQLRow($0.copy()) }
  }

  /// The integer in the first column of the first row; 0 when there is no row or no value.
  func count(_ sql: String, _ arguments: [SQLValue] = []) throws -> Int {
    try first(sql, arguments)?.optionalInteger(0) ?? 0
  }

  /// A statement compiled once, to be run for many rows.
  func prepare(_ sql: String) throws -> PreparedStatement {
    PreparedStatement(try database.cachedStatement(sql: sql))
  }

  /// Rows changed by the statement that ran last.
  var changes: Int { database.changesCount }

  /// Key of the row inserted last.
  var lastKey: Int64 { database.lastInsertedRowID }
}

/// A compiled statement.
struct PreparedStatement {
  private let statement: Statement

  init(_ statement: Statement) { self.statement = statement }

  /// Runs it; `values` take the places of the placeholders, in order.
  ///
  /// - Throws: the database's error.
  func run(_ values: [SQLValue]) throws { try statement.execute(arguments: StatementArguments(values)) }
}

/// One row of a result, read by name or by position.
struct SQLRow {
  private let row: Row

  init(_ row: Row) { self.row = row }

  func text(_ column: String) throws -> String { try required(row[column], column) }
  func text(_ index: Int) throws -> String { try required(row[index], "#\(index)") }
  func optionalText(_ column: String) -> String? { row[column] }
  func optionalText(_ index: Int) -> String? { row[index] }
  func integer(_ column: String) throws -> Int { try required(row[column], column) }
  func integer(_ index: Int) throws -> Int { try required(row[index], "#\(index)") }
  func optionalInteger(_ column: String) -> Int? { row[column] }
  func optionalInteger(_ index: Int) -> Int? { row[index] }
  func real(_ column: String) throws -> Double { try required(row[column], column) }
  func real(_ index: Int) throws -> Double { try required(row[index], "#\(index)") }
  func optionalReal(_ column: String) -> Double? { row[column] }

  func blob(_ index: Int) -> [UInt8] {
    guard let bytes: Data = row[index] else { return [] }
    return [UInt8](bytes)
  }

  /// A number or a text, as it was stored.
  func outcome(_ index: Int) throws -> Outcome {
    switch (row[index] as DatabaseValue).storage {
    case .double(let value): .number(value)
    case .int64(let value): .number(Double(value))
    case .string(let text): .text(text)
    case .null, .blob: throw damaged("#\(index)")
    }
  }

  private func required<Value>(_ value: Value?, _ column: String) throws -> Value {
    guard let value else { throw damaged(column) }
    return value
  }

  private func damaged(_ column: String) -> MLError {
    MLError(
      .corruptFile, "workspace: a record has no usable value in '\(column)'.",
      hint: "Run 'apus doctor' to find what is damaged.")
  }
}

extension SQLRow {
  func time(_ column: String) throws -> Timestamp { Timestamp(microseconds: Int64(try integer(column))) }
  func time(_ index: Int) throws -> Timestamp { Timestamp(microseconds: Int64(try integer(index))) }
  func optionalTime(_ column: String) -> Timestamp? {
    optionalInteger(column).map { Timestamp(microseconds: Int64($0)) }
  }
  func digest(_ column: String) throws -> Digest { try Digest(hex: text(column)) }
  func json(_ column: String) throws -> JSONValue { try JSONValue(parsing: text(column)) }
  func optionalJSON(_ column: String) throws -> JSONValue? {
    try optionalText(column).map { try JSONValue(parsing: $0) }
  }
  func digests(_ column: String) throws -> [Digest] {
    try (json(column).arrayValue ?? []).map { try Digest(hex: $0.stringValue ?? "") }
  }
}

extension StatementArguments {
  fileprivate init(_ values: [SQLValue]) { self.init(values.map { $0.databaseValue }) }
}

extension SQLValue {
  fileprivate var databaseValue: DatabaseValue {
    switch self {
    case .null: .null
    case .integer(let value): value.databaseValue
    case .real(let value): value.databaseValue
    case .text(let value): value.databaseValue
    case .blob(let value): Data(value).databaseValue
    }
  }
}
