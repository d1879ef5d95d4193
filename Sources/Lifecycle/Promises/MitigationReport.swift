import Basics
import Evaluation
import Frames
import Modeling

/// How groups of the sealed rows fare with mitigation and would have fared without it, and what that cost.
struct MitigationReport: Sendable {
  let judgement: Judgement
  let table: TrainingTable
  let search: CandidateSearch.Result
  let terms: TrainingTerms
  let preparation: Preparation
  let context: LifecycleContext

  /// The document of `train --json`, and for the gate whether each gap became smaller.
  func made(_ method: FairnessPlan.Mitigation) throws -> (json: JSONValue, checks: [GateCheck]) {
    let rows = table.test
    let frame = try rows.withAudit()
    let after = try Judgement.score(judgement.model, frame)
    let before = try before(method)
    let options = rows.bootstrap("mitigation", context)
    let gaps = { (predictions: Predictions, name: String) in
      try Fairness.evaluate(
        by: name, frame, predictions, rows.target, weights: rows.weights, rowKeys: rows.units, options: options)
    }
    var lines: [JSONValue] = []
    var checks: [GateCheck] = []
    for name in rows.audit.schema.names {
      let (old, new) = (try gaps(before, name), try gaps(after, name))
      for metric in FairnessMetric.allCases {
        guard let a = old?.gap(metric), let b = new?.gap(metric) else { continue }
        lines.append([
          "attribute": .string(name), "metric": .string(metric.rawValue), "before": a.value.json, "after": b.value.json,
          "lowest": .string(b.lowest), "highest": .string(b.highest), "aimed_at": .boolean(metric == terms.parity),
        ])
        if metric == terms.parity { checks.append(check(name, method, a.value, b.value)) }
      }
    }
    var metrics: [any Metric] = [Accuracy(), BalancedAccuracy()]
    let own = type(of: judgement.metric).card.name
    if !metrics.contains(where: { type(of: $0).card.name == own }) { metrics.append(judgement.metric) }
    let prices = try metrics.compactMap { metric in
      try Intervals.compare(
        metric, after, before, rows.target, weights: rows.weights, rowKeys: rows.units, options: options)
    }
    let json: JSONValue = [
      "method": .string(method.rawValue), "constraint": .string(terms.parity.rawValue),
      "attributes": .array(rows.audit.schema.names.map { .string($0) }), "aimed_at": .number(terms.largestGap),
      "thresholds": judgement.model.groups?.thresholds.json["thresholds"] ?? .null, "gaps": .array(lines),
      "price": .array(
        prices.map {
          [
            "metric": .string($0.metric), "before": .finite($0.b), "after": .finite($0.a),
            "change": ["value": .finite($0.difference), "low": .finite($0.low), "high": .finite($0.high)],
          ]
        }),
    ]
    return (json, checks)
  }

  /// What would be said without mitigation: by the common threshold, or by the same settings without row weights.
  private func before(_ method: FairnessPlan.Mitigation) throws -> Predictions {
    let features = table.test.features
    switch method {
    case .thresholds:
      let model = judgement.model
      return try ModelArchive.finish(
        model.pipeline.predict(features.conformed(to: model.pipeline.schema)), model.calibrator, model.threshold)
    case .reweighing:
      var plain = terms
      plain.fairness = FairnessPlan()
      return try Judgement.score(
        FinalModel(table: table, search: search, preparation: preparation, terms: plain, context: context), features)
    }
  }

  private static func deed(_ method: FairnessPlan.Mitigation, _ passed: Bool) -> String {
    switch method {
    case .reweighing: "Reweighing \(passed ? "brings" : "does not bring")"
    case .thresholds: "Thresholds by group \(passed ? "bring" : "do not bring")"
    }
  }

  private func check(
    _ name: String, _ method: FairnessPlan.Mitigation, _ before: MetricValue, _ after: MetricValue
  ) -> GateCheck {
    let limit = max(terms.largestGap, before.value)
    let passed = after.value <= limit
    let why =
      "\(Self.deed(method, passed)) \(terms.parity.rawValue) by \(name) from \(Judgement.text(before)) "
      + "\(passed ? "to" : "down; it is") \(Judgement.text(after))."
    return GateCheck(
      name: "mitigation \(terms.parity.rawValue) by \(name)", passed: passed, value: after.value, limit: limit, why: why
    )
  }
}
