import Basics
import Evaluation
import Modeling
import Testing
import Tuning

@Suite struct ProposalTests {
  private let card = Card(
    name: "learner", summary: "", tasks: [.regression],
    hyperparameters: [
      Hyperparameter("rate", "", .real(0...1, logarithmic: false), search: .real(1e-3...1, logarithmic: true)),
      Hyperparameter("leaves", "", .integer(2...512, logarithmic: true), search: .integer(2...512, logarithmic: true)),
      Hyperparameter("kind", "", .choice(["a", "b", "c"]), search: .choice(["a", "b", "c"])),
      Hyperparameter("fixed", "", .real(0...9, logarithmic: false)),
    ], source: "")

  /// Best at rate 0.03, 32 leaves, kind b; up to 0.
  private func score(_ settings: JSONValue) -> Double {
    let rate = Mathematics.log((settings["rate"]?.doubleValue ?? 1) / 0.03)
    let leaves = Mathematics.log((settings["leaves"]?.doubleValue ?? 1) / 32)
    return -rate * rate - leaves * leaves - (settings["kind"]?.stringValue == "b" ? 0 : 4)
  }

  private func search(_ count: Int, seed: UInt64, guided: Bool) -> [ParzenSampler.Observation] {
    var seen: [ParzenSampler.Observation] = []
    for draw in 0..<count {
      let seed = Seed(seed).derived(draw)
      let settings =
        guided && draw >= 8
        ? ParzenSampler.propose(card, seen, seed: seed) : RandomSearch.settings(card, seed: seed)
      seen.append((settings, score(settings)))
    }
    return seen
  }

  @Test func whatScoredWellIsTriedNear() {
    var wins = 0
    for seed in 0..<20 as Range<UInt64> {
      let guided = search(40, seed: seed, guided: true).map(\.score)
      let random = search(40, seed: seed, guided: false).map(\.score)
      let late = guided.suffix(16).reduce(0, +) / 16
      #expect(late > random.suffix(16).reduce(0, +) / 16, "seed \(seed): proposals no better than chance on average")
      if (guided.max() ?? 0) >= (random.max() ?? 0) { wins += 1 }
    }
    #expect(wins >= 14, "the best of 40 guided trials beat the best of 40 random ones in \(wins) of 20 searches")
  }

  @Test func proposalsKeepToTheRangesAndRepeat() throws {
    let seen = search(12, seed: 3, guided: false)
    for draw in 0..<50 {
      let proposal = ParzenSampler.propose(card, seen, seed: Seed(9).derived(draw))
      #expect(proposal == ParzenSampler.propose(card, seen, seed: Seed(9).derived(draw)))
      for (name, value) in proposal.objectValue ?? [] {
        try card.hyperparameters.first { $0.name == name }?.validate(value, owner: "learner")
      }
      #expect((1e-3...1).contains(proposal["rate"]?.doubleValue ?? 0))
    }
  }

  private func tournament(batch: Int, trials: Int) throws -> [CandidateResult] {
    let request = PortfolioRequest(task: .regression, rowCount: 5000, columnCount: 4)
    let source = CandidateProposals(request: request, cards: [card], seed: Seed(4))
    var options = Tournament.Options(batchCount: batch)
    options.proposals = { results in
      source.next(min(4, trials - results.count), after: results, metric: RSquared())
    }
    let start = (0..<6).map { draw in
      Candidate(
        algorithm: "learner", parameters: RandomSearch.settings(card, seed: Seed(1).derived(draw)), complexity: 2)
    }
    return try Tournament.run(start, foldCount: 3, metric: RSquared(), options: options) { trials, known in
      trials.map { trial in .success(score(known[trial.index].parameters) + 0.001 * Double(trial.fold)) }
    }
  }

  @Test func aSearchDoesNotDependOnHowManyFitsRunTogether() throws {
    let one = try tournament(batch: 1, trials: 30)
    #expect(one.count == 30 && Set(one.map(\.candidate)).count == 30)
    #expect(one == (try tournament(batch: 3, trials: 30)))
    #expect(one == (try tournament(batch: 64, trials: 30)))
    let best = try Selection.choose(one, metric: RSquared())
    #expect(one[best.best].folds.count == 3)
    let first = one.prefix(6).compactMap { $0.folds.first ?? nil }.max() ?? 0
    #expect((one[best.best].mean ?? -99) > first, "24 proposals find something better than six draws")
    #expect(one.filter { $0.droppedAfter == 1 }.count >= 10, "the worse half leaves after one fold")
  }
}
