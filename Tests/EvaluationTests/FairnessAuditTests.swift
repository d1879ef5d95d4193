import Basics
import Evaluation
import Frames
import Modeling
import Testing

@Suite struct FairnessAuditTests {
  private struct Table {
    var frame: Frame
    var predictions: Predictions
    var target: Target
    var json: JSONValue

    init() throws {
      json = try golden("fairness/fairness.json")
      let texts = { (json: JSONValue?) in Column(categories: json?.arrayValue?.map(\.stringValue) ?? []) }
      let p = json["probabilities"]?.doubles ?? []
      frame = try Frame([("group", texts(json["group"])), ("side", texts(json["side"])), ("p", Column(numbers: p))])
      predictions = Predictions(
        .probabilities(p.flatMap { [1 - $0, $0] }, classes: ["no", "yes"]), decisions: p.map { $0 > 0.5 ? 1 : 0 })
      target = .classes(codes: (json["truth"]?.doubles ?? []).map { Int32($0) }, names: ["no", "yes"])
    }
  }

  @Test func agreesWithFairlearn() throws {
    let table = try Table()
    for (key, attributes, weights) in [
      ("plain", ["group"], nil), ("weighted", ["group"], table.json["weights"]?.doubles),
      ("crossed", ["group", "side"], nil),
    ] as [(String, [String], [Double]?)] {
      let audit = try FairnessAudit.make(
        ProtectedGroups(table.frame, by: attributes), table.predictions, table.target, weights: weights,
        metrics: [Accuracy()], minimumCount: 1, options: .init(replicateCount: 100))
      for group in table.json[key]?["groups"]?.arrayValue ?? [] {
        let values = group["values"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let own = try #require(audit.groups.first { $0.values == values })
        for (name, expected) in group["metrics"]?.objectValue ?? [] {
          #expect(isClose(own.metrics[name]?.value, expected.doubleValue), "\(key) \(values) \(name)")
        }
      }
      for (name, expected) in table.json[key]?["difference"]?.objectValue ?? [] {
        #expect(isClose(audit[name]?.difference.value, expected.doubleValue), "\(key) \(name)")
        let ratio = table.json[key]?["ratio"]?[name]?.doubleValue
        #expect(isClose(audit[name]?.ratio?.value, ratio), "\(key) \(name) ratio")
        let interval = try #require(audit[name]?.difference)
        #expect(interval.low < interval.high)
      }
    }
  }

  @Test func smallGroupsAreShownAndNotCompared() throws {
    let table = try Table()
    let edges = ["p": [0.01, 0.5]]
    let groups = try ProtectedGroups(table.frame, by: ["p"], edges: edges)
    #expect(Set(groups.groups.map(\.name)).isSubset(of: ["< 0.01", "[0.01, 0.5)", "≥ 0.5"]))
    let audit = try FairnessAudit.make(
      ProtectedGroups(table.frame, by: ["group"]), table.predictions, table.target, minimumCount: 150,
      options: .init(replicateCount: 30))
    #expect(audit.groups.count == 3 && audit.groups.last?.isSmall == true)
    #expect(audit["demographic_parity"]?.lowest != audit.groups.last?.values[0])
    #expect(audit["calibration"]?.ratio == nil)
    #expect(throws: MLError.self) { try ProtectedGroups(table.frame, by: []) }
    let report = try #require(
      try Fairness.evaluate(by: "group", table.frame, table.predictions, table.target, minimumCount: 1))
    let expected = table.json["plain"]?["difference"]
    #expect(isClose(report.gap(.predictiveParity)?.value.value, expected?["predictive_parity"]?.doubleValue))
    #expect(isClose(report.gap(.equalizedOdds)?.value.value, expected?["equalized_odds"]?.doubleValue))
    #expect(report.gaps.count == FairnessMetric.allCases.count)
  }

  @Test func reweighingMakesGroupAndClassIndependent() throws {
    let table = try Table()
    let groups = try ProtectedGroups(table.frame, by: ["group"])
    let weights = try Reweighing.weights(groups, table.target)
    for (a, b) in zip(weights, table.json["reweighing"]?.doubles ?? []) { #expect(isClose(a, b)) }
    let shares = groups.groups.map { group in
      group.rows.reduce(0) { $0 + weights[$1] * table.target.doubles[$1] } / group.rows.reduce(0) { $0 + weights[$1] }
    }
    #expect(isClose(shares[0], shares[1]) && isClose(shares[0], shares[2]))
    #expect(throws: MLError.self) { try Reweighing.weights(groups, .values([1])) }
  }

  @Test func columnsThatStandInAreNamed() throws {
    var stream = Seed(4).generator
    let group = (0..<1000).map { _ in stream.uniform() < 0.3 ? "f" : "m" }
    let frame = try Frame([
      ("sex", Column(categories: group)),
      ("height", Column(numbers: group.map { ($0 == "f" ? 166.0 : 180) + 6 * stream.normal() })),
      ("title", Column(categories: group.map { stream.uniform() < 0.05 ? nil : $0 == "f" ? "Ms" : "Mr" })),
      ("luck", Column(numbers: group.map { _ in stream.normal() })),
    ])
    let proxies = try Proxies.find(ProtectedGroups(frame, by: ["sex"]), frame)
    #expect(proxies.map(\.column) == ["title", "height", "luck"])
    #expect(proxies[0].area > 0.95 && proxies[0].mutualInformation > 0.7 && proxies[1].isStrong)
    #expect(abs(proxies[2].area - 0.5) < 0.06 && !proxies[2].isStrong && proxies[2].mutualInformation < 0.03)
    #expect(try Proxies.find(ProtectedGroups(frame, by: ["sex"]), frame, excluding: ["title"]).count == 2)
  }

  @Test(arguments: [FairnessMetric.demographicParity, .equalOpportunity, .equalizedOdds])
  func groupThresholdsCloseTheGapAtAPrice(constraint: FairnessMetric) throws {
    var stream = Seed(7).generator
    var (group, codes, values): ([String?], [Int32], [Double]) = ([], [], [])
    for _ in 0..<6000 {
      let isFirst = stream.uniform() < 0.5
      let isPositive = stream.uniform() < (isFirst ? 0.5 : 0.3)
      let p = Mathematics.logistic((isPositive ? 1.2 : -1.2) + (isFirst ? 0.6 : -0.6) + stream.normal())
      group.append(isFirst ? "a" : "b")
      codes.append(isPositive ? 1 : 0)
      values += [1 - p, p]
    }
    let frame = try Frame([("group", Column(categories: group))])
    let groups = try ProtectedGroups(frame, by: ["group"])
    let predictions = Predictions(.probabilities(values, classes: ["no", "yes"]))
    let target = Target.classes(codes: codes, names: ["no", "yes"])
    let fitted = try GroupThresholds.fit(groups, predictions, target, constraint: constraint)
    #expect(fitted.gapBefore > 0.15 && fitted.gapAfter <= 0.02 && fitted.isMet)
    let decided = try fitted.applied(to: predictions, groups)
    let report = try #require(
      try Fairness.evaluate(by: "group", frame, decided, target, options: .init(replicateCount: 20)))
    #expect(isClose(report.gap(constraint)?.value.value, fitted.gapAfter))
    let (before, after) = try (
      Accuracy().value(predictions, target, weights: nil), Accuracy().value(decided, target, weights: nil)
    )
    #expect(isClose(before, fitted.metricBefore) && isClose(after, fitted.metricAfter))
    #expect(fitted.price < 0.1 && isClose(fitted.price, (before ?? 0) - (after ?? 0)))
    #expect(throws: MLError.self) {
      try GroupThresholds.fit(groups, predictions, target, constraint: .calibration)
    }
  }
}
