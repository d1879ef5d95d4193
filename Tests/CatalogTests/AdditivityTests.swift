import Basics
import Checks
import Evaluation
import Frames
import Learners
import Modeling
import Testing

/// Shares sum to what a model says: for every classifier and regressor, recommenders with weights and forecasters.
@Suite struct AdditivityTests {
  static let supervised = LearnerCatalog.all.flatMap { type in
    type.card.tasks.isDisjoint(with: [.classification, .regression])
      ? [] : (try? EstimatorSubject.subjects(of: type)) ?? []
  }

  /// What scores become: the prediction that `Contributions` are shares of.
  static func prediction(_ found: Contributions, row: Int) -> [Double] {
    let scores = found.outputs.indices.map { found.score(row: row, output: $0) }
    switch found.link {
    case .identity, .probability: return scores
    case .log: return scores.map { Mathematics.exp($0) }
    case .logit: return scores.map { 1 / (1 + Mathematics.exp(-$0)) }
    case .softmax:
      let top = scores.max() ?? 0
      let raised = scores.map { Mathematics.exp($0 - top) }
      return raised.map { $0 / raised.reduce(0, +) }
    }
  }

  /// Exact shares (trees, forests, linear) where a model knows them, Shapley values by experiment elsewhere.
  @Test(arguments: supervised)
  func sharesSumToTheMargin(_ subject: EstimatorSubject) throws {
    guard [.classification, .regression].contains(subject.table.task) else { return }
    func fitted<E: Estimator>(_ type: E.Type) throws -> any FittedModel {
      try E().fit(subject.table.trainingData(), in: FitContext(seed: Seed(7)))
    }
    let model = try fitted(subject.type)
    let rows = subject.table.test.gathered(Array(0..<min(12, subject.table.test.rowCount)))
    let found: Contributions
    if let model = model as? any ExplainableModel {
      found = try model.contributions(rows, background: nil)
    } else {
      found = try Shapley.values(rows, background: subject.table.train.gathered(Array(0..<8)), seed: Seed(3)) {
        try model.predict($0)
      }
    }
    let said = try model.predict(rows)
    for row in 0..<rows.rowCount {
      let sums = Self.prediction(found, row: row)
      let expected =
        said.values.map { [$0[row]] }
        ?? (found.link == .logit ? [1] : Array(0..<said.classes.count)).map {
          said.probabilities(ofClass: $0)?[row] ?? .nan
        }
      #expect(sums.count == expected.count)
      for (sum, value) in zip(sums, expected) {
        #expect(abs(sum - value) <= 1e-9 * max(1, abs(value)), "row \(row): \(sum) is not \(value)")
      }
    }
  }

  @Test(arguments: ["ease", "item-similarity", "popularity", "association-rules"])
  func reasonsSumToTheScoreThatRanks(name: String) throws {
    let type = try #require(LearnerCatalog.all.first { $0.card.name == name })
    let subject = try #require(try EstimatorSubject.subjects(of: type).first)
    func fitted<E: Estimator>(_ type: E.Type) throws -> any FittedModel {
      try E().fit(subject.table.trainingData(), in: FitContext(seed: Seed(7)))
    }
    let model = try #require(try fitted(type) as? any ReasoningRecommender)
    let column = try subject.table.train.column(model.userColumn)
    let users = ["nobody"] + Set((0..<column.count).compactMap { column.text(at: $0) }).sorted().prefix(8)
    var moved = 0.0
    for (user, list) in zip(users, try model.recommend(users: users, count: 5, excludingSeen: true)) {
      let reasons = try model.reasons(user: user, items: list.map(\.item))
      #expect(!list.isEmpty && reasons.count == list.count)
      for (entry, parts) in zip(list, reasons) {
        let sum = parts.reduce(0) { $0 + $1.value }
        #expect(abs(sum - entry.score) < 1e-9 * max(1, abs(entry.score)), "\(user), \(entry.item)")
        #expect(parts.first?.name == "")
        #expect(parts.dropFirst().allSatisfy { !$0.name.isEmpty && $0.name != entry.item })
        moved = max(moved, parts.dropFirst().map { abs($0.value) }.max() ?? 0)
      }
    }
    #expect(name == "popularity" ? moved == 0 : moved > 0.01, "\(moved)")
    #expect(throws: MLError.self) { try model.reasons(user: users[1], items: ["no such thing"]) }
  }

  @Test func factorsHaveNoReasonsToGive() throws {
    let subject = try #require(try EstimatorSubject.subjects(of: ImplicitALS.self).first)
    let model = try ImplicitALS().fit(subject.table.trainingData(), in: FitContext(seed: Seed(7)))
    let item = try #require(try model.recommend(basket: [], count: 1).first?.item)
    let column = try subject.table.train.column(model.userColumn)
    let error = #expect(throws: MLError.self) {
      try model.reasons(user: column.text(at: 0) ?? "", items: [item])
    }
    #expect(error?.hint?.contains("ease") == true)
  }

  @Test(arguments: ["seasonal-naive", "exponential-smoothing", "boosted-lags"])
  func componentsSumToTheForecast(name: String) throws {
    let type = try #require(LearnerCatalog.all.first { $0.card.name == name })
    let subject = try #require(try EstimatorSubject.subjects(of: type).first)
    func fitted<E: Estimator>(_ type: E.Type) throws -> any FittedModel {
      try E().fit(subject.table.trainingData(), in: FitContext(seed: Seed(7)))
    }
    let model = try #require(try fitted(type) as? any DecomposableForecaster)
    let forecasts = try model.forecast(steps: 30, coverage: 0.9)
    let components = try model.components(steps: 30)
    #expect(components.count == forecasts.count)
    for (forecast, steps) in zip(forecasts, components) {
      #expect(steps.count == 30)
      for (value, parts) in zip(forecast.values, steps) {
        let sum = parts.reduce(0) { $0 + $1.value }
        #expect(abs(sum - value) <= 1e-9 * max(1, abs(value)), "\(sum) is not \(value)")
        #expect(Set(parts.map(\.name)).count == parts.count)
      }
    }
    if name == "boosted-lags" { #expect(components[0][0].contains { $0.name == "lags" && $0.value != 0 }) }
    #expect(throws: MLError.self) { try model.components(steps: 0) }
  }
}
