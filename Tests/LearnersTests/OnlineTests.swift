import Basics
import Frames
import Learners
import Modeling
import Testing

@Suite struct OnlineTests {
  /// Accuracy when each batch is predicted before it is learnt from.
  private func prequential<M: UpdatableModel>(_ model: M, _ batches: [TrainingData]) throws -> Double {
    var model = model
    var right = 0.0
    var total = 0.0
    for batch in batches {
      let guesses = try model.predict(batch.frame).classCodes
      for (guess, truth) in zip(guesses, batch.target.doubles) where Double(guess) == truth { right += 1 }
      total += Double(guesses.count)
      try model.update(with: batch, in: FitContext())
    }
    return right / total
  }

  /// Two numbers and a category; the class follows the sign of `a`, and its opposite from row `turn` on.
  private func stream(_ count: Int, turn: Int) throws -> TrainingData {
    var random = Seed(4).generator
    var (a, b, code) = ([Double](), [Double](), [Int32]())
    var color: [String?] = []
    for row in 0..<count {
      a.append(random.normal())
      b.append(100 + 20 * random.normal())
      color.append(["red", "blue", "green"][random.index(below: 3)])
      let isPositive = a[row] + 0.1 * random.normal() > 0
      code.append((isPositive != (row >= turn)) ? 1 : 0)
    }
    let frame = try Frame([
      ("a", Column(.number(a))), ("b", Column(.number(b))), ("color", Column(categories: color)),
    ])
    return try TrainingData(frame: frame, target: .classes(codes: code, names: ["n", "y"]))
  }

  private func batches(_ data: TrainingData, _ size: Int, from start: Int) throws -> [TrainingData] {
    try stride(from: start, to: data.frame.rowCount, by: size).map {
      try data.gathered(Array($0..<min($0 + size, data.frame.rowCount)))
    }
  }

  @Test func treeLearnsAStream() throws {
    let data = try stream(8000, turn: 8000)
    let model = try HoeffdingTree().fit(data.gathered(Array(0..<200)), in: FitContext())
    #expect(try prequential(model, batches(data, 100, from: 200)) > 0.93)
  }

  /// After the rule turns round, an adaptive tree finds the new one; a still tree keeps what it averaged.
  @Test func adaptiveTreeFollowsDrift() throws {
    let data = try stream(24_000, turn: 12_000)
    func late(_ isAdaptive: Bool) throws -> Double {
      var tree = HoeffdingTree()
      tree.adaptive = isAdaptive
      var model = try tree.fit(data.gathered(Array(0..<12_000)), in: FitContext())
      for batch in try batches(data, 500, from: 12_000).prefix(12) { try model.update(with: batch, in: FitContext()) }
      return try prequential(model, Array(batches(data, 500, from: 18_000)))
    }
    let (adaptive, still) = (try late(true), try late(false))
    #expect(adaptive > 0.9)
    #expect(adaptive > still)
  }

  @Test func loadedTreeGoesOnAlike() throws {
    let data = try stream(6000, turn: 3000)
    let first = try HoeffdingTree().fit(data.gathered(Array(0..<4000)), in: FitContext())
    var loaded = try HoeffdingTreeModel(from: ArchiveReader(bytes: archived(first), origin: "test"))
    var model = first
    let rest = try data.gathered(Array(4000..<6000))
    try model.update(with: rest, in: FitContext())
    try loaded.update(with: rest, in: FitContext())
    #expect(try model.predict(data.frame) == loaded.predict(data.frame))
  }

  @Test func onlineLinearModelsLearnAStream() throws {
    let data = try stream(4000, turn: 4000)
    let plain = try TrainingData(frame: data.frame.removing(["color"]), target: data.target)
    let model = try OnlineLogisticRegression().fit(plain.gathered(Array(0..<50)), in: FitContext())
    #expect(try prequential(model, batches(plain, 10, from: 50)) > 0.93)
    let numbers = try syntheticData(rows: 3000, dense: 3, classes: 0)
    var regression = try OnlineLinearRegression(learningRate: 0.3, passes: 1).fit(
      numbers.gathered(Array(0..<100)), in: FitContext())
    try regression.update(with: numbers.gathered(Array(100..<2500)), in: FitContext())
    let rest = try numbers.gathered(Array(2500..<3000))
    let exact = try Ridge().fit(numbers.gathered(Array(0..<2500)), in: FitContext())
    func error(_ model: some FittedModel) throws -> Double {
      zip(try #require(model.predict(rest.frame).values), rest.target.doubles).reduce(0) {
        $0 + ($1.0 - $1.1) * ($1.0 - $1.1) / 500
      }
    }
    #expect(try error(regression) < 1.1 * error(exact))
  }

  @Test func updatesInPartsEqualOneUpdate() throws {
    let data = try syntheticData(rows: 600, dense: 4, classes: 3)
    let start = try OnlineLogisticRegression().fit(data.gathered(Array(0..<100)), in: FitContext())
    var (whole, parts) = (start, start)
    try whole.update(with: data.gathered(Array(100..<600)), in: FitContext())
    for batch in try batches(data, 50, from: 100) { try parts.update(with: batch, in: FitContext()) }
    #expect(try whole.predict(data.frame) == parts.predict(data.frame))
  }

  @Test func stochasticGradientNearsTheMinimum() throws {
    let data = try syntheticData(rows: 4000, dense: 5, classes: 2)
    func loss(_ predictions: Predictions) throws -> Double {
      let p = try #require(predictions.probabilities(ofClass: 1))
      return zip(p, data.target.doubles).reduce(0) { $0 - Mathematics.log($1.1 == 1 ? $1.0 : 1 - $1.0) / 4000 }
    }
    let exact = try loss(LogisticRegression().fit(data, in: FitContext()).predict(data.frame))
    for isAveraged in [false, true] {
      var sgd = StochasticGradientDescent()
      sgd.average = isAveraged
      #expect(try loss(sgd.fit(data, in: FitContext(seed: Seed(1))).predict(data.frame)) < exact * 1.02)
    }
    // The order of rows does not matter.
    let rows = Array((0..<4000).reversed())
    let (a, b) = (
      try StochasticGradientDescent().fit(data, in: FitContext(seed: Seed(1))),
      try StochasticGradientDescent().fit(data.gathered(rows), in: FitContext(seed: Seed(1)))
    )
    #expect(try a.predict(data.frame) == b.predict(data.frame))
  }

  @Test func sparsePenaltyDropsNoise() throws {
    let data = try syntheticData(rows: 2000, dense: 6, classes: 0)
    var noisy = data
    var random = Seed(8).generator
    for k in 0..<4 {
      let column = Column(.number((0..<2000).map { _ in random.normal() }))
      noisy.frame = try noisy.frame.setting(Field("noise\(k)", .number), column)
    }
    var sgd = StochasticGradientDescent()
    (sgd.penalty, sgd.l1Ratio, sgd.loss) = (0.1, 1, .huber)
    let model = try sgd.fit(noisy, in: FitContext(seed: Seed(1)))
    let importance = try #require(model.importance)
    #expect(importance[6...].allSatisfy { $0 < 0.01 })
    #expect(importance[0] > 0.1)
    sgd.loss = .hinge
    #expect { try sgd.fit(noisy, in: FitContext()) } throws: { ($0 as? MLError)?.field == "loss" }
  }

  @Test func failedUpdateChangesNothing() throws {
    let data = try syntheticData(rows: 100, dense: 2, classes: 2)
    var model = try OnlineLogisticRegression().fit(data, in: FitContext())
    let before = try model.predict(data.frame)
    var values = [Double](repeating: 1, count: 100)
    values[70] = .infinity
    let bad = try TrainingData(
      frame: data.frame.setting(Field("x1", .number), Column(.number(values))), target: data.target)
    #expect(throws: MLError.self) { try model.update(with: bad, in: FitContext()) }
    #expect(try model.predict(data.frame) == before)
  }
}
