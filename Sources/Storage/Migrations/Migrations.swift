/// One step of the tables' history; never edited once released.
struct Migration: Sendable {
  /// Unique name, numbered.
  let name: String
  /// Statements.
  let sql: String
}

extension Migration {
  /// All steps in order; new ones go to the end.
  static let all: [Migration] = [.audit, .runs, .registry, .traffic, .watching, .decisions]

  /// Triggers that let rows of a table be added and nothing else.
  static func appendOnly(_ table: String) -> String {
    """
    CREATE TRIGGER \(table)_never_changes BEFORE UPDATE ON \(table)
    BEGIN SELECT RAISE(ABORT, '\(table) records are append-only and cannot be changed'); END;
    CREATE TRIGGER \(table)_never_shrinks BEFORE DELETE ON \(table)
    BEGIN SELECT RAISE(ABORT, '\(table) records are append-only and cannot be deleted'); END;
    """
  }
}
