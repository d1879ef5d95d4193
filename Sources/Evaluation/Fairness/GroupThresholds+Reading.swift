public import Basics

extension GroupThresholds {
  /// Thresholds read back from `json`.
  ///
  /// - Throws: `.invalidData` when something is lacking or a threshold is not a number of at least 0.
  public init(json: JSONValue) throws {
    func texts(_ value: JSONValue?) -> [String]? {
      guard let list = value?.arrayValue else { return nil }
      let texts = list.compactMap(\.stringValue)
      return texts.count == list.count ? texts : nil
    }
    guard let constraint = (json["constraint"]?.stringValue).flatMap(FairnessMetric.init(rawValue:)),
      let attributes = texts(json["attributes"]), let list = json["thresholds"]?.arrayValue,
      let fallback = json["fallback"]?.doubleValue, fallback >= 0, let metric = json["metric"]?.stringValue,
      let isMet = json["met"]?.boolValue
    else { throw Self.damaged }
    let thresholds = try list.map { entry -> (values: [String], threshold: Double) in
      guard let values = texts(entry["values"]), let threshold = entry["threshold"]?.doubleValue, threshold >= 0,
        values.count == attributes.count
      else { throw Self.damaged }
      return (values, threshold)
    }
    func number(_ key: String) throws -> Double {
      guard let value = json[key]?.doubleValue else { throw Self.damaged }
      return value
    }
    self.init(
      constraint: constraint, attributes: attributes, thresholds: thresholds, fallback: fallback,
      gapBefore: try number("gap_before"), gapAfter: try number("gap_after"), metric: metric,
      metricBefore: try number("metric_before"), metricAfter: try number("metric_after"), isMet: isMet)
  }

  private static var damaged: MLError {
    MLError(.invalidData, "group thresholds: must hold constraint, attributes and a threshold for each group.")
  }
}
