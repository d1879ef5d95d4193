public import Basics

/// A named thing that has versions.
public struct RegisteredModel: Sendable, Hashable {
  /// Its name, unique in the workspace.
  public let name: String
  /// Project it belongs to.
  public let project: String
  /// When its first version was registered.
  public let createdAt: Timestamp
  /// Number of versions.
  public let versionCount: Int
  /// Highest version.
  public let latestVersion: Int
  /// Where its aliases point, sorted by name.
  public let aliases: [ModelAlias]

  /// The version an alias points to.
  public func version(of alias: AliasName) -> Int? { aliases.first { $0.alias == alias }?.version }

  /// All fields, snake case.
  public var json: JSONValue {
    .object([
      ("name", .string(name)), ("project", .string(project)), ("created_at", .string(createdAt.description)),
      ("version_count", .integer(Int64(versionCount))), ("latest_version", .integer(Int64(latestVersion))),
      ("aliases", .object(aliases.map { ($0.alias.rawValue, .integer(Int64($0.version))) })),
    ])
  }
}

/// A movable name for a version.
public enum AliasName: String, Sendable, Hashable, CaseIterable, Comparable {
  /// Answers requests; guarded by the gate.
  case champion
  /// Answers a share of requests during a rollout; guarded by the gate.
  case challenger
  /// Sees copies of requests and answers none; needs no gate.
  case shadow

  /// Whether a version needs a passing gate record before this alias may point to it.
  public var needsGate: Bool { self != .shadow }

  /// By name.
  public static func < (a: AliasName, b: AliasName) -> Bool { a.rawValue < b.rawValue }
}

/// Where an alias points, and since when.
public struct ModelAlias: Sendable, Hashable {
  /// The model.
  public let model: String
  /// The name.
  public let alias: AliasName
  /// The version it points to.
  public let version: Int
  /// Since when.
  public let since: Timestamp
}

/// One move of an alias; appended, never changed.
public struct AliasMove: Sendable, Hashable {
  /// What was done.
  public enum Action: String, Sendable, Hashable {
    /// Pointed at a version.
    case promote
    /// Pointed back at the version before.
    case rollback
    /// Taken away.
    case clear
  }

  /// Position in the workspace's list of moves.
  public let sequence: Int64
  /// When.
  public let time: Timestamp
  /// The model.
  public let model: String
  /// The alias.
  public let alias: AliasName
  /// What was done.
  public let action: Action
  /// Where it points now; `nil` when cleared.
  public let version: Int?
  /// Where it pointed before.
  public let previous: Int?
  /// Who did it.
  public let actor: String
  /// Why.
  public let reason: String

  /// All fields, snake case.
  public var json: JSONValue {
    .object([
      ("sequence", .integer(sequence)), ("time", .string(time.description)), ("model", .string(model)),
      ("alias", .string(alias.rawValue)), ("action", .string(action.rawValue)),
      ("version", version.map { .integer(Int64($0)) } ?? .null),
      ("previous", previous.map { .integer(Int64($0)) } ?? .null), ("actor", .string(actor)),
      ("reason", .string(reason)),
    ])
  }
}

/// What is known of a model version before the workspace gives it a number.
public struct ModelDraft: Sendable, Hashable {
  /// Name of the model.
  public var model: String
  /// Project it belongs to.
  public var project: String
  /// Run that made it; registering twice under one run is registering once.
  public var run: String
  /// Digest of the archive, already put among the objects.
  public var archive: Digest
  /// Task, target, algorithm and other facts that lists show.
  public var summary: JSONValue
  /// Metrics in the shape of `train --json`: `{name: {value, low, high}}`.
  public var metrics: JSONValue
  /// How often the sealed test rows had been opened when it was measured.
  public var sealedOpenings: Int

  /// Makes one.
  public init(
    model: String, project: String, run: String, archive: Digest, summary: JSONValue = .object([]),
    metrics: JSONValue = .object([]), sealedOpenings: Int = 0
  ) {
    self.model = model
    self.project = project
    self.run = run
    self.archive = archive
    self.summary = summary
    self.metrics = metrics
    self.sealedOpenings = sealedOpenings
  }
}

/// How far a version has come.
public enum ModelStage: String, Sendable, Hashable {
  /// Registered, not yet judged by a gate.
  case registered
  /// Its latest gate record did not pass.
  case refused
  /// Its latest gate record passed or was overridden; persons must still approve it.
  case waiting
  /// Its latest gate record passed or was overridden, and who had to has approved it; no alias points to it.
  case approved
  /// Answers requests.
  case champion
  /// Answers a share of requests.
  case challenger
  /// Sees copies of requests.
  case shadow
  /// Was champion once.
  case retired
}

/// One immutable archive of a model.
public struct ModelVersion: Sendable, Hashable {
  /// Name of the model.
  public let model: String
  /// Version, counted from 1.
  public let version: Int
  /// Project it belongs to.
  public let project: String
  /// Digest of the archive among the objects.
  public let archive: Digest
  /// Run that made it.
  public let run: String
  /// Task, target, algorithm and other facts.
  public let summary: JSONValue
  /// Metrics in the shape of `train --json`.
  public let metrics: JSONValue
  /// How often the sealed test rows had been opened when it was measured.
  public let sealedOpenings: Int
  /// When it was registered.
  public let createdAt: Timestamp
  /// Its latest gate record.
  public let gate: GateRecord?
  /// Every override of its gate records there ever was, newest first.
  public let overrides: [GateOverrideRecord]
  /// Approvals of its latest gate record, oldest first.
  public let approvals: [ApprovalRecord]
  /// Aliases that point to it, sorted.
  public let aliases: [AliasName]
  /// Whether it was champion at some time.
  public let wasChampion: Bool

  /// `name@version`.
  public var reference: String { "\(model)@\(version)" }

  /// How far it has come.
  public var stage: ModelStage {
    if let first = aliases.first {
      return first == .champion ? .champion : first == .challenger ? .challenger : .shadow
    }
    if wasChampion { return .retired }
    guard let gate else { return .registered }
    guard gate.allPassed || override != nil else { return .refused }
    return approvals.count < gate.approvalsNeeded ? .waiting : .approved
  }

  /// The override of its latest gate record; `nil` when nobody had to.
  public var override: GateOverrideRecord? { overrides.first { $0.gate == gate?.digest } }

  /// All fields, snake case.
  public var json: JSONValue {
    .object([
      ("model", .string(model)), ("version", .integer(Int64(version))), ("project", .string(project)),
      ("stage", .string(stage.rawValue)), ("aliases", .array(aliases.map { .string($0.rawValue) })),
      ("archive", .string(archive.hex)), ("run", .string(run)), ("created_at", .string(createdAt.description)),
      ("sealed_openings", .integer(Int64(sealedOpenings))), ("summary", summary), ("metrics", metrics),
      ("gate", gate?.json ?? .null), ("override", override?.json ?? .null),
      ("overrides", .array(overrides.map(\.json))),
      (
        "approvals",
        [
          "needed": .integer(Int64(gate?.approvalsNeeded ?? 0)), "given": .array(approvals.map(\.json)),
        ]
      ),
    ])
  }
}
