import Basics
import Frames
import Kernels
import Learners
import Modeling
import Testing

@Suite struct TreesEdgeTests {
  @Test func oneClassIsANamedError() throws {
    let frame = try Frame([("x", Column(numbers: [1, 2, 3]))])
    let data = try TrainingData(frame: frame, target: .classes(codes: [1, 1, 1], names: ["a", "b"]))
    let error = #expect(throws: MLError.self) { try GradientBoostedTrees().fit(data, in: FitContext()) }
    #expect(error?.code == .invalidData && error?.message.contains("two classes") == true)
  }

  @Test func oneClassLeftByWeightsIsANamedError() throws {
    let frame = try Frame([("x", Column(numbers: [1, 2, 3]))])
    let data = try TrainingData(
      frame: frame, target: .classes(codes: [1, 1, 0], names: ["a", "b"]), weights: [1, 1, 0])
    #expect(throws: MLError.self) { try GradientBoostedTrees().fit(data, in: FitContext()) }
  }

  @Test func oneRowPredictsItsTarget() throws {
    let frame = try Frame([("x", Column(numbers: [1])), ("c", Column(categories: ["k"]))])
    let model = try GradientBoostedTrees().fit(TrainingData(frame: frame, target: .values([7])), in: FitContext())
    #expect(try model.predict(frame).values == [7])
    #expect(model.importance == nil)
  }

  @Test func noRowsAndNoColumnsAreNamedErrors() throws {
    let empty = try TrainingData(frame: Frame([("x", Column(numbers: []))]), target: .values([]))
    #expect(throws: MLError.self) { try GradientBoostedTrees().fit(empty, in: FitContext()) }
    let bare = try TrainingData(frame: Frame(.empty, [], rowCount: 3), target: .values([1, 2, 3]))
    #expect(throws: MLError.self) { try GradientBoostedTrees().fit(bare, in: FitContext()) }
  }

  @Test func noRowsToPredict() throws {
    let data = try TreeTables.three(300)
    let model = try TreeTables.short().fit(data, in: FitContext())
    #expect(try model.predict(data.frame.gathered([])).rowCount == 0)
  }

  @Test func constantAndMissingColumnsAreHarmless() throws {
    let n = 200
    let frame = try Frame([
      ("constant", Column(numbers: [Double](repeating: 3, count: n))),
      ("void", Column(numbers: [Double](repeating: .nan, count: n))),
      ("same", Column(categories: [String?](repeating: "k", count: n))),
      ("none", Column(categories: [String?](repeating: nil, count: n))),
      ("x", Column(numbers: (0..<n).map { Double($0) })),
    ])
    let y = (0..<n).map { Double($0 / 50) }
    let model = try GradientBoostedTrees().fit(TrainingData(frame: frame, target: .values(y)), in: FitContext())
    #expect(model.importance == [0, 0, 0, 0, 1])
    #expect(try #require(model.predict(frame).values).allSatisfy(\.isFinite))
  }

  @Test func onlyConstantColumnsPredictTheMean() throws {
    let frame = try Frame([("x", Column(numbers: [2, 2, 2, 2]))])
    let model = try GradientBoostedTrees().fit(
      TrainingData(frame: frame, target: .values([1, 2, 3, 6])), in: FitContext())
    #expect(try model.predict(frame).values == [3, 3, 3, 3])
  }

  @Test func textColumnsAreRefused() throws {
    let frame = try Frame([("note", Column(.text(["a", "b"])))])
    let error = #expect(throws: MLError.self) {
      try GradientBoostedTrees().fit(TrainingData(frame: frame, target: .values([1, 2])), in: FitContext())
    }
    #expect(error?.field == "note" && error?.code == .invalidData)
  }

  @Test func classWithoutRowsStaysPossible() throws {
    let data = try TreeTables.classes(300)
    guard case .classes(let codes, _) = data.target else { return }
    let wider = try TrainingData(frame: data.frame, target: .classes(codes: codes, names: ["no", "yes", "never"]))
    let model = try TreeTables.short().fit(wider, in: FitContext())
    let never = try #require(model.predict(data.frame).probabilities(ofClass: 2))
    #expect(never.allSatisfy { $0 >= 0 && $0 < 1e-9 })
  }

  @Test func probabilitiesAreProbabilities() throws {
    for data in [try TreeTables.classes(600), try TreeTables.three(600)] {
      let prediction = try TreeTables.short().fit(data, in: FitContext()).predict(data.frame)
      guard case .probabilities(let values, let classes) = prediction.storage else {
        throw MLError(.internalFailure, "no probabilities")
      }
      for row in 0..<600 {
        let own = values[(row * classes.count)..<((row + 1) * classes.count)]
        #expect(own.allSatisfy { $0 >= 0 && $0 <= 1 } && abs(own.reduce(0, +) - 1) < 1e-9)
      }
    }
  }

  @Test func earlyStoppingKeepsTheBestIteration() throws {
    let all = try TreeTables.classes(1200)
    var data = try all.gathered(Array(0..<300))
    data.validation = .init(
      frame: all.frame.gathered(Array(300..<1200)), target: all.target.gathered(Array(300..<1200)))
    var settings = GradientBoostedTrees()
    settings.iterationCount = 400
    settings.learningRate = 0.3
    settings.minimumRowsPerLeaf = 3
    settings.earlyStoppingRounds = 10
    let values = SharedDoubles(count: 400, repeating: .infinity)
    let model = try settings.fit(
      data, in: FitContext(progress: { values[$0.iteration - 1] = $0.validationObjective ?? .nan }))
    let seen = (0..<400).map { values[$0] }
    let best = try #require(seen.indices.min { seen[$0] < seen[$1] })
    #expect(model.iterationCount == best + 1)
    #expect(seen.count { $0.isFinite } == best + 1 + 10)
    // The same number of iterations without validation rows gives the same trees.
    data.validation = nil
    #expect(try settings.withIterationCount(best + 1).fit(data, in: FitContext()).bytes() == model.bytes())
  }

  @Test func validationWeightsDecideWhenToStop() throws {
    let all = try TreeTables.classes(1500)
    var data = try all.gathered(Array(0..<300))
    let rows = Array(300..<1500)
    let settings = TreeTables.short {
      $0.iterationCount = 200
      $0.learningRate = 0.3
      $0.minimumRowsPerLeaf = 3
      $0.earlyStoppingRounds = 10
    }
    func fit(_ rows: [Int], _ weights: [Double]?) throws -> TreeEnsemble {
      data.validation = .init(frame: all.frame.gathered(rows), target: all.target.gathered(rows), weights: weights)
      return try settings.fit(data, in: FitContext())
    }
    let kept = rows.filter { $0 % 3 == 0 }
    let removed = try fit(kept, nil)
    #expect(try fit(rows, rows.map { $0 % 3 == 0 ? 1 : 0 }).bytes() == removed.bytes())
    let repeated = kept.flatMap { repeatElement($0, count: $0 % 2 == 0 ? 5 : 1) }
    #expect(try fit(repeated, nil).iterationCount == fit(kept, kept.map { $0 % 2 == 0 ? 5 : 1 }).iterationCount)
    for weights in [[Double](repeating: 0, count: 1200), [Double](repeating: -1, count: 1200), [1]] {
      #expect(throws: MLError.self) { try fit(rows, weights) }
    }
  }

  @Test func moreFeaturesThanRows() throws {
    let names = (0..<500).map { "x\($0)" }
    let frame = try Frame(
      names.enumerated().map { column, name in
        (name, Column(numbers: (0..<24).map { TreeTables.uniform($0, column) }))
      })
    let target = (0..<24).map { Double($0 % 3) }
    let settings = TreeTables.short { $0.minimumRowsPerLeaf = 2 }
    let model = try settings.fit(TrainingData(frame: frame, target: .values(target)), in: FitContext())
    let values = try #require(model.predict(frame).values)
    #expect(zip(values, target).reduce(0) { $0 + abs($1.0 - $1.1) } / 24 < 0.5)
  }

  /// With as many categories as rows none can be split on; beside a number, it is ignored.
  @Test func aMillionCategories() throws {
    let count = 1_000_000
    let column = Column(
      .category(codes: (0..<Int32(count)).map { $0 }, levels: (0..<count).map { String($0, radix: 36) }))
    let x = (0..<count).map { Double($0 % 4) }
    let frame = try Frame([("id", column), ("x", Column(numbers: x))])
    let settings = TreeTables.short {
      $0.iterationCount = 3
      $0.learningRate = 1
    }
    let model = try settings.fit(TrainingData(frame: frame, target: .values(x)), in: FitContext())
    #expect(model.importance == [0, 1])
    #expect(try #require(model.predict(frame.gathered([0, 1, 2, 3])).values).map { $0.rounded() } == [0, 1, 2, 3])
  }

  @Test func validationOfOtherClassesIsANamedError() throws {
    var data = try TreeTables.classes(200)
    data.validation = .init(
      frame: data.frame, target: .classes(codes: [Int32](repeating: 0, count: 200), names: ["x", "y"]))
    #expect(throws: MLError.self) { try TreeTables.short().fit(data, in: FitContext()) }
  }

  @Test func limitsHold() throws {
    let data = try TreeTables.values(2000)
    let stump = try TreeTables.short {
      $0.maximumDepth = 1
      $0.iterationCount = 1
      $0.learningRate = 1
    }.fit(data, in: FitContext())
    #expect(Set(try #require(stump.predict(data.frame).values)).count == 2)
    let few = try TreeTables.short {
      $0.minimumRowsPerLeaf = 300
      $0.leafCount = 60
      $0.iterationCount = 1
    }.fit(data, in: FitContext())
    let counts = try Dictionary(grouping: #require(few.predict(data.frame).values)) { $0 }.mapValues(\.count)
    #expect(counts.count > 2 && counts.values.allSatisfy { $0 >= 300 })
    let none = try TreeTables.short { $0.minimumGain = 1e9 }.fit(data, in: FitContext())
    #expect(none.importance == nil)
    let strict = try TreeTables.short { $0.l1 = 1e9 }.fit(data, in: FitContext())
    #expect(strict.importance == nil)
    let shrunk = try TreeTables.short {
      $0.iterationCount = 1
      $0.l2 = 1e6
    }.fit(data, in: FitContext())
    let spread = try #require(shrunk.predict(data.frame).values)
    #expect(try #require(spread.max()) - #require(spread.min()) < 0.01)
  }

  @Test func trainingObjectiveFalls() throws {
    for loss in GradientBoostedTrees.Loss.allCases where loss != .lambdarank {
      var data = try TreeTables.values(800)
      data.target = .values(data.target.doubles.map { max(loss == .gamma ? 0.01 : 0, $0) })
      let first = Box()
      let last = Box()
      let context = FitContext(progress: {
        if $0.iteration == 1 { first.set($0.trainingObjective) }
        last.set($0.trainingObjective)
      })
      _ = try TreeTables.short { $0.objective = loss }.fit(data, in: context)
      #expect(try #require(last.value) < #require(first.value), "\(loss)")
    }
  }

  @Test func everySettingOutOfRangeIsNamed() throws {
    let defaults = try Configuration.encode(GradientBoostedTrees())
    for parameter in GradientBoostedTrees.card.hyperparameters {
      #expect(throws: Never.self) { try parameter.validate(defaults[parameter.name] ?? .null, owner: "defaults") }
      let bad: JSONValue =
        switch parameter.domain {
        case .real(let range, _): .number(range.upperBound * 2 + 1)
        case .integer(let range, _): .integer(Int64(range.lowerBound) - 1)
        case .choice: .string("no such choice")
        case .boolean, .texts, .column: .integer(3)
        }
      let error = #expect(throws: MLError.self) {
        try Configuration.decode(
          GradientBoostedTrees.self, defaults: GradientBoostedTrees(), settings: .object([(parameter.name, bad)]))
      }
      #expect(error?.field == parameter.name)
    }
    var settings = GradientBoostedTrees()
    settings.learningRate = 7
    let error = #expect(throws: MLError.self) { try settings.fit(TreeTables.values(50), in: FitContext()) }
    #expect(error?.field == "learning_rate")
  }
}
