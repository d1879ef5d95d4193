import Basics
import Modeling

/// A number to reach, as a person writes it: `roc_auc >= 0.85`, `rmse<=565`, `latency_p99_ms <= 5`.
public struct Goal: Sendable, Hashable, Codable, CustomStringConvertible {
  /// Which side of the limit is wanted.
  public enum Comparison: String, Sendable, Hashable, Codable {
    case atLeast = ">="
    case atMost = "<="
    case above = ">"
    case below = "<"
  }

  /// Registered name of a metric, or one of `measurements`.
  public var metric: String
  /// Which side of the limit is wanted.
  public var comparison: Comparison
  /// The limit.
  public var limit: Double
  /// Whether the value itself is compared instead of the cautious end of its interval.
  public var point: Bool

  /// What is measured besides metrics.
  public static let measurements = ["latency_p50_ms", "latency_p99_ms", "size_bytes", "calibration_error"]

  /// Makes a goal.
  ///
  /// - Throws: `.invalidParameter` for an unknown metric or a limit that is not finite.
  public init(metric: String, comparison: Comparison, limit: Double, point: Bool = false) throws {
    let known = MetricCatalog.all.names.contains(metric) || Self.measurements.contains(metric)
    guard known else { throw MetricCatalog.unknown(metric, among: Self.measurements, in: "goal") }
    guard limit.isFinite else {
      throw MLError(.invalidParameter, "goal: limit of '\(metric)' must be a finite number.", field: "goal")
    }
    self.metric = metric
    self.comparison = comparison
    self.limit = limit
    self.point = point
  }

  /// Reads `metric comparison number`; spaces are optional, `=>`, `=<`, `≥`, `≤` and a per cent sign are understood.
  ///
  /// - Throws: `.invalidParameter` saying which part does not fit.
  public init(parsing text: String, point: Bool = false) throws {
    let signs: [(String, Comparison)] = [
      (">=", .atLeast), ("=>", .atLeast), ("≥", .atLeast), ("<=", .atMost), ("=<", .atMost), ("≤", .atMost),
      (">", .above), ("<", .below),
    ]
    let found = signs.lazy.compactMap { sign, comparison -> (String, String, Comparison)? in
      let parts = Self.split(text, at: sign)
      return parts.map { ($0.0, $0.1, comparison) }
    }.first
    guard let (name, number, comparison) = found, !name.isEmpty else {
      throw MLError(
        .invalidParameter, "goal: '\(text)' must be a metric, a comparison and a number.",
        hint: "Write for example 'roc_auc >= 0.85' or 'rmse <= 565'.", field: "goal")
    }
    let isShare = number.hasSuffix("%")
    guard let limit = Double(isShare ? Self.trimmed(String(number.dropLast())) : number) else {
      throw MLError(
        .invalidParameter, "goal: '\(text)' must end in a number after '\(comparison.rawValue)'; got '\(number)'.",
        hint: "Write for example '\(name) \(comparison.rawValue) 0.85'.", field: "goal")
    }
    try self.init(metric: name, comparison: comparison, limit: isShare ? limit / 100 : limit, point: point)
  }

  /// As `init(parsing:)` reads it.
  public var description: String { "\(metric) \(comparison.rawValue) \(NumberText.shortest(limit))" }

  /// Whether `value` is on the wanted side.
  public func isMet(by value: Double) -> Bool {
    switch comparison {
    case .atLeast: value >= limit
    case .atMost: value <= limit
    case .above: value > limit
    case .below: value < limit
    }
  }

  /// The end of the interval that must reach the limit: the low end for a lower limit, else the high end; the value
  /// itself for `point`.
  public func judged(_ value: MetricValue) -> Double {
    if point { return value.value }
    return wantsMore ? value.low : value.high
  }

  /// Whether the limit is a lower one.
  public var wantsMore: Bool { comparison == .atLeast || comparison == .above }

  /// What looks like a slip of the pen: a lower limit where less is better, a limit that the metric cannot reach.
  public var warning: String? {
    let type = MetricCatalog.all.entries.first { $0.card.name == metric }
    let higherIsBetter = type?.higherIsBetter ?? false
    if higherIsBetter != wantsMore {
      let turned = wantsMore ? "<=" : ">="
      return "goal '\(self)': \(higherIsBetter ? "more" : "less") \(metric) is better; did you mean "
        + "'\(metric) \(turned) \(NumberText.shortest(limit))'?"
    }
    if type?.card.tasks.contains(.classification) == true, higherIsBetter, limit > 1 {
      return "goal '\(self)': \(metric) never exceeds 1; did you mean "
        + "'\(metric) >= \(NumberText.shortest(limit / 100))'?"
    }
    return nil
  }

  private static func split(_ text: String, at sign: String) -> (String, String)? {
    let (bytes, wanted) = (Array(text.utf8), Array(sign.utf8))
    guard bytes.count >= wanted.count else { return nil }
    for start in 0...(bytes.count - wanted.count) where Array(bytes[start..<(start + wanted.count)]) == wanted {
      let left = String(decoding: bytes[..<start], as: UTF8.self)
      let right = String(decoding: bytes[(start + wanted.count)...], as: UTF8.self)
      return (trimmed(left), trimmed(right))
    }
    return nil
  }

  private static func trimmed(_ text: String) -> String {
    String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
