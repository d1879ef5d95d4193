import Basics
import Evaluation
import Frames
import Modeling
import Tuning

/// What a training run must keep to besides finding a good model.
struct TrainingTerms: Sendable {
  var constraints = TrainingConstraints()
  var preference = Preference.accuracy
  var fairness = FairnessPlan()
  var costs: ProjectObjective.Costs?
  var guardrails: [Goal] = []
  /// What must be alike between groups, and the largest gap aimed at.
  var parity = FairnessMetric.demographicParity
  var largestGap = FairnessPlan.usualLimit
  /// Bytes of an archive besides its fitted candidates.
  var overheadBytes = 0

  init() {}

  init(_ project: ProjectFile, gate: Gate) {
    constraints = project.objective.constraints
    preference = project.objective.preference
    fairness = project.fairness
    costs = project.objective.costs
    guardrails = gate.guardrails.compactMap { if case .goal(let goal) = $0 { goal } else { nil } }
    let limits = gate.guardrails.compactMap { if case .fairness(let limit) = $0 { limit } else { nil } }
    parity = fairness.constraint ?? limits.first?.metric ?? .demographicParity
    largestGap = fairness.atMost ?? limits.first { $0.metric == parity }?.atMost ?? FairnessPlan.usualLimit
  }

  /// Whether the choice hangs on measured time, so that two runs may choose differently.
  var isTimed: Bool { constraints.rowMicroseconds != nil || preference == .speed }
  /// Whether candidates can be too slow or too large.
  var hasLimits: Bool { constraints.rowMicroseconds != nil || constraints.sizeBytes != nil }

  /// The terms with columns by their names, held against the table.
  ///
  /// - Throws: `.invalidParameter` or `.schemaMismatch` for what this table or preparation cannot keep.
  func resolved(_ table: TrainingTable, context: LifecycleContext) throws -> TrainingTerms {
    var copy = self
    let schema = table.training.features.schema
    copy.constraints.monotone = []
    for entry in constraints.monotone {
      let field = schema.fields[try schema.resolve(entry.column, in: "monotone")]
      guard [.number, .integer, .boolean].contains(field.kind) else {
        throw MLError(
          .invalidParameter, "monotone: '\(field.name)' must be a column of numbers; it is \(field.kind.rawValue).",
          hint: "Leave it out, or turn it into a number.", field: "monotone")
      }
      try copy.constraints.add(.init(column: field.name, isIncreasing: entry.isIncreasing))
    }
    guard constraints.monotone.isEmpty || table.reading.classNames.count <= 2 else {
      throw MLError(
        .invalidParameter,
        "monotone: a direction has a meaning for numbers and two classes; got \(table.reading.classNames.count) classes.",
        hint: "Leave it out.", field: "monotone")
    }
    try checkMitigation(table)
    if constraints.sizeBytes != nil { copy.overheadBytes = try ArchiveOverhead.bytes(table, context: context) }
    return copy
  }

  private func checkMitigation(_ table: TrainingTable) throws {
    guard let mitigation = fairness.mitigation else { return }
    guard table.reading.classNames.count == 2 else {
      throw MLError(
        .invalidParameter,
        "mitigate: needs two classes; '\(table.reading.column)' has \(table.reading.classNames.count).",
        hint: "Leave it out.", field: "mitigate")
    }
    guard table.training.audit.schema.count > 0 else {
      throw MLError(
        .invalidParameter, "mitigate: no protected column says whose gap is to be closed.",
        hint: "Add --protected COLUMN, or fairness.protected in apus.yaml.", field: "mitigate")
    }
    _ = try ProtectedGroups(table.training.audit, by: table.training.audit.schema.names)
    guard mitigation == .reweighing || [.demographicParity, .equalOpportunity, .equalizedOdds].contains(parity) else {
      throw MLError(
        .invalidParameter, "mitigate: thresholds cannot hold '\(parity.rawValue)'.",
        hint: "Use demographic_parity, equal_opportunity or equalized_odds.", field: "constraint")
    }
  }

  /// Row weights that make class and protected group independent; `nil` unless rows are reweighed.
  func weights(_ part: TrainingTable.Part) throws -> [Double]? {
    guard fairness.mitigation == .reweighing else { return nil }
    return try Reweighing.weights(ProtectedGroups(part.audit, by: part.audit.schema.names), part.target)
  }

  /// The rows with those weights on top of their own.
  func weighed(_ part: TrainingTable.Part) throws -> TrainingTable.Part {
    guard let factors = try weights(part) else { return part }
    var copy = part
    copy.weights = factors.indices.map { factors[$0] * (part.weights?[$0] ?? 1) }
    return copy
  }

  // MARK: Limits

  /// Why a candidate of this cost cannot be chosen; `nil` when it can.
  func breach(rowMicroseconds: Double?, sizeBytes: Int?) -> String? {
    if let limit = constraints.rowMicroseconds, let rowMicroseconds, rowMicroseconds > limit {
      return "takes \(TrainingConstraints.text(microseconds: rowMicroseconds)) a row; "
        + "at most \(TrainingConstraints.text(microseconds: limit)) is allowed"
    }
    if let limit = constraints.sizeBytes, let sizeBytes, sizeBytes + overheadBytes > limit {
      return "makes an archive of \(TrainingConstraints.text(bytes: sizeBytes + overheadBytes)); "
        + "at most \(TrainingConstraints.text(bytes: limit)) is allowed"
    }
    return nil
  }

  // MARK: Algorithms

  /// Whether algorithms of this type can keep the terms.
  func admits(_ type: any Estimator.Type, isPlanned: Bool) -> Bool {
    if !constraints.monotone.isEmpty, Monotonicity.promise(of: type, isPlanned: isPlanned) == nil { return false }
    return fairness.mitigation != .reweighing || type.card.capabilities.contains(.weights)
  }

  /// Algorithms that serve the task but cannot keep the terms.
  ///
  /// - Throws: `.invalidParameter` when one was asked for by name.
  func excluded(_ task: Basics.Task, named: [String], isPlanned: Bool, _ registry: Registry) throws -> [String] {
    let serving = registry.estimators.entries.filter { $0.card.tasks.contains(task) }
    let out = serving.filter { !admits($0, isPlanned: isPlanned) }.map { $0.card.name }
    if let name = named.first(where: out.contains) {
      let fitting = serving.map { $0.card.name }.filter { !out.contains($0) && $0 != Portfolio.baseline }
      throw MLError(
        .invalidParameter, "train: algorithm '\(name)' cannot promise \(promiseText).",
        hint: "Choose among: \(fitting.joined(separator: ", ")).", field: "algorithms")
    }
    return out
  }

  private var promiseText: String {
    let directions = constraints.monotone.map { "to be \($0.word) in '\($0.column)'" }
    let weights = fairness.mitigation == .reweighing ? ["to heed row weights"] : []
    return (directions + weights).joined(separator: " and ")
  }

  /// What was left out of the search and why; `nil` when nothing was.
  func finding(excluded names: [String]) -> Finding? {
    guard !names.isEmpty else { return nil }
    let what = names.count == 1 ? "1 algorithm was" : "\(names.count) algorithms were"
    return Finding(
      "excluded-algorithms", .info,
      "\(what) not tried because nothing in them can promise \(promiseText): \(names.joined(separator: ", ")).",
      evidence: ["algorithms": .array(names.map { .string($0) })])
  }
}
