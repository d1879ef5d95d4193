public import Basics
import Evaluation
public import Modeling

/// Further candidates while a search runs: the portfolio's answer to what its first list has shown.
public struct CandidateProposals: Sendable {
  let request: PortfolioRequest
  let cards: [Card]
  let seed: Seed

  /// Proposals among the algorithms with `cards`.
  public init(request: PortfolioRequest, cards: [Card], seed: Seed) {
    self.request = request
    self.cards = cards
    self.seed = seed
  }

  /// Most trials out of four go to the algorithm that leads; the rest to the runner-up, and to others that are close.
  ///
  /// - Parameters:
  ///   - count: how many; fewer come back when nothing new can be thought of.
  ///   - results: what has been tried, in order; compared on the first folds.
  ///   - opening: those folds.
  public func next(
    _ count: Int, after results: [CandidateResult], metric: any Metric, opening: Int = 1
  ) -> [Candidate] {
    let scored = results.enumerated().compactMap { index, result -> (index: Int, score: Double)? in
      let first = CandidateResult(candidate: result.candidate, folds: Array(result.folds.prefix(opening)))
      guard result.failure == nil, let value = first.mean else { return nil }
      return (index, metric.improvement(value, over: 0))
    }
    let leaders = leaders(results, scored)
    guard !leaders.isEmpty else { return [] }
    var tried = Set(results.map(\.candidate))
    var out: [Candidate] = []
    var draw = results.count
    while out.count < count, draw < results.count + 8 * count {
      let card = leaders[Self.turn(draw) % leaders.count]
      let observed = scored.filter { results[$0.index].candidate.algorithm == card.name }.map {
        ParzenSampler.Observation(results[$0.index].candidate.parameters, $0.score)
      }
      var settings = ParzenSampler.propose(card, observed, seed: seed.derived("proposal").derived(draw))
      if let iterations = Concept.iterations.setting(card), Concept.learningRate.setting(card) != nil,
        card.capabilities.contains(.earlyStopping)
      {
        settings = .object((settings.objectValue ?? []).filter { $0.0 != iterations.name })
      }
      let whole = Portfolio.withIterations(settings, card, request)
      let next = Portfolio.candidate(
        card, Portfolio.isLinear(card) ? Portfolio.quick(whole, card, request) : whole, request)
      if tried.insert(next).inserted { out.append(next) }
      draw += 1
    }
    return out
  }

  /// 0 0 1 0 0 1 0 2: the leader most often.
  private static func turn(_ draw: Int) -> Int { [0, 0, 1, 0, 0, 1, 0, 2][draw % 8] }

  /// Algorithms with something to search, best first; those whose best is far behind are left out.
  private func leaders(_ results: [CandidateResult], _ scored: [(index: Int, score: Double)]) -> [Card] {
    var best: [String: Double] = [:]
    for (index, score) in scored {
      let name = results[index].candidate.algorithm
      best[name] = max(best[name] ?? -.infinity, score)
    }
    guard let top = best.values.max(), let floor = best[Portfolio.baseline] ?? best.values.min() else { return [] }
    let open = cards.filter { card in
      card.name != Portfolio.baseline && card.hyperparameters.contains { $0.search != nil }
        && (best[card.name] ?? -.infinity) >= top - Tournament.hopelessGap * (top - floor)
    }
    return open.sorted { a, b in
      let (first, second) = (best[a.name] ?? -.infinity, best[b.name] ?? -.infinity)
      return first == second ? a.name < b.name : first > second
    }
  }
}
