import Basics
import GRDB

/// How long a write is held back before it counts as done.
enum Durability {
  /// Survives a power cut: the log is synced at every commit. For registry, gate and audit records.
  case synced
  /// Survives the death of the process; synced at checkpoints. For predictions and metrics, written in batches.
  case batched
}

/// The workspace's SQLite file: one writer and several readers in this process, others in other processes.
final class Database: Sendable {
  private let reader: any DatabaseReader
  private let pool: DatabasePool?
  private let path: String

  /// Whether writes are refused.
  var isReadOnly: Bool { pool == nil }

  /// Opens for reading and writing, and brings the tables up to date.
  ///
  /// Callers hold a lock between processes: switching a new file to write-ahead logging and migrating it must not
  /// happen twice at once.
  init(writingAt path: String, migrations: [Migration]) throws {
    self.path = path
    let pool = try translating(path) {
      let pool = try DatabasePool(path: path, configuration: Self.configuration(readOnly: false))
      try Self.migrate(pool, path: path, migrations)
      return pool
    }
    self.pool = pool
    self.reader = pool
  }

  /// Opens for reading only.
  init(readingAt path: String, migrations: [Migration]) throws {
    self.path = path
    self.pool = nil
    reader = try translating(path) {
      let queue = try DatabaseQueue(path: path, configuration: Self.configuration(readOnly: true))
      let migrator = Self.migrator(migrations)
      try queue.read { db in
        try Self.refuseNewer(migrator, db, path: path)
        guard try migrator.hasCompletedMigrations(db) else {
          throw MLError(
            .unsupportedVersion, "\(path): is of an older release and cannot be brought up to date; it is read-only.",
            hint: "Make the workspace writable and run 'apus doctor' once.")
        }
      }
      return queue
    }
  }

  /// Reads one consistent state; a read inside a read sees the same one.
  func read<T>(_ body: (Connection) throws -> T) throws -> T {
    try translating(path) {
      // SAFETY: isolation is ours: each read runs in a transaction of its own, or in that of the read around it.
      try reader.unsafeReentrantRead { db in
        if db.isInsideTransaction { return try body(Connection(db)) }
        var result: Result<T, any Error>?
        try db.inTransaction(.deferred) {
          result = .success(try body(Connection(db)))
          return .commit
        }
        guard let result else { throw MLError(.internalFailure, "workspace: a read ended without a result.") }
        return try result.get()
      }
    }
  }

  /// Writes all or nothing, one writer at a time among all threads and processes.
  ///
  /// - Throws: what `body` throws, after undoing all; `.io` when the workspace is read-only or the disk is full;
  ///   `.unavailable` when another process kept the database busy for ten seconds.
  func write<T>(_ durability: Durability = .synced, _ body: (Connection) throws -> T) throws -> T {
    guard let pool else {
      throw MLError(
        .io, "\(FileSystem.parent(path)): the workspace is read-only; nothing was written.",
        hint: "Change its permissions, or choose another with --workspace.")
    }
    return try translating(path) {
      try pool.writeWithoutTransaction { db in
        // DatabasePool sets NORMAL after its own set-up, so the level is chosen here, outside any transaction.
        try db.execute(sql: durability == .synced ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL")
        var result: Result<T, any Error>?
        try db.inTransaction(.immediate) {
          result = .success(try body(Connection(db)))
          return .commit
        }
        guard let result else { throw MLError(.internalFailure, "workspace: a write ended without a result.") }
        return try result.get()
      }
    }
  }

  /// What SQLite's own checks say; empty when all is well.
  func integrityProblems() throws -> [String] {
    try translating(path) {
      try reader.read { db in
        let pages = try String.fetchAll(db, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }
        let links = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check")
        return pages + links.map { "a row of '\($0[0] as String? ?? "?")' refers to nothing" }
      }
    }
  }

  /// The level of `PRAGMA synchronous` the last write left, for tests: 1 normal, 2 full.
  func synchronousLevel() throws -> Int {
    guard let pool else { return 0 }
    return try translating(path) {
      try pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") ?? 0 }
    }
  }

  private static func configuration(readOnly: Bool) -> GRDB.Configuration {
    var configuration = GRDB.Configuration()
    configuration.readonly = readOnly
    configuration.foreignKeysEnabled = true
    configuration.busyMode = .timeout(10)
    configuration.maximumReaderCount = 4
    configuration.label = "workspace"
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA cell_size_check = ON")
    }
    return configuration
  }

  private static func migrator(_ migrations: [Migration]) -> DatabaseMigrator {
    var migrator = DatabaseMigrator()
    for migration in migrations {
      migrator.registerMigration(migration.name, foreignKeyChecks: .immediate) { try $0.execute(sql: migration.sql) }
    }
    return migrator
  }

  private static func migrate(_ pool: DatabasePool, path: String, _ migrations: [Migration]) throws {
    let migrator = migrator(migrations)
    let isComplete = try pool.read { db in
      try refuseNewer(migrator, db, path: path)
      return try migrator.hasCompletedMigrations(db)
    }
    guard !isComplete else { return }
    try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    try migrator.migrate(pool)
  }

  private static func refuseNewer(_ migrator: DatabaseMigrator, _ db: GRDB.Database, path: String) throws {
    guard try migrator.hasBeenSuperseded(db) else { return }
    throw MLError(
      .unsupportedVersion, "\(path): was written by a newer release of apus.",
      hint: "Update apus, or choose another workspace with --workspace.")
  }
}
