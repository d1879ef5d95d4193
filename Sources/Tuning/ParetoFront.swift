import Basics
import Evaluation
public import Modeling

/// What a candidate reaches and what it costs to use.
public struct CandidateCost: Sendable, Hashable {
  /// Place of the candidate.
  public var index: Int
  /// Metric in cross-validation.
  public var value: Double
  /// Microseconds to score a single row; `nil` when not measured.
  public var rowMicroseconds: Double?
  /// Bytes of the fitted candidate; `nil` when not measured.
  public var sizeBytes: Int?

  /// Makes a cost.
  public init(index: Int, value: Double, rowMicroseconds: Double?, sizeBytes: Int?) {
    self.index = index
    self.value = value
    self.rowMicroseconds = rowMicroseconds
    self.sizeBytes = sizeBytes
  }
}

/// What is wanted where several candidates are as good as one another.
public enum Preference: String, Sendable, Hashable, Codable, CaseIterable {
  /// The best metric.
  case accuracy
  /// The quickest of those as good as the best.
  case speed
  /// The smallest of those as good as the best.
  case size

  /// The preference called `name`.
  ///
  /// - Throws: `.invalidParameter` with the closest names.
  public init(named name: String) throws {
    guard let known = Self(rawValue: name) else {
      throw MLError.unknown(
        "preference", name, among: Self.allCases.map(\.rawValue), in: "prefer", code: .invalidParameter)
    }
    self = known
  }
}

/// Candidates that no other beats in metric, latency and size at once.
public enum ParetoFront {
  /// Places in `costs` of the front, best metric first.
  ///
  /// A candidate is off the front when another is at least as good in all three and better in one. What was not
  /// measured counts as the worst.
  public static func places(_ costs: [CandidateCost], metric: any Metric) -> [Int] {
    costs.indices.filter { place in
      !costs.indices.contains { $0 != place && dominates(costs[$0], costs[place], metric) }
    }.sorted { a, b in
      let gain = metric.improvement(costs[a].value, over: costs[b].value)
      return gain == 0 ? a < b : gain > 0
    }
  }

  private static func dominates(_ a: CandidateCost, _ b: CandidateCost, _ metric: any Metric) -> Bool {
    let gains = [
      metric.improvement(a.value, over: b.value),
      saved(a.rowMicroseconds, b.rowMicroseconds), saved(a.sizeBytes.map(Double.init), b.sizeBytes.map(Double.init)),
    ]
    return gains.allSatisfy { $0 >= 0 } && gains.contains { $0 > 0 }
  }

  private static func saved(_ a: Double?, _ b: Double?) -> Double {
    let (a, b) = (a ?? .infinity, b ?? .infinity)
    return a == b ? 0 : b - a
  }
}

extension Selection {
  /// The selection moved along the front: the quickest or smallest candidate whose metric is within one standard error
  /// of the best's and better than the baseline's. For accuracy, and where nothing was measured, it stays as it is.
  ///
  /// - Parameter costs: of candidates tried to the end.
  /// - Source: Breiman et al., *Classification and regression trees*, 1984 (one-standard-error rule).
  public func moved(
    towards preference: Preference, _ results: [CandidateResult], costs: [CandidateCost], metric: any Metric,
    baseline: Int?
  ) -> Selection {
    guard preference != .accuracy, let top = results[best].mean else { return self }
    let spare = results[best].standardError ?? 0
    let floor = baseline.flatMap { results[$0].mean }
    let price = { (cost: CandidateCost) -> Double? in
      preference == .speed ? cost.rowMicroseconds : cost.sizeBytes.map(Double.init)
    }
    // Noisy times have no say where only size is asked for: the choice must not differ between runs.
    let known = costs.map { cost in
      var copy = cost
      if preference == .size { copy.rowMicroseconds = nil }
      return copy
    }
    let front = ParetoFront.places(known, metric: metric).map { known[$0] }.filter { cost in
      cost.index != baseline && price(cost) != nil
        && metric.improvement(top, over: cost.value) <= spare
        && (floor.map { metric.improvement(cost.value, over: $0) > 0 } ?? true)
    }
    // The first of equals is the one with the best metric.
    guard let chosen = front.min(by: { (price($0) ?? 0) < (price($1) ?? 0) }) else { return self }
    var copy = self
    copy.index = chosen.index
    if chosen.index == best { return copy }
    let text = { (value: Double) in NumberText.shortest((value * 10_000).rounded() / 10_000) }
    copy.why =
      "\(results[chosen.index].candidate.algorithm) (\(metric.name) \(text(chosen.value))) is the "
      + "\(preference == .speed ? "quickest" : "smallest") within one standard error of the best "
      + "(\(results[best].candidate.algorithm), \(text(top)))."
    return copy
  }
}
