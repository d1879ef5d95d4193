public import Basics

/// Where a run stands.
public enum RunState: String, Sendable, Hashable, CaseIterable {
  /// Its process is at work.
  case running
  /// Ended well.
  case finished
  /// Ended with an error.
  case failed
  /// Stopped on request.
  case cancelled
  /// Its process died without saying goodbye.
  case interrupted
}

/// A measured value of a run with its interval.
public struct RunMetric: Sendable, Hashable {
  /// Metric name, e.g. `roc_auc`.
  public var name: String
  /// Which rows: `train`, `validation`, `test`, …
  public var split: String
  /// The value.
  public var value: Double
  /// Lower end of its 95 % interval.
  public var low: Double?
  /// Upper end of its 95 % interval.
  public var high: Double?

  /// Makes one.
  public init(_ name: String, _ value: Double, low: Double? = nil, high: Double? = nil, split: String = "test") {
    self.name = name
    self.split = split
    self.value = value
    self.low = low
    self.high = high
  }

  /// `{"value", "low", "high"}`.
  public var json: JSONValue {
    .object([("value", .finite(value)), ("low", .finite(low)), ("high", .finite(high))])
  }
}

/// One point of a metric that changes while a run goes on.
public struct MetricPoint: Sendable, Hashable {
  /// Metric name.
  public var key: String
  /// Round, epoch or other count.
  public var step: Int64
  /// The value.
  public var value: Double
  /// When it was measured.
  public var time: Timestamp

  /// Makes one.
  public init(key: String, step: Int64, value: Double, time: Timestamp) {
    self.key = key
    self.step = step
    self.value = value
    self.time = time
  }
}

/// A line of a run's story; appended, never changed.
public struct RunEvent: Sendable, Hashable {
  /// Position in the run's story, from 1.
  public let sequence: Int64
  /// When it happened.
  public let time: Timestamp
  /// Kind, e.g. `stage`, `decision`, `warning`.
  public let kind: String
  /// What happened, for people.
  public let message: String
  /// Facts for programs.
  public let details: JSONValue

  /// All fields, snake case.
  public var json: JSONValue {
    .object([
      ("sequence", .integer(sequence)), ("time", .string(time.description)), ("kind", .string(kind)),
      ("message", .string(message)), ("details", details),
    ])
  }
}

/// What is known when a run begins.
public struct RunDraft: Sendable, Hashable {
  /// Name of the run in the workspace; the same id is the same run, whoever starts it again.
  public var id: String
  /// Project it belongs to.
  public var project: String
  /// What it does: `train`, `retrain`, `evaluate`, `tune`, …
  public var kind: String
  /// Name for people; may repeat.
  public var name: String
  /// Seed of every random choice.
  public var seed: UInt64
  /// Resolved settings.
  public var parameters: JSONValue
  /// Digests of the dataset versions it reads.
  public var datasets: [Digest]
  /// The resolved project file.
  public var projectFile: String
  /// Code and environment: library version, system, command line.
  public var environment: JSONValue

  /// Makes one.
  public init(
    id: String, project: String, kind: String = "train", name: String = "", seed: UInt64 = 0,
    parameters: JSONValue = .object([]), datasets: [Digest] = [], projectFile: String = "",
    environment: JSONValue = .object([])
  ) {
    self.id = id
    self.project = project
    self.kind = kind
    self.name = name
    self.seed = seed
    self.parameters = parameters
    self.datasets = datasets
    self.projectFile = projectFile
    self.environment = environment
  }
}

/// What a run leaves behind when it ends.
public struct RunOutcome: Sendable, Hashable {
  /// `.finished`, `.failed` or `.cancelled`.
  public var state: RunState
  /// Measured values.
  public var metrics: [RunMetric]
  /// The candidates in the shape of `train --json`.
  public var candidates: JSONValue
  /// What checks said.
  public var findings: JSONValue
  /// The gate's result in the shape of `train --json`.
  public var gate: JSONValue
  /// `name@version` of the version it registered.
  public var modelVersion: String?
  /// Why it failed.
  public var error: String?
  /// Anything else worth keeping, e.g. the whole `train --json` document.
  public var report: JSONValue

  /// Makes one.
  public init(
    state: RunState, metrics: [RunMetric] = [], candidates: JSONValue = .array([]), findings: JSONValue = .array([]),
    gate: JSONValue = .null, modelVersion: String? = nil, error: String? = nil, report: JSONValue = .null
  ) {
    self.state = state
    self.metrics = metrics
    self.candidates = candidates
    self.findings = findings
    self.gate = gate
    self.modelVersion = modelVersion
    self.error = error
    self.report = report
  }
}

/// The facts of a run that lists show.
public struct RunSummary: Sendable, Hashable {
  /// Name of the run in the workspace.
  public let id: String
  /// Project it belongs to.
  public let project: String
  /// What it does.
  public let kind: String
  /// Name for people.
  public let name: String
  /// Where it stands; `.interrupted` when its process is gone.
  public let state: RunState
  /// When it began.
  public let createdAt: Timestamp
  /// When it ended.
  public let finishedAt: Timestamp?
  /// Seed of every random choice.
  public let seed: UInt64
  /// How often it was begun, from 1.
  public let attempt: Int
  /// `name@version` of the version it registered.
  public let modelVersion: String?
  /// Why it failed.
  public let error: String?
  /// Measured values, by split and name.
  public let metrics: [RunMetric]

  /// All fields, snake case; metrics as `{split: {name: {value, low, high}}}`.
  public var json: JSONValue {
    .object([
      ("id", .string(id)), ("project", .string(project)), ("kind", .string(kind)), ("name", .string(name)),
      ("state", .string(state.rawValue)), ("created_at", .string(createdAt.description)),
      ("finished_at", .optional(finishedAt?.description)), ("seed", .string(String(seed))),
      ("attempt", .integer(Int64(attempt))), ("model", .optional(modelVersion)), ("error", .optional(error)),
      ("metrics", Self.json(of: metrics)),
    ])
  }

  static func json(of metrics: [RunMetric]) -> JSONValue {
    var splits: [(String, JSONValue)] = []
    for metric in metrics {
      let index = splits.firstIndex { $0.0 == metric.split } ?? splits.count
      if index == splits.count { splits.append((metric.split, .object([]))) }
      splits[index].1[metric.name] = metric.json
    }
    return .object(splits)
  }
}

/// One execution with all it is known by.
public struct Run: Sendable, Hashable {
  /// The facts that lists show.
  public let summary: RunSummary
  /// Resolved settings.
  public let parameters: JSONValue
  /// Digests of the dataset versions it read.
  public let datasets: [Digest]
  /// The resolved project file.
  public let projectFile: String
  /// Code and environment.
  public let environment: JSONValue
  /// The candidates.
  public let candidates: JSONValue
  /// What checks said.
  public let findings: JSONValue
  /// The gate's result.
  public let gate: JSONValue
  /// Anything else it left.
  public let report: JSONValue
  /// Tags by name.
  public let tags: [(key: String, value: String)]
  /// Its story.
  public let events: [RunEvent]

  /// Name of the run in the workspace.
  public var id: String { summary.id }
  /// Where it stands.
  public var state: RunState { summary.state }

  /// All fields, snake case.
  public var json: JSONValue {
    guard case .object(var pairs) = summary.json else { return .null }
    pairs.append(("parameters", parameters))
    pairs.append(("datasets", .array(datasets.map { .string($0.hex) })))
    pairs.append(("candidates", candidates))
    pairs.append(("findings", findings))
    pairs.append(("gate", gate))
    pairs.append(("environment", environment))
    pairs.append(("project_file", .string(projectFile)))
    pairs.append(("tags", .object(tags.map { ($0.key, .string($0.value)) })))
    pairs.append(("events", .array(events.map(\.json))))
    return .object(pairs)
  }

  /// Equal when all but the tags' labels are; tags compare by key and value.
  public static func == (a: Run, b: Run) -> Bool {
    a.json == b.json && a.report == b.report
  }

  /// Hashes the id.
  public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

/// Which runs to list.
public struct RunQuery: Sendable, Hashable {
  /// Only this project.
  public var project: String?
  /// Only this kind.
  public var kind: String?
  /// Only these states; empty means all.
  public var states: [RunState]
  /// Best first by this metric, instead of newest first.
  public var orderedBy: MetricOrder?
  /// At most so many.
  public var limit: Int
  /// Skip so many.
  public var offset: Int

  /// A metric to sort by.
  public struct MetricOrder: Sendable, Hashable {
    /// Metric name.
    public var name: String
    /// Which rows.
    public var split: String
    /// Whether higher comes first.
    public var descending: Bool

    /// Makes one.
    public init(_ name: String, split: String = "test", descending: Bool) {
      self.name = name
      self.split = split
      self.descending = descending
    }
  }

  /// Makes one.
  public init(
    project: String? = nil, kind: String? = nil, states: [RunState] = [], orderedBy: MetricOrder? = nil,
    limit: Int = 100, offset: Int = 0
  ) {
    self.project = project
    self.kind = kind
    self.states = states
    self.orderedBy = orderedBy
    self.limit = limit
    self.offset = offset
  }
}

/// What happened when a run was begun.
public enum RunBeginning: Sendable, Hashable {
  /// It is yours to execute, for the first time or again after a failure or an interruption.
  case started(RunSummary)
  /// A run of this id has already finished: report what it found instead of doing it twice.
  case alreadyFinished(RunSummary)
}
