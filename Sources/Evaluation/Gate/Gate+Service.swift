import Basics
import Modeling

/// Checks of the archive as it would serve: what a row must look like, how long it takes, how large it is.
extension Gate {
  static func contractCheck(_ problems: [String]?) -> GateCheck {
    guard let problems else {
      return GateCheck(
        name: "contract", passed: false, value: nil, limit: 0, why: "The archive's contract was not tried out.")
    }
    guard let first = problems.first else {
      return GateCheck(
        name: "contract", passed: true, value: 0, limit: 0,
        why: "The archive asks for the columns it was trained on and refuses a row that lacks one.")
    }
    let more = problems.count > 1 ? " \(problems.count - 1) more like it." : ""
    return GateCheck(
      name: "contract", passed: false, value: Double(problems.count), limit: 0, why: "\(first)\(more)")
  }

  static func latencyCheck(_ milliseconds: Double?, _ limit: Double?) -> GateCheck? {
    service(
      Service(
        name: "latency", value: milliseconds, limit: limit, unit: "ms", subject: "99 of 100 rows are scored within"))
  }

  static func sizeCheck(_ bytes: Double?, _ limit: Double?) -> GateCheck? {
    service(Service(name: "size", value: bytes, limit: limit, unit: "bytes", subject: "The archive takes"))
  }

  private struct Service {
    let name: String
    let value: Double?
    let limit: Double?
    let unit: String
    let subject: String
  }

  /// A measurement with its limit; without one it passes and is there to be seen. `nil`: neither.
  private static func service(_ entry: Service) -> GateCheck? {
    guard let value = entry.value, value.isFinite else {
      guard let limit = entry.limit else { return nil }
      return GateCheck(
        name: entry.name, passed: false, value: nil, limit: limit,
        why: "\(entry.name) was not measured; required: at most \(Text.number(limit)) \(entry.unit).")
    }
    let said = "\(entry.subject) \(Text.number(value)) \(entry.unit)"
    guard let limit = entry.limit else {
      return GateCheck(name: entry.name, passed: true, value: value, limit: nil, why: "\(said); no limit is set.")
    }
    let passed = value <= limit
    return GateCheck(
      name: entry.name, passed: passed, value: value, limit: limit,
      why: "\(said), \(passed ? "within" : "above") the limit \(Text.number(limit)) \(entry.unit).")
  }
}
