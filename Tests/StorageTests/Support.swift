import Basics
import Foundation
import Storage
import Synchronization
import Testing

/// A clock that moves one second at each look.
final class StepClock: WallClock {
  private let time: Mutex<Int64>

  init(_ start: Int64 = 1_800_000_000_000_000) { time = Mutex(start) }

  func now() -> Timestamp {
    time.withLock {
      $0 += 1_000_000
      return Timestamp(microseconds: $0)
    }
  }

  func advance(seconds: Int64) { time.withLock { $0 += seconds * 1_000_000 } }
}

/// A workspace in a folder of its own, removed at the end.
final class Scratch {
  let folder: String
  let clock = StepClock()
  let workspace: Workspace

  init() throws {
    folder = try FileSystem.temporaryDirectory(prefix: "storage-tests")
    workspace = try Workspace.open(at: folder + "/.apus", create: true, clock: clock)
  }

  deinit { try? FileSystem.remove(folder) }

  var path: String { folder + "/.apus" }

  /// Opens the same folder again, as another process would.
  func reopened() throws -> Workspace { try Workspace.open(at: path, create: false, clock: clock) }

  /// Runs statements past all our code, as somebody with a database tool would.
  func tamper(_ sql: String) throws { try RawSQLite.execute(sql, on: path + "/apus.sqlite") }

  /// Registers a version and lets a gate judge it.
  @discardableResult
  func register(
    _ run: String, checks: [GateCheckRecord]? = [passing], model: String = "churn", bytes: [UInt8]? = nil
  ) throws -> ModelVersion {
    let archive = try workspace.objects.put(bytes ?? Array("archive of \(model) \(run)".utf8))
    let version = try workspace.register(
      ModelDraft(model: model, project: model, run: run, archive: archive), actor: "ana")
    if let checks { try workspace.recordGate(checks, for: model, version.version, actor: "ana") }
    return version
  }

  static var passing: GateCheckRecord { check(0.9, atLeast: 0.8) }
  static var failing: GateCheckRecord { check(0.52, atLeast: 0.83) }

  static func check(_ value: Double, atLeast limit: Double) -> GateCheckRecord {
    GateCheckRecord(
      name: "goal: roc_auc", passed: value >= limit, value: value, limit: limit, relation: .atLeast,
      why: "roc_auc on the sealed test rows")
  }
}

let passing = Scratch.passing
let failing = Scratch.failing

/// The database's own C interface, looked up in the running program.
enum RawSQLite {
  private typealias Open = @convention(c) (UnsafePointer<CChar>, UnsafeMutablePointer<OpaquePointer?>) -> Int32
  private typealias Execute =
    @convention(c) (
      OpaquePointer?, UnsafePointer<CChar>, OpaquePointer?, OpaquePointer?, OpaquePointer?
    ) -> Int32
  private typealias Close = @convention(c) (OpaquePointer?) -> Int32
  private typealias Message = @convention(c) (OpaquePointer?) -> UnsafePointer<CChar>

  private static func function<T>(_ name: String, as type: T.Type) throws -> T {
    let symbol = try #require(dlsym(dlopen(nil, RTLD_NOW), name), "\(name) is linked into the tests")
    return unsafeBitCast(symbol, to: type)
  }

  static func execute(_ sql: String, on path: String) throws {
    var handle: OpaquePointer?
    let status = try function("sqlite3_open", as: Open.self)(path, &handle)
    defer { _ = try? function("sqlite3_close", as: Close.self)(handle) }
    try #require(status == 0)
    let result = try function("sqlite3_exec", as: Execute.self)(handle, sql, nil, nil, nil)
    if result != 0 {
      throw RawFailure(message: String(cString: try function("sqlite3_errmsg", as: Message.self)(handle)))
    }
  }
}

struct RawFailure: Error { let message: String }

/// Expects an error of ours whose message holds every one of `parts`.
func expect(
  _ code: MLError.Code, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) {
  do {
    try body()
    Issue.record("nothing was thrown", sourceLocation: sourceLocation)
  } catch let error as MLError {
    #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
    for part in parts { #expect(error.message.contains(part), "\(error)", sourceLocation: sourceLocation) }
  } catch {
    Issue.record("not an error of ours: \(error)", sourceLocation: sourceLocation)
  }
}
