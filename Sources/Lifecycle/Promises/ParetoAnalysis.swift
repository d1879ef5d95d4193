import Basics
import Evaluation
import Modeling
import Tuning

/// What the judged candidates reach and cost, and which no other beats: part of `train --json` and of the report.
struct ParetoAnalysis: Sendable {
  let search: CandidateSearch.Result
  let metric: any Metric
  let preference: Preference

  /// `{"metric", "higher_is_better", "prefer", "points": [{"candidate", "algorithm", "value", "standard_error",
  /// "latency_microseconds", "size_bytes", "front", "chosen"}], "mixture"}`: candidates tried to the end, and the
  /// mixture that answers, whose time and size are the sums of its members'.
  func document() throws -> JSONValue {
    let judged = search.judged
    let places = judged.indices.filter { judged[$0].result.isEligible }
    let depth = places.map { judged[$0].result.folds.count }.max() ?? 0
    let complete = places.filter { judged[$0].result.folds.count == depth }
    let costs = complete.compactMap { index in
      judged[index].result.mean.map {
        CandidateCost(
          index: index, value: $0, rowMicroseconds: judged[index].rowMicroseconds, sizeBytes: judged[index].sizeBytes)
      }
    }
    let front = Set(ParetoFront.places(costs, metric: metric).map { costs[$0].index })
    let isMixture = search.members.count > 1
    return [
      "metric": .string(metric.name), "higher_is_better": .boolean(type(of: metric).higherIsBetter),
      "prefer": .string(preference.rawValue),
      "points": .array(
        costs.map { cost in
          [
            "candidate": .integer(Int64(cost.index)), "algorithm": .string(judged[cost.index].candidate.algorithm),
            "value": .finite(cost.value), "standard_error": .finite(judged[cost.index].result.standardError),
            "latency_microseconds": .finite(cost.rowMicroseconds),
            "size_bytes": cost.sizeBytes.map { .integer(Int64($0)) } ?? .null,
            "front": .boolean(front.contains(cost.index)),
            "chosen": .boolean(cost.index == search.chosen && !isMixture),
          ]
        }), "mixture": isMixture ? try mixture() : .null,
    ]
  }

  private func mixture() throws -> JSONValue {
    let members = search.members
    let known = members.map { search.judged[$0.index] }
    let folds = known.map(\.parts.count).min() ?? 0
    let values = try (0..<folds).compactMap { fold -> Double? in
      let mixed = try Committee.mean(known.map { $0.parts[fold].predictions }, members.map(\.weight))
      let rows = search.rows.gathered(known[0].parts[fold].rows)
      return try metric.value(mixed, rows.target, weights: rows.weights)
    }
    let times = known.compactMap(\.rowMicroseconds)
    let sizes = known.compactMap(\.sizeBytes)
    return [
      "members": .array(members.map { .integer(Int64($0.index)) }),
      "value": values.isEmpty ? .null : .finite(values.reduce(0, +) / Double(values.count)),
      "latency_microseconds": times.count == known.count ? .finite(times.reduce(0, +)) : .null,
      "size_bytes": sizes.count == known.count ? .integer(Int64(sizes.reduce(0, +))) : .null, "chosen": true,
    ]
  }
}
