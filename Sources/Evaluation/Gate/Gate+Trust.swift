import Basics
import Modeling

/// Checks beyond goal, guardrails and champion.
extension Gate {
  static func sliceCheck(_ slices: [SliceComparison]?, name: String) -> GateCheck {
    let check = "no_slice_regression"
    guard let slices else {
      return GateCheck(
        name: check, passed: false, value: nil, limit: 0,
        why: "Challenger and champion \(name) were not compared slice by slice.")
    }
    let worse = slices.filter(\.isRegression)
    guard let first = worse.first else {
      return GateCheck(
        name: check, passed: true, value: 0, limit: 0,
        why: "On none of \(slices.count) slices is the challenger surely worse than the champion \(name).")
    }
    let pair = "\(Text.number(first.comparison.a)) against \(Text.number(first.comparison.b))"
    return GateCheck(
      name: check, passed: false, value: Double(worse.count), limit: 0,
      why:
        "On \(worse.count) of \(slices.count) slices the challenger is surely worse than the champion \(name), first "
        + "of all where \(first.column) is \(first.value): \(first.comparison.metric) \(pair) on \(first.rows) rows.")
  }

  static func calibrationCheck(_ error: MetricValue?, _ tolerance: Double, chance: Double = 0) -> GateCheck {
    let limit = tolerance + chance
    let share =
      chance > 0
      ? " (\(Text.number(tolerance)) beyond the \(Text.number(chance)) that chance explains on these rows)" : ""
    guard let error else {
      return GateCheck(
        name: "calibration", passed: false, value: nil, limit: limit,
        why: "The expected calibration error was not measured; required: at most \(Text.number(limit))\(share).")
    }
    let passed = error.value <= limit
    return GateCheck(
      name: "calibration", passed: passed, value: error.value, limit: limit,
      why: "Probabilities are off by \(Text.number(error.value)) on average (95 % interval \(Text.number(error.low)) … "
        + "\(Text.number(error.high))), \(passed ? "within" : "above") the limit \(Text.number(limit))\(share).")
  }

  static func linterCheck(_ findings: [Finding]?) -> GateCheck {
    guard let findings else {
      return GateCheck(
        name: "linter", passed: false, value: nil, limit: 0, why: "Data and preparation were not linted.")
    }
    let critical = findings.filter { $0.severity == .critical }
    let why =
      critical.first.map { "The linter found \(critical.count) critical: \($0.message)" }
      ?? "The linter found nothing critical in data and preparation."
    return GateCheck(name: "linter", passed: critical.isEmpty, value: Double(critical.count), limit: 0, why: why)
  }
}
