import Basics
import Evaluation
public import Modeling

/// Which candidate is kept, and why.
public struct Selection: Sendable, Hashable {
  /// Place of the chosen candidate.
  public var index: Int
  /// Place of the candidate with the best mean.
  public var best: Int
  /// Places from best to worst mean; those that were not tried to the end last.
  public var ranking: [Int]
  /// One sentence.
  public var why: String

  /// Share of the best candidate's gain over the baseline that simplicity may cost.
  static let simplicityPrice = 0.01

  /// Picks the candidate with the best mean over folds; a simpler one when the folds cannot tell the two apart: when
  /// its mean shortfall, paired fold by fold, is within one standard error and costs at most 1 % of the gain over the
  /// baseline.
  ///
  /// Pairing matters: folds differ more from one another than candidates do, and unpaired errors would call a poor
  /// linear model as good as the trees.
  ///
  /// - Parameters:
  ///   - baseline: place of the baseline, which is chosen only when nothing beats it.
  /// - Throws: `.invalidData` when no candidate has a defined metric.
  /// - Source: Breiman et al., *Classification and regression trees*, 1984 (one-standard-error rule).
  public static func choose(
    _ results: [CandidateResult], metric: any Metric, baseline: Int? = nil
  ) throws -> Selection {
    let eligible = results.indices.filter { results[$0].isEligible }
    // Candidates cut short by a budget are compared on the folds that all of them have seen.
    let depth = eligible.map { results[$0].folds.count }.min() ?? 0
    let means = results.indices.map { index -> Double? in
      guard eligible.contains(index) else { return results[index].mean }
      return CandidateResult(candidate: results[index].candidate, folds: Array(results[index].folds.prefix(depth))).mean
    }
    let isBetter = { (a: Int, b: Int) -> Bool in
      guard let first = means[a] else { return false }
      guard let second = means[b] else { return true }
      let gain = metric.improvement(first, over: second)
      return gain == 0 ? (results[a].candidate.complexity, a) < (results[b].candidate.complexity, b) : gain > 0
    }
    let ranked = eligible.filter { means[$0] != nil }.sorted(by: isBetter)
    guard let best = ranked.first, let top = means[best] else {
      let reason = results.lazy.compactMap(\.failure).first
      throw MLError(
        .invalidData,
        "selection: none of \(results.count) candidates has a defined \(metric.name)."
          + (reason.map { " First failure: \($0)" } ?? ""),
        hint: "Check that every class occurs in training and validation rows.")
    }
    let gain = baseline.flatMap { means[$0] }.map { metric.improvement(top, over: $0) }
    let tied = ranked.filter { index in
      index != baseline && results[index].candidate.complexity < results[best].candidate.complexity
        && isTied(results[index], with: results[best], depth, metric, gain)
    }
    let chosen =
      tied.min { a, b in
        let (first, second) = (results[a].candidate.complexity, results[b].candidate.complexity)
        return first == second ? isBetter(a, b) : first < second
      } ?? best
    let rest = results.indices.filter { !ranked.contains($0) }.sorted(by: isBetter)
    return Selection(
      index: chosen, best: best, ranking: ranked + rest, why: sentence(results, chosen, best, means, metric))
  }

  private static func isTied(
    _ simple: CandidateResult, with best: CandidateResult, _ depth: Int, _ metric: any Metric, _ gain: Double?
  ) -> Bool {
    let shortfalls = zip(best.folds.prefix(depth), simple.folds.prefix(depth)).compactMap { a, b -> Double? in
      guard let a, let b else { return nil }
      return metric.improvement(a, over: b)
    }
    guard shortfalls.count > 1 else { return false }
    let count = Double(shortfalls.count)
    let mean = shortfalls.reduce(0, +) / count
    let spread = shortfalls.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    let isAffordable = gain.map { mean <= simplicityPrice * $0 } ?? true
    return isAffordable && mean <= (spread / count).squareRoot()
  }

  private static func sentence(
    _ results: [CandidateResult], _ chosen: Int, _ best: Int, _ means: [Double?], _ metric: any Metric
  ) -> String {
    let text = { (index: Int) in
      means[index].map { NumberText.shortest(($0 * 10_000).rounded() / 10_000) } ?? "undefined"
    }
    let name = results[chosen].candidate.algorithm
    let folds = results[chosen].folds.count
    if chosen == best {
      return "\(name) has the best \(metric.name), \(text(chosen)) over \(folds) \(folds == 1 ? "fold" : "folds")."
    }
    return "\(name) (\(metric.name) \(text(chosen))) is simpler than the best (\(results[best].candidate.algorithm), "
      + "\(text(best))) and within one standard error of it."
  }
}
