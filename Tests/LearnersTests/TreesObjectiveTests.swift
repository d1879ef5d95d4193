import Basics
import Frames
import Learners
import Modeling
import Testing

/// Gamma, Tweedie and LambdaRank: quality beside LightGBM's (see `Fixtures/Golden/trees`), and what they refuse.
@Suite struct TreesObjectiveTests {
  private func expected(_ name: String) throws -> Double {
    let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let json = try JSONValue(parsing: FileSystem.read("/\(folder)/Fixtures/Golden/trees/objectives.json"))
    return try #require(json[name]?.doubleValue)
  }

  private func exponential(_ row: Int, _ column: Int) -> Double {
    -Mathematics.log(1 - TreeTables.uniform(row, column))
  }

  /// Test target and predictions of `settings` fitted on the first 4000 of 6000 rows of `frame`.
  private func held(_ settings: GradientBoostedTrees, _ frame: Frame, _ target: [Double]) throws -> (
    target: [Double], values: [Double]
  ) {
    let data = try TrainingData(frame: frame, target: .values(target))
    let model = try settings.fit(data.gathered(Array(0..<4000)), in: FitContext())
    let test = try data.gathered(Array(4000..<6000))
    return (test.target.doubles, try #require(model.predict(test.frame).values))
  }

  @Test func gammaIsAsGood() throws {
    let (frame, score) = try TreeTables.mixed(6000)
    let y = score.indices.map { row -> Double in
      Mathematics.exp(0.35 * (score[row] - 3)) * (exponential(row, 9) + exponential(row, 10)) / 2 + 1e-9
    }
    var settings = GradientBoostedTrees()
    settings.objective = .gamma
    let (target, values) = try held(settings, frame, y)
    let deviance = zip(target, values).reduce(0) { $0 + 2 * (Mathematics.log($1.1 / $1.0) + $1.0 / $1.1 - 1) } / 2000
    #expect(try deviance < expected("gamma_deviance") * 1.02)
  }

  @Test func tweedieIsAsGood() throws {
    let (frame, score) = try TreeTables.mixed(6000)
    let y = score.indices.map { row -> Double in
      if TreeTables.uniform(row, 11) < 0.5 { return 0 }
      return exponential(row, 9) * Mathematics.exp(0.35 * (score[row] - 3)) * 2
    }
    var settings = GradientBoostedTrees()
    settings.objective = .tweedie
    let (target, values) = try held(settings, frame, y)
    let loss = zip(target, values).reduce(0) { $0 + 2 * $1.1.squareRoot() + 2 * $1.0 / $1.1.squareRoot() } / 2000
    #expect(try loss < expected("tweedie_loss") * 1.005)
    settings.tweediePower = 1.9
    #expect(try held(settings, frame, y).values != values)
  }

  private func relevance(_ score: [Double]) -> [Double] {
    score.indices.map { row in
      min(max(((score[row] + 2 * TreeTables.uniform(row, 9) - 2) / 2).rounded(.down), 0), 4)
    }
  }

  private func ndcg(_ target: [Double], _ values: [Double], _ group: (Int) -> Int) -> Double {
    func gain(_ targets: [Double]) -> Double {
      targets.prefix(10).enumerated().reduce(0) {
        $0 + (Mathematics.pow(2, $1.element) - 1) / Mathematics.log(Double($1.offset) + 2) * Mathematics.log(2)
      }
    }
    let groups = Dictionary(grouping: target.indices, by: group).values
    return groups.reduce(0) { sum, rows in
      let best = gain(rows.map { target[$0] }.sorted(by: >))
      let order = rows.sorted { (values[$1], $0) < (values[$0], $1) }
      return sum + (best > 0 ? gain(order.map { target[$0] }) / best : 1)
    } / Double(groups.count)
  }

  @Test func lambdarankIsAsGood() throws {
    let (frame, score) = try TreeTables.mixed(6000)
    let y = relevance(score)
    let queries = Column(.integer((0..<6000).map { Int64($0 / 20) }))
    var settings = GradientBoostedTrees()
    settings.objective = .lambdarank
    settings.group = "query"
    let table = try frame.setting(Field("query", .integer), queries)
    let (target, values) = try held(settings, table, y)
    let own = ndcg(target, values) { $0 / 20 }
    #expect(try own > expected("ndcg_10") - 0.004)
    // What the model needs does not include the group.
    let model = try settings.fit(
      TrainingData(frame: table, target: .values(y)).gathered(Array(0..<400)), in: FitContext())
    #expect(!model.schema.names.contains("query"))
    #expect(try model.predict(frame.gathered([0, 1])).rowCount == 2)
  }

  @Test func rowsOfAGroupNeedNotBeAdjacent() throws {
    let (frame, score) = try TreeTables.mixed(2000)
    let names = Column(.text((0..<2000).map { "q\($0 / 20)" }))
    let data = try TrainingData(
      frame: frame.setting(Field("query", .text), names), target: .values(relevance(score)))
    let order = (0..<2000).sorted { StableHash.mix(UInt64($0)) < StableHash.mix(UInt64($1)) }
    let settings = TreeTables.short {
      $0.objective = .lambdarank
      $0.group = "query"
    }
    let first = try #require(settings.fit(data, in: FitContext()).predict(frame).values)
    let second = try #require(settings.fit(data.gathered(order), in: FitContext()).predict(frame).values)
    #expect(zip(first, second).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(ndcg(data.target.doubles, first) { $0 / 20 } > 0.9)
  }

  @Test func lambdarankStopsOnGroupsOfValidationRows() throws {
    let (frame, score) = try TreeTables.mixed(1200)
    let names = Column(.text((0..<1200).map { "q\($0 / 20)" }))
    let all = try TrainingData(
      frame: frame.setting(Field("query", .text), names), target: .values(relevance(score)))
    var data = try all.gathered(Array(0..<800))
    data.validation = .init(
      frame: all.frame.gathered(Array(800..<1200)), target: all.target.gathered(Array(800..<1200)))
    let seen = Box()
    let settings = TreeTables.short {
      $0.objective = .lambdarank
      $0.group = "query"
      $0.earlyStoppingRounds = 0
    }
    let model = try settings.fit(data, in: FitContext(progress: { seen.set($0.validationObjective) }))
    let test = try all.gathered(Array(800..<1200))
    let objective = LambdaRankObjective(groups: RankingGroups((800..<1200).map { "\($0 / 20)" }))
    let scores = try #require(model.predict(test.frame).values)
    #expect(seen.value == objective.value(scores: scores.span, target: test.target.doubles.span, weights: nil))
  }

  @Test func targetsOutOfRangeAreNamedErrors() throws {
    let frame = try Frame([("x", Column(numbers: [1, 2, 3, 4])), ("q", Column(numbers: [1, 1, 2, 2]))])
    let cases: [(GradientBoostedTrees.Loss, Double, String)] = [
      (.poisson, -1, "not negative"), (.tweedie, -0.5, "not negative"), (.gamma, -2, "positive"),
      (.gamma, 0, "positive"), (.lambdarank, -1, "in 0…31"), (.lambdarank, 40, "in 0…31"),
      (.automatic, .nan, "finite"), (.squaredError, .infinity, "finite"), (.lambdarank, -.infinity, "finite"),
    ]
    for (loss, bad, words) in cases {
      var settings = GradientBoostedTrees()
      settings.objective = loss
      if loss == .lambdarank { settings.group = "q" }
      var data = try TrainingData(frame: frame, target: .values([1, 1, 2, 3]))
      data.target = .values([1, 1, bad, 3])
      let error = #expect(throws: MLError.self) { try settings.fit(data, in: FitContext()) }
      #expect(error?.code == .invalidData && error?.message.contains(words) == true, "\(loss) \(bad)")
      #expect(error?.message.contains("row 3") == true)
      data.target = .values([1, 1, 2, 3])
      data.validation = .init(frame: frame, target: .values([1, 1, bad, 3]))
      let other = #expect(throws: MLError.self) { try settings.fit(data, in: FitContext()) }
      #expect(other?.code == .invalidData && other?.message.contains("validation target") == true, "\(loss) \(bad)")
    }
  }

  @Test func groupsAreNamedWhereTheyAreWanted() throws {
    let frame = try Frame([("x", Column(numbers: [1, 2, 3])), ("q", Column(categories: ["a", nil, "a"]))])
    let data = try TrainingData(frame: frame, target: .values([0, 1, 2]))
    func error(_ change: (inout GradientBoostedTrees) -> Void) -> MLError? {
      var settings = GradientBoostedTrees()
      change(&settings)
      return #expect(throws: MLError.self) { try settings.fit(data, in: FitContext()) }
    }
    #expect(error { $0.objective = .lambdarank }?.field == "group")
    #expect(error { $0.group = "q" }?.field == "group")
    let unknown = error {
      $0.objective = .lambdarank
      $0.group = "qq"
    }
    #expect(unknown?.code == .invalidParameter && unknown?.hint?.contains("'q'") == true)
    let missing = error {
      $0.objective = .lambdarank
      $0.group = "q"
    }
    #expect(missing?.code == .invalidData && missing?.message.contains("row 2") == true)
  }

  /// Lambdas by the definition, pair by pair.
  @Test func lambdasFollowTheDefinition() {
    let scores = [0.3, -1.2, 0.3, 2.0, 0.1]
    let target = [2.0, 0, 1, 0, 3]
    let rank = [1, 4, 2, 0, 3]
    func discount(_ row: Int) -> Double { Mathematics.log(2) / Mathematics.log(Double(rank[row]) + 2) }
    let best = 7.0 + 3 * Mathematics.log(2) / Mathematics.log(3)
    var g = [Double](repeating: 0, count: 5)
    var h = g
    var sum = 0.0
    for i in 0..<5 {
      for j in 0..<5 where target[i] > target[j] && min(rank[i], rank[j]) < 2 {
        let lead = scores[i] - scores[j]
        let share = 1 / (1 + Mathematics.exp(lead))
        let change =
          (Mathematics.pow(2, target[i]) - Mathematics.pow(2, target[j])) * abs(discount(i) - discount(j)) / best
          / (0.01 + abs(lead))
        g[i] -= share * change
        g[j] += share * change
        for row in [i, j] { h[row] += share * (1 - share) * change }
        sum += 2 * share * change
      }
    }
    let factor = Mathematics.log(1 + sum) / Mathematics.log(2) / sum
    let objective = LambdaRankObjective(groups: RankingGroups(["a", "a", "a", "a", "a"]), truncation: 2)
    var gradients = [Double](repeating: 0, count: 5)
    var hessians = gradients
    var first = gradients.mutableSpan
    var second = hessians.mutableSpan
    objective.derivatives(scores: scores.span, target: target.span, gradients: &first, hessians: &second)
    for row in 0..<5 {
      #expect(abs(gradients[row] - g[row] * factor) < 1e-12 && abs(hessians[row] - h[row] * factor) < 1e-12)
    }
  }
}
