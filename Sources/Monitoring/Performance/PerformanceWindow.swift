package import Basics
package import Modeling

/// A realised metric of labelled traffic beside what the archive's sealed test promised.
package struct PerformanceWindow: Sendable, Hashable, Codable {
  /// How traffic compares with the test.
  package enum Verdict: String, Sendable, Hashable, Codable, CaseIterable {
    /// Too few labelled rows.
    case notEnoughLabels = "not-enough-labels"
    /// The intervals overlap: nothing says that performance has changed.
    case within
    /// Worse beyond what chance explains.
    case below
    /// Better beyond what chance explains.
    case above
  }

  /// Metric name.
  package var metric: String
  /// Whether more is better.
  package var higherIsBetter: Bool
  /// Measured on labelled traffic.
  package var realised: MetricReading
  /// Measured on the sealed test.
  package var promised: MetricReading
  /// Labelled rows a verdict needs.
  package var minimumRows: Int

  /// Compares `realised` with `promised`.
  package init(
    metric: String, higherIsBetter: Bool, realised: MetricReading, promised: MetricReading, minimumRows: Int = 50
  ) {
    self.metric = metric
    self.higherIsBetter = higherIsBetter
    self.realised = realised
    self.promised = promised
    self.minimumRows = minimumRows
  }

  /// How traffic compares with the test: changed only when the two 95 % intervals do not meet, which happens by chance
  /// about once in 180 windows of equal size.
  package var verdict: Verdict {
    if realised.rowCount < minimumRows { return .notEnoughLabels }
    if realised.high < promised.low { return higherIsBetter ? .below : .above }
    if realised.low > promised.high { return higherIsBetter ? .above : .below }
    return .within
  }

  /// The verdict in words.
  package var sentence: String {
    let rows = "\(realised.rowCount) labelled rows"
    let now = "\(metric) \(text(realised.value)) (\(text(realised.low)) … \(text(realised.high)))"
    let test = "the test's \(text(promised.value)) (\(text(promised.low)) … \(text(promised.high)))"
    switch verdict {
    case .notEnoughLabels: return "not enough labels yet: \(realised.rowCount) of \(minimumRows)"
    case .within: return "\(now) on \(rows) agrees with \(test)"
    case .below: return "\(now) on \(rows) is worse than \(test)"
    case .above: return "\(now) on \(rows) is better than \(test)"
    }
  }

  /// A finding when performance is worse than promised, or better than is plausible; `nil` otherwise.
  package func finding(model: String) -> Finding? {
    let evidence: JSONValue = ["realised": realised.json, "promised": promised.json]
    switch verdict {
    case .below:
      return Finding(
        "performance", .critical, subject: metric, sentence + ".", evidence: evidence,
        command: "apus retrain --reason performance")
    case .above:
      return Finding(
        "performance", .info, subject: metric, sentence + "; check that labels are complete and not chosen by outcome.",
        evidence: evidence, command: "apus watch \(model)")
    case .within, .notEnoughLabels: return nil
    }
  }

  /// `{"metric", "verdict", "sentence", "realised", "promised"}`.
  package var json: JSONValue {
    [
      "metric": .string(metric), "verdict": .string(verdict.rawValue), "sentence": .string(sentence),
      "realised": realised.json, "promised": promised.json,
    ]
  }

  private func text(_ value: Double) -> String { FindingText.decimal(value, 3) }

  enum CodingKeys: String, CodingKey {
    case metric, realised, promised
    case higherIsBetter = "higher_is_better"
    case minimumRows = "minimum_rows"
  }
}
