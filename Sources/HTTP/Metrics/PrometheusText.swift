import Basics

/// Metrics in the text exposition format of Prometheus, version 0.0.4.
///
///     var text = PrometheusText()
///     text.gauge("model_drift", "Distance from the reference.", [([("column", "age")], 0.12)])
///     text.description
///     // # HELP model_drift Distance from the reference.
///     // # TYPE model_drift gauge
///     // model_drift{column="age"} 0.12
public struct PrometheusText: Sendable, CustomStringConvertible {
  /// Labels of one sample, in the order given.
  public typealias Labels = [(String, String)]

  /// Media type of the text.
  public static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

  /// The text so far.
  public private(set) var description = ""

  /// Starts empty.
  public init() {}

  /// Counts that only grow; names end in `_total`.
  public mutating func counter(_ name: String, _ help: String, _ samples: [(labels: Labels, value: Double)]) {
    family(name, help, "counter", samples)
  }

  /// Values that go up and down.
  public mutating func gauge(_ name: String, _ help: String, _ samples: [(labels: Labels, value: Double)]) {
    family(name, help, "gauge", samples)
  }

  /// Durations in seconds, in cumulative buckets.
  public mutating func histogram(
    _ name: String, _ help: String, _ samples: [(labels: Labels, value: LatencyHistogram)]
  ) {
    guard !samples.isEmpty else { return }
    head(name, help, "histogram")
    for (labels, histogram) in samples {
      for bound in Self.bounds {
        line("\(name)_bucket", labels + [("le", Self.number(bound))], Double(histogram.count(upTo: bound)))
      }
      line("\(name)_bucket", labels + [("le", "+Inf")], Double(histogram.count))
      line("\(name)_sum", labels, Double(histogram.sumNanoseconds) * 1e-9)
      line("\(name)_count", labels, Double(histogram.count))
    }
  }

  private static let bounds: [Double] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]

  private mutating func family(_ name: String, _ help: String, _ kind: String, _ samples: [(Labels, Double)]) {
    guard !samples.isEmpty else { return }
    head(name, help, kind)
    for (labels, value) in samples { line(name, labels, value) }
  }

  private mutating func head(_ name: String, _ help: String, _ kind: String) {
    let text = help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    description += "# HELP \(name) \(text)\n# TYPE \(name) \(kind)\n"
  }

  private mutating func line(_ name: String, _ labels: Labels, _ value: Double) {
    description += name
    if !labels.isEmpty {
      description += "{" + labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",") + "}"
    }
    description += " \(Self.number(value))\n"
  }

  /// A label's value with backslash, quote and line break escaped.
  static func escaped(_ text: String) -> String {
    var out = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": out += "\\\\"
      case "\"": out += "\\\""
      case "\n": out += "\\n"
      default: out.unicodeScalars.append(character)
      }
    }
    return out
  }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    return NumberText.shortest(value)
  }
}
