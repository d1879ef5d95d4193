import Basics
import Evaluation
import Modeling
import Testing
import Tuning

@Suite struct TuningTests {
  private let cards: [Card] = [
    Card(
      name: "baseline", summary: "", tasks: [.classification, .regression], capabilities: [.multiclass], source: ""),
    Card(
      name: "logistic", summary: "", tasks: [.classification], capabilities: [.multiclass],
      hyperparameters: [
        Hyperparameter(
          "l2", "", .real(0...1e6, logarithmic: false), search: .real(1e-3...1e3, logarithmic: true))
      ], source: ""),
    Card(
      name: "gradient-boosted-trees", summary: "", tasks: [.classification, .regression],
      capabilities: [.multiclass, .earlyStopping],
      hyperparameters: [
        Hyperparameter("iteration_count", "", .integer(1...100_000, logarithmic: true)),
        Hyperparameter(
          "learning_rate", "", .real(0.001...1, logarithmic: true), search: .real(0.02...0.3, logarithmic: true)),
        Hyperparameter(
          "leaf_count", "", .integer(2...64, logarithmic: true), search: .integer(7...63, logarithmic: true)),
        Hyperparameter("l2", "", .real(0...1000, logarithmic: false), search: .real(0.01...10, logarithmic: true)),
        Hyperparameter("objective", "", .choice(["auto", "huber"])),
      ], source: ""),
  ]

  private func request(_ trials: Int? = nil, rows: Int = 10_000, text: Bool = false) -> PortfolioRequest {
    PortfolioRequest(
      task: .classification, rowCount: rows, columnCount: 10, classCount: 2, hasText: text, trials: trials)
  }

  @Test(arguments: [100, 10_000, 1_000_000]) func portfolioIsShortValidAndStable(rows: Int) throws {
    let list = try Portfolio.candidates(request(rows: rows), cards: cards)
    #expect(list == (try Portfolio.candidates(request(rows: rows), cards: cards)))
    #expect(list.first?.algorithm == "baseline" && list.count > 5 && list.count < 14)
    #expect(Set(list).count == list.count)
    #expect(list.prefix(3).map(\.algorithm) == ["baseline", "logistic", "gradient-boosted-trees"])
    for candidate in list {
      let card = try #require(cards.first { $0.name == candidate.algorithm })
      for (name, value) in candidate.parameters.objectValue ?? [] {
        let setting = try #require(card.hyperparameters.first { $0.name == name }, "unknown setting \(name)")
        try setting.validate(value, owner: card.name)
      }
    }
  }

  @Test func trialsCutOrFillTheList() throws {
    #expect(try Portfolio.candidates(request(2), cards: cards).count == 3)
    let many = try Portfolio.candidates(request(40), cards: cards)
    #expect(many.count == 41 && Set(many).count == 41)
    #expect(many == (try Portfolio.candidates(request(40), cards: cards)))
    #expect(many != (try Portfolio.candidates(request(40), cards: cards, seed: Seed(1))))
    let trees = many.filter { $0.algorithm == "gradient-boosted-trees" }
    #expect(trees.count > 25)
    for tree in trees {
      let rate = try #require(tree.parameters["learning_rate"]?.doubleValue)
      let iterations = try #require(tree.parameters["iteration_count"]?.doubleValue)
      #expect(abs(iterations * rate - 100) < 1, "small steps need many iterations")
    }
    for candidate in trees {
      for (name, value) in candidate.parameters.objectValue ?? [] {
        try cards[2].hyperparameters.first { $0.name == name }?.validate(value, owner: "trees")
      }
    }
    #expect(throws: MLError.self) { try Portfolio.candidates(request(0), cards: cards) }
  }

  @Test func algorithmsAreChosenByName() throws {
    var only = request()
    only.algorithms = ["logistic"]
    #expect(Set(try Portfolio.candidates(only, cards: cards).map(\.algorithm)) == ["baseline", "logistic"])
    only.algorithms = ["gradient-bosted-trees"]
    #expect {
      try Portfolio.candidates(only, cards: cards)
    } throws: { ($0 as? MLError)?.hint == "Did you mean 'gradient-boosted-trees'?" }
    only.algorithms = ["logistic"]
    only.task = .regression
    #expect(throws: MLError.self) { try Portfolio.candidates(only, cards: cards) }
    let text = try Portfolio.candidates(request(text: true), cards: cards)
    #expect(text.prefix(4).filter { $0.algorithm == "logistic" }.count >= 2)
  }

  private func result(_ complexity: Double, _ folds: [Double?]) -> CandidateResult {
    CandidateResult(candidate: Candidate(algorithm: "c\(complexity)", complexity: complexity), folds: folds)
  }

  @Test func simplerWinsOnlyWhenFoldsCannotTell() throws {
    let baseline = result(0, [0.5, 0.5, 0.5])
    // Folds differ by far more than candidates do; the second is better in each.
    let clear = [baseline, result(1, [0.80, 0.90, 0.70]), result(2, [0.82, 0.92, 0.72])]
    #expect(try Selection.choose(clear, metric: AreaUnderROC(), baseline: 0).index == 2)
    let even = [baseline, result(1, [0.801, 0.899, 0.70]), result(2, [0.80, 0.90, 0.701])]
    let chosen = try Selection.choose(even, metric: AreaUnderROC(), baseline: 0)
    #expect(chosen.index == 1 && chosen.best == 2 && chosen.why.contains("within one standard error"))
    let costly = [baseline, result(1, [0.90, 0.70, 0.80]), result(2, [0.83, 0.83, 0.83])]
    #expect(try Selection.choose(costly, metric: AreaUnderROC(), baseline: 0).index == 2)
  }

  @Test func selectionMindsDirectionFailuresAndBudgets() throws {
    let errors = [result(1, [5, 6]), result(2, [4, 5])]
    let chosen = try Selection.choose(errors, metric: RootMeanSquaredError())
    #expect(chosen.index == 1 && chosen.ranking == [1, 0])
    var failed = errors
    failed[1].failure = "no"
    #expect(try Selection.choose(failed, metric: RootMeanSquaredError()).index == 0)
    // Cut short: only the first fold is common, and there the first is better.
    let cut = [result(1, [4]), result(2, [5, 1])]
    #expect(try Selection.choose(cut, metric: RootMeanSquaredError()).index == 0)
    #expect(throws: MLError.self) { try Selection.choose([result(1, [nil])], metric: AreaUnderROC()) }
    let untried = [result(1, []), result(2, [0.7])]
    #expect(try Selection.choose(untried, metric: AreaUnderROC()).index == 1)
  }

  @Test func theHopelessLeaveEarlyAndTheBestStays() throws {
    let strengths = [0.5, 0.7, 0.75, 0.9, 0.899, 0.8, 0.85, 0.895]
    let candidates = strengths.indices.map { Candidate(algorithm: "c\($0)", complexity: Double($0)) }
    var fits = 0
    let results = try Tournament.run(candidates, foldCount: 5, metric: AreaUnderROC(), protected: [0]) { index, fold in
      fits += 1
      return strengths[index] + Double(fold % 2) * 0.01
    }
    #expect(fits < 26, "\(fits) fits of 40")
    #expect(results[0].folds.count == 5 && results[3].folds.count == 5 && results[4].folds.count == 5)
    #expect(results[1].droppedAfter == 1 && results[2].droppedAfter == 1)
    #expect(try Selection.choose(results, metric: AreaUnderROC(), baseline: 0).best == 3)
  }

  @Test func nobodyLeavesBeforeTheOpeningFoldsArePlayed() throws {
    // The best is unlucky on the first fold.
    let strengths = [0.6, 0.7, 0.75, 0.9, 0.8, 0.72]
    let candidates = strengths.indices.map { Candidate(algorithm: "c\($0)", complexity: Double($0)) }
    var options = Tournament.Options(batchCount: 4)
    options.openingCount = 3
    var order: [Int] = []
    let results = try Tournament.run(candidates, foldCount: 5, metric: AreaUnderROC(), options: options) { trials, _ in
      order += trials.map(\.fold)
      return trials.map { .success(strengths[$0.index] - ($0.fold == 0 && $0.index == 3 ? 0.3 : 0)) }
    }
    #expect(results.allSatisfy { $0.folds.count >= 3 })
    #expect(results[3].folds.count == 5 && results[3].droppedAfter == nil)
    #expect(results[0].droppedAfter == 3)
    // Fold by fold, so that one cut short by its budget has tried everyone alike.
    #expect(order == order.sorted())
    var one = options
    one.openingCount = 1
    let hasty = try Tournament.run(candidates, foldCount: 5, metric: AreaUnderROC(), options: one) { trials, _ in
      trials.map { .success(strengths[$0.index] - ($0.fold == 0 && $0.index == 3 ? 0.3 : 0)) }
    }
    #expect(hasty[3].droppedAfter == 1)
  }

  @Test func failuresAndBudgetsDoNotEndTheTournament() throws {
    let candidates = (0..<4).map { Candidate(algorithm: "c\($0)", complexity: Double($0)) }
    let results = try Tournament.run(candidates, foldCount: 3, metric: AreaUnderROC()) { index, _ in
      if index == 1 { throw MLError(.invalidData, "cannot fit") }
      return 0.8
    }
    #expect(results[1].failure == "cannot fit" && results[0].folds.count == 3)
    let stop = { true }
    let short = try Tournament.run(
      candidates, foldCount: 3, metric: AreaUnderROC(), shouldStop: stop
    ) { _, _ in 0.8 }
    #expect(short.map(\.folds.count) == [1, 1, 0, 0])
    #expect(throws: MLError.self) {
      try Tournament.run(candidates, foldCount: 3, metric: AreaUnderROC()) { _, _ in throw MLError(.invalidData, "x") }
    }
    #expect {
      try Tournament.run(candidates, foldCount: 3, metric: AreaUnderROC()) { _, _ in throw MLError(.cancelled, "x") }
    } throws: { ($0 as? MLError)?.code == .cancelled }
  }
}
