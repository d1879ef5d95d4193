import Basics
public import Modeling

/// What a version shows at the gate.
public struct GateEvidence: Sendable {
  /// Metrics on the sealed test rows.
  public var test: MetricReport
  /// Against the baseline on the sealed test rows; `nil` where the task has none.
  public var baseline: PairedComparison?
  /// Whether the task has a baseline to beat.
  public var needsBaseline: Bool
  /// Against the version that `champion` points to, as challenger, on the sealed test rows.
  public var champion: PairedComparison?
  /// Name of that version, for the sentence; `nil` when there is none yet.
  public var championName: String?
  /// Differences between groups on the sealed test rows.
  public var fairness: [FairnessReport]
  /// What was measured besides metrics, by the names of `Goal.measurements`.
  public var measurements: [String: Double]
  /// Golden rows scored through the archive that differ from their expected outputs; `nil` when not yet run.
  public var parityMismatchCount: Int?
  /// Against the champion on every slice; `nil` when not compared (see `SliceRegression`).
  public var slices: [SliceComparison]?
  /// Expected calibration error on the sealed test rows; `nil` when not measured (see `CalibrationReport`).
  public var calibrationError: MetricValue?
  /// What of that error chance alone explains on as many rows (see `CalibrationReport.chanceError`).
  public var calibrationChance = 0.0
  /// What the linter says of data and preparation; `nil` when it did not run.
  public var linterFindings: [Finding]?
  /// What is wrong with the archive's contract, a sentence each; `nil` when it was not tried out.
  public var contractProblems: [String]?

  /// Makes evidence.
  public init(
    test: MetricReport, baseline: PairedComparison? = nil, needsBaseline: Bool = true,
    champion: PairedComparison? = nil, championName: String? = nil, fairness: [FairnessReport] = [],
    measurements: [String: Double] = [:], parityMismatchCount: Int? = nil
  ) {
    self.test = test
    self.baseline = baseline
    self.needsBaseline = needsBaseline
    self.champion = champion
    self.championName = championName
    self.fairness = fairness
    self.measurements = measurements
    self.parityMismatchCount = parityMismatchCount
  }
}

/// The checks a version must pass before `champion` may point to it.
///
/// - `beats_baseline`: the test metric is better than that of a constant guess by at least three standard errors, and
///   in at most 1 of 200 replicates it is not better. A model trained on shuffled targets has the baseline's metric but
///   for chance, and chance goes that far once in about a thousand models.
/// - `goal`: the cautious end of the interval reaches the limit (the value itself for a point goal).
/// - `guardrail …`: a metric or measurement keeps to its limit by its value: guardrails guard against collapse, the
///   goal is what must be proven.
/// - `fairness …`: the difference between groups is at most the limit, by its value.
/// - `beats_champion`: the challenger's metric is better than the champion's on the same rows, and a paired test
///   (DeLong's for the area under the ROC curve, else the bootstrap) leaves at most `maximumDoubt` that it is not. A
///   tie keeps the champion: the same recipe with another seed is promoted once in forty times.
/// - `no_slice_regression`: on no slice of rows is the challenger surely worse than the champion, chance findings among
///   many slices allowed for (Benjamini and Hochberg at 5 %).
/// - `calibration`: the expected calibration error is at most the limit, by its value; or at most the tolerance beyond
///   what chance alone makes of perfect probabilities on as many rows.
/// - `linter`: nothing critical was found in data and preparation.
/// - `latency`, `size`: time to score a row (99 of 100) and size of the archive are at most the limit; measured and
///   shown without one too.
/// - `contract`: the archive asks for the columns it was trained on, for none that are private, and refuses a row that
///   lacks one.
/// - `parity`: the archive reproduces its golden rows bit for bit.
public struct Gate: Sendable, Hashable, Codable {
  /// What must be reached.
  public var goal: Goal?
  /// What must be kept to.
  public var guardrails: [Guardrail]
  /// Whether the challenger must beat the champion, where there is one.
  public var mustBeatChampion: Bool
  /// Largest chance that the challenger is not better than the champion.
  public var maximumDoubt = Gate.championDoubt
  /// Whether no slice may get worse than under the champion, where there is one.
  public var guardsSlices = false
  /// Largest expected calibration error, `0 ... 1`.
  public var calibrationLimit: Double?
  /// Largest expected calibration error beyond what chance explains, `0 ... 1`; used where there is no
  /// `calibrationLimit`.
  public var calibrationTolerance: Double?
  /// Whether the linter must have run and found nothing critical.
  public var requiresLinter = false
  /// Longest time to score a row, in milliseconds, that 99 of 100 rows keep to.
  public var latencyLimit: Double?
  /// Largest archive, in bytes.
  public var sizeLimit: Double?
  /// Whether latency and size are shown without a limit too.
  public var showsMeasurements = false
  /// Whether the archive's contract must have been tried out and found in order.
  public var requiresContract = false

  /// Largest share of replicates not better than the baseline.
  public static let baselineDoubt = 0.005
  /// Standard errors by which the baseline must be beaten.
  public static let baselineDistance = 3.0
  /// Largest chance that the challenger is not better than the champion, unless told otherwise.
  ///
  /// Less than the 2.5 % of a 95 % interval, because test rows are not all that differs by luck: of 200 pairs of one
  /// recipe with two seeds, 5.5 % were promoted at 2.5 % (`Benchmarks/promotions`).
  public static let championDoubt = 0.015

  /// Makes a gate.
  public init(goal: Goal? = nil, guardrails: [Guardrail] = [], mustBeatChampion: Bool = true) {
    self.goal = goal
    self.guardrails = guardrails
    self.mustBeatChampion = mustBeatChampion
  }

  enum CodingKeys: String, CodingKey {
    case goal, guardrails
    case mustBeatChampion = "must_beat_champion"
    case maximumDoubt = "maximum_doubt"
    case guardsSlices = "guards_slices"
    case calibrationLimit = "calibration_limit"
    case calibrationTolerance = "calibration_tolerance"
    case requiresLinter = "requires_linter"
    case latencyLimit = "latency_limit_ms"
    case sizeLimit = "size_limit_bytes"
    case showsMeasurements = "shows_measurements"
    case requiresContract = "requires_contract"
  }

  /// Read; what a record does not say is as `init` has it.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    goal = try container.decodeIfPresent(Goal.self, forKey: .goal)
    guardrails = try container.decode([Guardrail].self, forKey: .guardrails)
    mustBeatChampion = try container.decode(Bool.self, forKey: .mustBeatChampion)
    maximumDoubt = try container.decodeIfPresent(Double.self, forKey: .maximumDoubt) ?? Self.championDoubt
    guardsSlices = try container.decodeIfPresent(Bool.self, forKey: .guardsSlices) ?? false
    calibrationLimit = try container.decodeIfPresent(Double.self, forKey: .calibrationLimit)
    calibrationTolerance = try container.decodeIfPresent(Double.self, forKey: .calibrationTolerance)
    requiresLinter = try container.decodeIfPresent(Bool.self, forKey: .requiresLinter) ?? false
    latencyLimit = try container.decodeIfPresent(Double.self, forKey: .latencyLimit)
    sizeLimit = try container.decodeIfPresent(Double.self, forKey: .sizeLimit)
    showsMeasurements = try container.decodeIfPresent(Bool.self, forKey: .showsMeasurements) ?? false
    requiresContract = try container.decodeIfPresent(Bool.self, forKey: .requiresContract) ?? false
  }

  /// Holds `evidence` against every check. What was not measured does not pass.
  public func evaluate(_ evidence: GateEvidence) -> GateResult {
    var checks: [GateCheck] = []
    if evidence.needsBaseline { checks.append(Self.baselineCheck(evidence.baseline)) }
    if let goal { checks.append(Self.goalCheck(goal, evidence)) }
    for guardrail in guardrails {
      switch guardrail {
      case .goal(let goal): checks.append(Self.guardrailCheck(goal, evidence))
      case .fairness(let limit): checks.append(Self.fairnessCheck(limit, evidence.fairness))
      }
    }
    if mustBeatChampion, let name = evidence.championName {
      checks.append(Self.championCheck(evidence.champion, name: name, maximumDoubt: maximumDoubt))
    }
    if guardsSlices, let name = evidence.championName {
      checks.append(Self.sliceCheck(evidence.slices, name: name))
    }
    if let calibrationLimit {
      checks.append(Self.calibrationCheck(evidence.calibrationError, calibrationLimit))
    } else if let calibrationTolerance {
      checks.append(
        Self.calibrationCheck(evidence.calibrationError, calibrationTolerance, chance: evidence.calibrationChance))
    }
    if requiresLinter { checks.append(Self.linterCheck(evidence.linterFindings)) }
    checks += serviceChecks(evidence)
    checks.append(Self.parityCheck(evidence.parityMismatchCount))
    return GateResult(checks: checks)
  }
}

extension Gate {
  private func serviceChecks(_ evidence: GateEvidence) -> [GateCheck] {
    var checks: [GateCheck?] = []
    if showsMeasurements || latencyLimit != nil {
      checks.append(Self.latencyCheck(evidence.measurements["latency_p99_ms"], latencyLimit))
    }
    if showsMeasurements || sizeLimit != nil {
      checks.append(Self.sizeCheck(evidence.measurements["size_bytes"], sizeLimit))
    }
    if requiresContract { checks.append(Self.contractCheck(evidence.contractProblems)) }
    return checks.compactMap { $0 }
  }

  static func baselineCheck(_ comparison: PairedComparison?) -> GateCheck {
    let name = "beats_baseline"
    guard let comparison else {
      return GateCheck(
        name: name, passed: false, value: nil, limit: nil,
        why: "Nothing shows that the model beats a constant guess: the test metric is not defined.")
    }
    let doubt = comparison.probabilityNotBetter
    // The interval reaches 1.96 standard errors to either side.
    let error = (comparison.high - comparison.low) / 3.92
    let passed =
      comparison.improvement > 0 && doubt <= baselineDoubt
      && comparison.improvement >= baselineDistance * error
    let (value, limit) = (Text.number(comparison.a), Text.number(comparison.b))
    let why: String
    if passed {
      why = "Test \(comparison.metric) \(value) beats the baseline's \(limit)."
    } else if comparison.improvement <= 0 {
      why = "Test \(comparison.metric) \(value) does not beat the baseline's \(limit): the model has learnt nothing."
    } else {
      let distance = Text.number((comparison.improvement / error * 100).rounded() / 100)
      why =
        "Test \(comparison.metric) \(value) is not clearly better than the baseline's \(limit): \(distance) "
        + "standard errors apart, limit \(Text.number(baselineDistance)). Chance looks like that."
    }
    return GateCheck(name: name, passed: passed, value: comparison.a, limit: comparison.b, why: why)
  }

  static func goalCheck(_ goal: Goal, _ evidence: GateEvidence) -> GateCheck {
    guard let measured = evidence.test[goal.metric] else { return measurementCheck("goal", goal, evidence) }
    let judged = goal.judged(measured)
    let passed = goal.isMet(by: judged)
    let verb = passed ? "reaches" : "misses"
    let interval =
      goal.point
      ? ""
      : ": 95 % interval \(Text.number(measured.low)) … \(Text.number(measured.high)), "
        + "whose \(goal.wantsMore ? "lower" : "upper") end \(Text.number(judged)) counts"
    return GateCheck(
      name: "goal", passed: passed, value: judged, limit: goal.limit,
      why: "Test \(goal.metric) \(Text.number(measured.value)) \(verb) the goal \(goal)\(interval).")
  }

  static func guardrailCheck(_ goal: Goal, _ evidence: GateEvidence) -> GateCheck {
    let name = "guardrail \(goal)"
    guard let measured = evidence.test[goal.metric] else { return measurementCheck(name, goal, evidence) }
    let passed = goal.isMet(by: measured.value)
    return GateCheck(
      name: name, passed: passed, value: measured.value, limit: goal.limit,
      why: "Test \(goal.metric) \(Text.number(measured.value)) "
        + "\(passed ? "keeps to" : "breaks") the guardrail \(goal).")
  }

  private static func measurementCheck(_ name: String, _ goal: Goal, _ evidence: GateEvidence) -> GateCheck {
    guard let value = evidence.measurements[goal.metric], value.isFinite else {
      let isMetric = MetricCatalog.all.names.contains(goal.metric)
      let reason = isMetric ? "is not defined on the test rows" : "was not measured"
      return GateCheck(
        name: name, passed: false, value: nil, limit: goal.limit, why: "\(goal.metric) \(reason); required: \(goal).")
    }
    let passed = goal.isMet(by: value)
    return GateCheck(
      name: name, passed: passed, value: value, limit: goal.limit,
      why: "\(goal.metric) \(Text.number(value)) \(passed ? "keeps to" : "breaks") the limit \(goal).")
  }

  static func fairnessCheck(_ limit: FairnessLimit, _ reports: [FairnessReport]) -> GateCheck {
    let name = "fairness \(limit.metric.rawValue) by \(limit.by)"
    guard let report = reports.first(where: { $0.attribute == limit.by }) else {
      return GateCheck(
        name: name, passed: false, value: nil, limit: limit.atMost,
        why: "\(limit.metric.rawValue) by \(limit.by) was not measured; "
          + "required: at most \(Text.number(limit.atMost)).")
    }
    guard let gap = report.gap(limit.metric) else {
      return GateCheck(
        name: name, passed: false, value: nil, limit: limit.atMost,
        why: "\(limit.metric.rawValue) by \(limit.by) is not defined: fewer than two groups have "
          + "\(report.minimumCount) rows of the kind it needs; required: at most \(Text.number(limit.atMost)).")
    }
    let passed = gap.value.value <= limit.atMost
    return GateCheck(
      name: name, passed: passed, value: gap.value.value, limit: limit.atMost,
      why: "\(limit.metric.rawValue) differs by \(Text.number(gap.value.value)) between '\(gap.lowest)' and "
        + "'\(gap.highest)' of \(limit.by), \(passed ? "within" : "above") the limit \(Text.number(limit.atMost)).")
  }

  static func championCheck(
    _ comparison: PairedComparison?, name: String, maximumDoubt: Double = Gate.championDoubt
  ) -> GateCheck {
    guard let comparison else {
      return GateCheck(
        name: "beats_champion", passed: false, value: nil, limit: nil,
        why: "The challenger could not be compared with the champion \(name) on the same rows.")
    }
    let doubt = comparison.probabilityNotBetter
    let passed = comparison.improvement > 0 && doubt <= maximumDoubt
    let values = "\(Text.number(comparison.a)) against \(Text.number(comparison.b))"
    let pair = "\(comparison.metric) \(values) of champion \(name)"
    let interval =
      "difference \(Text.number(comparison.difference)), 95 % interval \(Text.number(comparison.low)) … "
      + Text.number(comparison.high)
    let why: String
    if passed {
      why = "Challenger is better on the same rows: \(pair) (\(interval))."
    } else if comparison.improvement <= 0 {
      why = "Challenger is not better on the same rows: \(pair) (\(interval))."
    } else {
      why =
        "Challenger is not surely better on the same rows: \(pair) (\(interval)); chance that it is no better "
        + "\(Text.percent(doubt)), limit \(Text.percent(maximumDoubt))."
    }
    return GateCheck(name: "beats_champion", passed: passed, value: comparison.a, limit: comparison.b, why: why)
  }

  static func parityCheck(_ mismatchCount: Int?) -> GateCheck {
    let why: String
    switch mismatchCount {
    case nil: why = "The archive was not checked against its golden rows."
    case 0: why = "The archive reproduces its golden rows bit for bit."
    case let count?:
      why = "The archive differs from its golden rows in \(count) \(count == 1 ? "row" : "rows"), limit 0."
    }
    return GateCheck(
      name: "parity", passed: mismatchCount == 0, value: mismatchCount.map(Double.init), limit: 0, why: why)
  }
}
