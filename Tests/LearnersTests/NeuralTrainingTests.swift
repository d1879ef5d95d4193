import Basics
import Frames
import Learners
import Modeling
import Synchronization
import Testing

/// What training promises beyond the catalog suite.
@Suite struct NeuralTrainingTests {
  private func quick(_ epochs: Int) -> MultilayerPerceptron {
    var settings = MultilayerPerceptron()
    (settings.epochCount, settings.hiddenWidth, settings.batchNormalisation) = (epochs, 24, true)
    return settings
  }

  private func smallImages(_ epochs: Int) -> ConvolutionalNetwork {
    var settings = ConvolutionalNetwork()
    (settings.epochCount, settings.filterCount, settings.denseWidth) = (epochs, 8, 16)
    (settings.shift, settings.horizontalFlip) = (1, true)
    return settings
  }

  @Test func learnsFromEveryKindOfColumn() throws {
    let (train, test) = (
      try NeuralTables.mixed(1500, classes: true), try NeuralTables.mixed(600, classes: true, seed: 9)
    )
    let model = try MultilayerPerceptron().fit(train, in: FitContext(seed: Seed(1)))
    #expect(try NeuralTables.accuracy(model, test) > 0.93)
    for column in ["a", "b", "level", "words"] {
      var shuffled = test
      let order = (0..<600).map { ($0 * 7 + 11) % 600 }
      shuffled.frame = try test.frame.setting(
        #require(test.frame.schema[column]), test.frame.column(column).gathered(order))
      let drop = try NeuralTables.accuracy(model, test) - NeuralTables.accuracy(model, shuffled)
      #expect(drop > 0.02, "'\(column)' is not used: \(drop)")
    }
  }

  @Test func threadsDoNotShowInLargeNetworks() throws {
    let data = try NeuralTables.mixed(1200, classes: true)
    var settings = quick(2)
    (settings.hiddenWidth, settings.batchSize) = (192, 300)
    let all = try [1, 2, 4].map { count in
      try NeuralTables.bytes(settings.fit(data, in: FitContext(seed: Seed(4), workers: Workers(count: count))))
    }
    #expect(all[0] == all[1] && all[0] == all[2])
    let images = try NeuralTables.bars(200)
    let others = try [1, 3].map { count in
      try NeuralTables.bytes(smallImages(2).fit(images, in: FitContext(seed: Seed(4), workers: Workers(count: count))))
    }
    #expect(others[0] == others[1])
  }

  @Test func goesOnAfterBeingKilled() throws {
    var data = try NeuralTables.mixed(300, classes: true)
    let held = try NeuralTables.mixed(100, classes: true, seed: 3)
    data.validation = .init(frame: held.frame, target: held.target)
    let settings = quick(6)
    let expected = try NeuralTables.bytes(settings.fit(data, in: FitContext(seed: Seed(2))))
    let stop = Cancellation()
    var context = FitContext(seed: Seed(2), cancellation: stop) { if $0.iteration == 4 { stop.cancel() } }
    let checkpoints = MemoryCheckpoints()
    context.checkpoints = checkpoints
    #expect(throws: MLError.self) { try settings.fit(data, in: context) }
    let seen = Mutex<[Int]>([])
    var second = FitContext(seed: Seed(2)) { progress in seen.withLock { $0.append(progress.iteration) } }
    second.checkpoints = checkpoints
    #expect(try NeuralTables.bytes(settings.fit(data, in: second)) == expected)
    #expect(seen.withLock { $0.first } == 5)
  }

  @Test func imagesGoOnAfterBeingKilled() throws {
    let data = try NeuralTables.bars(80)
    let expected = try NeuralTables.bytes(smallImages(4).fit(data, in: FitContext(seed: Seed(2))))
    let stop = Cancellation()
    var context = FitContext(seed: Seed(2), cancellation: stop) { if $0.iteration == 2 { stop.cancel() } }
    let checkpoints = MemoryCheckpoints()
    context.checkpoints = checkpoints
    #expect(throws: MLError.self) { try smallImages(4).fit(data, in: context) }
    var second = FitContext(seed: Seed(2))
    second.checkpoints = checkpoints
    #expect(try NeuralTables.bytes(smallImages(4).fit(data, in: second)) == expected)
  }

  @Test func keepsTheBestEpoch() throws {
    var data = try NeuralTables.mixed(60, classes: true)
    let held = try NeuralTables.mixed(200, classes: true, seed: 3)
    data.validation = .init(frame: held.frame, target: held.target)
    var settings = MultilayerPerceptron()
    (settings.epochCount, settings.earlyStoppingRounds, settings.dropout, settings.schedule) = (200, 5, 0, .constant)
    settings.learningRate = 0.01
    let objectives = Mutex<[Double]>([])
    let context = FitContext(seed: Seed(1)) { progress in
      objectives.withLock { $0.append(progress.validationObjective ?? .nan) }
    }
    let model = try settings.fit(data, in: context)
    let seen = objectives.withLock { $0 }
    let least = try #require(seen.min())
    #expect(seen.count < 200 && seen.firstIndex(of: least) == seen.count - 6)
    #expect(model.iterationCount == seen.count - 5)
    guard case .probabilities(let values, _) = try model.predict(held.frame).storage,
      case .classes(let codes, _) = held.target
    else { return }
    var loss = 0.0
    for (row, code) in codes.enumerated() { loss -= Mathematics.log(values[row * 3 + Int(code)]) / Double(codes.count) }
    #expect(abs(loss - least) < 1e-4)
  }

  @Test func continuesAndUpdates() throws {
    let data = try NeuralTables.mixed(400, classes: true)
    let first = try quick(2).fit(data, in: FitContext(seed: Seed(1)))
    var longer = try quick(10).fit(data, continuing: first, in: FitContext(seed: Seed(1)))
    #expect(longer.iterationCount == 12)
    #expect(try NeuralTables.accuracy(longer, data) > NeuralTables.accuracy(first, data))
    let before = try NeuralTables.bytes(longer)
    try longer.update(with: data, in: FitContext(seed: Seed(1)))
    #expect(try NeuralTables.bytes(longer) != before && longer.iterationCount == 13)
    let numbers = try NeuralTables.mixed(50, classes: false)
    #expect(throws: MLError.self) { try quick(1).fit(numbers, continuing: first, in: FitContext()) }
  }

  @Test func balancedClassesFindRareRows() throws {
    var data = try NeuralTables.mixed(900, classes: true)
    guard case .classes(let codes, _) = data.target else { return }
    let kept = codes.indices.filter { codes[$0] == 1 || (codes[$0] == 2 && $0 % 12 == 0) }
    data = try data.gathered(kept)
    data.target = .classes(codes: kept.map { codes[$0] == 2 ? 1 : 0 }, names: ["no", "yes"])
    func found(_ weighting: ClassWeight) throws -> Int {
      var settings = quick(8)
      settings.classWeight = weighting
      return try settings.fit(data, in: FitContext(seed: Seed(1))).predict(data.frame).classCodes.count { $0 == 1 }
    }
    #expect(try found(.balanced) > found(.none))
  }

  @Test func learnsImagesInEitherLayout() throws {
    let (train, test) = (try NeuralTables.bars(400), try NeuralTables.bars(200, seed: 5))
    var settings = smallImages(15)
    settings.shift = 0  // a bar at an edge would be moved out of sight
    let model = try settings.fit(train, in: FitContext(seed: Seed(1)))
    #expect(try NeuralTables.accuracy(model, test) > 0.93)
    func packed(_ data: TrainingData) throws -> TrainingData {
      let columns = data.frame.columns.map { $0.doubles ?? [] }
      let rows = data.frame.rowCount
      let matrix = SparseMatrix(
        width: 36, offsets: (0...rows).map { $0 * 36 }, indices: (0..<(rows * 36)).map { Int32($0 % 36) },
        values: (0..<rows).flatMap { row in columns.map { $0[row] } })
      return try TrainingData(frame: Frame([("image", Column(.vector(matrix)))]), target: data.target)
    }
    let other = try settings.fit(packed(train), in: FitContext(seed: Seed(1)))
    #expect(try NeuralTables.accuracy(other, packed(test)) > 0.93)
  }

  @Test func refusesASizeThatDoesNotFit() throws {
    var settings = smallImages(1)
    settings.imageWidth = 7
    let data = try NeuralTables.bars(20)
    let error = #expect(throws: MLError.self) { try settings.fit(data, in: FitContext()) }
    #expect(error?.code == .invalidParameter && error?.message.contains("must be 36") == true)
  }

  @Test func divergenceIsNamed() throws {
    var settings = quick(30)
    (settings.optimizer, settings.learningRate, settings.batchNormalisation) = (.sgd, 10, false)
    let data = try NeuralTables.mixed(300, classes: false)
    let error = #expect(throws: MLError.self) { try settings.fit(data, in: FitContext()) }
    #expect(error?.field == "learning_rate")
  }
}
