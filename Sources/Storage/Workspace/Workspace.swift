public import Basics

/// The folder `.apus/` that holds projects' records: one SQLite database and content-addressed objects.
///
/// All calls are synchronous and may come from any thread and from several processes at once; each either happens
/// whole or not at all, and what returned survives the death of the process. Callers on the cooperative pool move
/// them off it.
///
///     let workspace = try Workspace.open(at: ".apus", create: true, clock: SystemClock())
///     let archive = try workspace.objects.put(bytes)
///     let version = try workspace.register(
///       ModelDraft(model: "churn", project: "churn", run: "r1", archive: archive), actor: "ana")
public final class Workspace: Sendable {
  /// The folder.
  public let path: String
  /// Files by the digest of their content.
  public let objects: ObjectStore
  /// Where the time comes from.
  public let clock: any WallClock
  let database: Database

  /// Whether writes are refused because the folder cannot be written.
  public var isReadOnly: Bool { database.isReadOnly }

  init(path: String, database: Database, clock: any WallClock) {
    self.path = path
    self.database = database
    self.clock = clock
    objects = ObjectStore(path: path + "/objects")
  }

  /// Name of the folder.
  public static let folderName = ".apus"

  /// Opens the workspace in folder `path` (the `.apus` folder itself), bringing its tables up to date.
  ///
  /// A folder that cannot be written is opened for reading only. Runs whose process died are marked as interrupted,
  /// and files left half-written by processes that are gone are removed.
  ///
  /// - Throws: `.notFound` when there is none and `create` is false; `.io` when it cannot be made; `.corruptFile` when
  ///   the database is damaged; `.unsupportedVersion` when a newer release wrote it.
  public static func open(at path: String, create: Bool, clock: any WallClock = SystemClock()) throws -> Workspace {
    let file = path + "/apus.sqlite"
    guard FileSystem.exists(file) || create else {
      throw MLError(
        .notFound, "\(path): there is no workspace.",
        hint: "Run a command that makes one, such as 'apus train', or choose another with --workspace.")
    }
    if FileSystem.exists(file), !FileSystem.isWritable(path) || !FileSystem.isWritable(file) {
      return try openForReading(at: path, file: file, clock: clock)
    }
    let isNew = !FileSystem.exists(file)
    if isNew { try FileSystem.createDirectory(path + "/objects") }
    let database = try FileLock.holding(path + "/lock") {
      if isNew, !FileSystem.exists(path + "/.gitignore") {
        try FileSystem.write(Array("*\n".utf8), to: path + "/.gitignore")
      }
      return try Database(writingAt: file, migrations: Migration.all)
    }
    let workspace = Workspace(path: path, database: database, clock: clock)
    try workspace.removeOrphans()
    try workspace.markInterruptedRuns()
    return workspace
  }

  /// The nearest workspace folder in `directory` or above it.
  public static func find(from directory: String) -> String? {
    var folder = FileSystem.absolute(directory)
    while true {
      let candidate = (folder == "/" ? "" : folder) + "/" + folderName
      if FileSystem.exists(candidate + "/apus.sqlite") { return candidate }
      let parent = FileSystem.parent(folder)
      if parent == folder || parent == "." { return nil }
      folder = parent
    }
  }

  /// Opens in place, or where the log beside the database cannot be shared without writing, a copy of both.
  private static func openForReading(at path: String, file: String, clock: any WallClock) throws -> Workspace {
    do {
      return Workspace(path: path, database: try Database(readingAt: file, migrations: Migration.all), clock: clock)
    } catch let error as MLError where error.code == .io {
      let copy = try FileSystem.temporaryDirectory(prefix: "apus-snapshot") + "/apus.sqlite"
      defer { try? FileSystem.remove(FileSystem.parent(copy)) }
      for suffix in ["", "-wal"] where FileSystem.exists(file + suffix) {
        _ = try FileSystem.copy(file + suffix, toNew: copy + suffix)
      }
      return Workspace(path: path, database: try Database(readingAt: copy, migrations: Migration.all), clock: clock)
    }
  }
}
