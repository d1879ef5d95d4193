import Basics
import Evaluation
import Frames
import Modeling

/// How a model treats the groups of protected columns, which other columns give the groups away, and what it would cost
/// to treat them alike.
struct FairnessAnalysis: Sendable {
  let table: TrainingTable
  let judgement: Judgement
  let context: LifecycleContext

  /// Largest gap that mitigation aims at.
  static let wantedGap = 0.02

  /// `{"attributes", "audits": [...], "proxies": {column: [...]}, "mitigation": [...]}`; `null` without protected columns.
  func document(_ archive: ModelArchive, _ predictions: Predictions) throws -> JSONValue {
    let attributes = self.attributes
    guard !attributes.isEmpty else { return .null }
    let rows = table.test
    let frame = try rows.withAudit()
    let options = rows.bootstrap("fairness", replicateCount: 200, context)
    var audits = try attributes.map { name in
      try FairnessAudit.make(
        ProtectedGroups(frame, by: [name]), predictions, rows.target, weights: rows.weights, rowKeys: rows.units,
        options: options
      ).json
    }
    if attributes.count > 1 {
      audits.append(
        try FairnessAudit.make(
          ProtectedGroups(frame, by: attributes), predictions, rows.target, weights: rows.weights, rowKeys: rows.units,
          options: options
        ).json)
    }
    let proxies = try attributes.map { name in
      let found = try Proxies.find(
        ProtectedGroups(frame, by: [name]), frame, rowKeys: rows.keys, excluding: Set(attributes))
      return (name, JSONValue.array(found.prefix(8).map(\.json)))
    }
    return [
      "attributes": .array(attributes.map { .string($0) }), "audits": .array(audits), "proxies": .object(proxies),
      "mitigation": .array(try mitigations(attributes, predictions)),
    ]
  }

  /// Protected columns and those that guardrails name.
  private var attributes: [String] {
    var names = table.test.audit.schema.names
    for case .fairness(let limit) in judgement.gate.guardrails where !names.contains(limit.by) {
      names.append(limit.by)
    }
    return names
  }

  /// Thresholds by group that close each gap, found on out-of-fold predictions and judged on the sealed rows.
  private func mitigations(_ attributes: [String], _ predictions: Predictions) throws -> [JSONValue] {
    guard predictions.classes.count == 2, judgement.model.groups == nil else { return [] }
    let known = judgement.model.heldOut
    var out: [JSONValue] = []
    for name in attributes {
      let learnt = try ProtectedGroups(known.withAudit(), by: [name])
      let judged = try ProtectedGroups(table.test.withAudit(), by: [name])
      for constraint in [FairnessMetric.demographicParity, .equalOpportunity] {
        let threshold = judgement.model.threshold?.probability ?? 0.5
        guard
          let found = try? GroupThresholds.fit(
            learnt, judgement.model.outOfFold, known.target, constraint: constraint, atMost: Self.wantedGap,
            threshold: threshold)
        else { continue }
        let changed = try found.applied(to: predictions, judged)
        let options = table.test.bootstrap("mitigation", replicateCount: 200, context)
        let audit = try FairnessAudit.make(
          judged, changed, table.test.target, weights: table.test.weights, rowKeys: table.test.units,
          metrics: [Accuracy(), BalancedAccuracy()], options: options)
        let before = try Accuracy().value(predictions, table.test.target, weights: table.test.weights)
        let after = try Accuracy().value(changed, table.test.target, weights: table.test.weights)
        out.append([
          "attribute": .string(name), "constraint": .string(constraint.rawValue), "fit": found.json,
          "test": audit.json, "accuracy_before": .finite(before), "accuracy_after": .finite(after),
          "price": .finite(before.flatMap { a in after.map { a - $0 } }),
        ])
      }
    }
    return out
  }
}
