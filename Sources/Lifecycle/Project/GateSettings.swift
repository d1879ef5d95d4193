package import Basics
import Evaluation

/// What the gate of a project asks for besides goal, guardrails and baseline: the section `gate` of the project file.
package struct GateSettings: Sendable, Hashable {
  /// Whether no slice may get worse than under the champion; `nil`: if the champion must be beaten.
  package var guardsSlices: Bool?
  /// How true probabilities must be.
  package var calibration = Calibration.automatic
  /// Whether the linter may find nothing critical in data and preparation.
  package var requiresLinter = true
  /// Longest time to score a row, in milliseconds, that 99 of 100 rows keep to; `nil`: measured, not limited.
  package var latencyMilliseconds: Double?
  /// Largest archive, in bytes; `nil`: measured, not limited.
  package var sizeBytes: Double?
  /// How many persons must approve a version before it may be promoted.
  package var approvals = 0

  /// How true probabilities must be.
  package enum Calibration: Sendable, Hashable {
    /// Off by at most `GateSettings.tolerance` beyond what chance explains on the test rows.
    case automatic
    /// Off by at most this much.
    case limit(Double)
    /// Not asked.
    case off
  }

  /// How far probabilities may be off unless told otherwise, beyond what chance explains.
  package static let tolerance = 0.1
  /// Most approvals that can be asked for.
  package static let mostApprovals = 10

  /// The defaults: slices guarded with the champion, calibration and linter checked, latency and size measured, no
  /// approval.
  package init() {}

  /// Lays the settings over a gate.
  func applied(to gate: Gate, isProbabilistic: Bool) -> Gate {
    var gate = gate
    gate.guardsSlices = guardsSlices ?? gate.mustBeatChampion
    if isProbabilistic {
      switch calibration {
      case .automatic: gate.calibrationTolerance = Self.tolerance
      case .limit(let limit): gate.calibrationLimit = limit
      case .off: break
      }
    }
    gate.requiresLinter = requiresLinter
    gate.latencyLimit = latencyMilliseconds
    gate.sizeLimit = sizeBytes
    gate.showsMeasurements = true
    gate.requiresContract = true
    return gate
  }
}

extension GateSettings {
  /// `{"slices", "calibration", "linter", "latency_ms", "size_bytes", "approvals"}`, for the record of a run.
  package var json: JSONValue {
    let calibration: JSONValue =
      switch calibration {
      case .automatic: "auto"
      case .limit(let limit): .number(limit)
      case .off: false
      }
    return [
      "slices": guardsSlices.map { .boolean($0) } ?? "auto", "calibration": calibration,
      "linter": .boolean(requiresLinter), "latency_ms": .finite(latencyMilliseconds), "size_bytes": .finite(sizeBytes),
      "approvals": .integer(Int64(approvals)),
    ]
  }

  /// Reads what `json` wrote; what is not there is as by default.
  package init(_ json: JSONValue?) {
    guardsSlices = json?["slices"]?.boolValue
    if let limit = json?["calibration"]?.doubleValue {
      calibration = .limit(limit)
    } else if json?["calibration"]?.boolValue == false {
      calibration = .off
    }
    requiresLinter = json?["linter"]?.boolValue ?? true
    latencyMilliseconds = json?["latency_ms"]?.doubleValue
    sizeBytes = json?["size_bytes"]?.doubleValue
    approvals = json?["approvals"]?.integerValue.map(Int.init) ?? 0
  }
}

extension ProjectReader {
  /// Reads the section `gate`.
  mutating func gate(_ value: JSONValue) throws {
    let known = ["must_beat", "slices", "calibration", "linter", "latency", "size", "approvals"]
    for (key, value) in try object(value, "gate") {
      let path = "gate.\(key)"
      switch key {
      case "must_beat":
        switch value.stringValue {
        case "champion": file.mustBeatChampion = true
        case "baseline": file.mustBeatChampion = false
        default: throw expected("champion or baseline", path)
        }
      case "slices": file.gate.guardsSlices = value.stringValue == "auto" ? nil : try truth(value, path)
      case "calibration": file.gate.calibration = try calibration(value, path)
      case "linter": file.gate.requiresLinter = try truth(value, path)
      case "latency":
        file.gate.latencyMilliseconds = try quantity(
          value, path, units: [("ms", 1), ("us", 1e-3), ("µs", 1e-3), ("s", 1000)], such: "a time such as 5ms")
      case "size":
        file.gate.sizeBytes = try quantity(
          value, path, units: [("kB", 1e3), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("B", 1)],
          such: "a size such as 10MB")
      case "approvals":
        guard let count = value.integerValue, (0...Int64(GateSettings.mostApprovals)).contains(count) else {
          throw expected("a number of persons in 0…\(GateSettings.mostApprovals)", path)
        }
        file.gate.approvals = Int(count)
      default: throw unknown(key, known, path: path)
      }
    }
  }

  private func calibration(_ value: JSONValue, _ path: String) throws -> GateSettings.Calibration {
    if value.stringValue == "auto" { return .automatic }
    if value.boolValue == false { return .off }
    guard let limit = value.doubleValue, limit > 0, limit <= 1 else {
      throw expected("auto, false or an error in 0…1 such as 0.05", path)
    }
    return .limit(limit)
  }

  private func quantity(
    _ value: JSONValue, _ path: String, units: [(name: String, factor: Double)], such: String
  ) throws -> Double {
    let text = (value.stringValue ?? "").filter { !$0.isWhitespace }
    for unit in units where text.hasSuffix(unit.name) {
      if let number = Double(text.dropLast(unit.name.count)), number > 0, number.isFinite {
        return number * unit.factor
      }
    }
    throw expected(such, path)
  }
}
