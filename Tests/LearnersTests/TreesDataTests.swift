import Basics
import Frames
import Learners
import Modeling
import Testing

@Suite struct TreesDataTests {
  private func values(_ model: TreeEnsemble, _ frame: Frame) throws -> [Double] {
    try #require(try model.predict(frame).values)
  }

  @Test func zeroWeightRemovesARow() throws {
    var data = try TreeTables.classes(900)
    let weights = (0..<900).map { $0 % 3 == 0 ? 0.0 : 1.0 }
    let kept = (0..<900).filter { $0 % 3 != 0 }
    let removed = try TreeTables.short().fit(data.gathered(kept), in: FitContext())
    data.weights = weights
    #expect(try TreeTables.short().fit(data, in: FitContext()).bytes() == removed.bytes())
    data.weights = weights.map { $0 * 2.5 }
    let scaled = try TreeTables.short { $0.minimumHessianPerLeaf = 0 }.fit(data, in: FitContext())
    let a = try #require(scaled.predict(data.frame).probabilities(ofClass: 1))
    let b = try #require(removed.predict(data.frame).probabilities(ofClass: 1))
    #expect(zip(a, b).reduce(0) { $0 + abs($1.0 - $1.1) } / 900 < 0.04)
  }

  @Test func weightThreeIsThreeRows() throws {
    var data = try TreeTables.values(600)
    let weights = (0..<600).map { $0 % 4 == 0 ? 3.0 : 1.0 }
    let repeated = try data.gathered((0..<600).flatMap { repeatElement($0, count: $0 % 4 == 0 ? 3 : 1) })
    data.weights = weights
    #expect(
      try TreeTables.short().fit(data, in: FitContext()).bytes()
        == TreeTables.short().fit(repeated, in: FitContext()).bytes())
  }

  @Test func fractionalWeightsShiftThePrediction() throws {
    let frame = try Frame([("x", Column(numbers: [Double](repeating: 1, count: 40)))])
    let target = (0..<40).map { Double($0 % 2) }
    let data = try TrainingData(frame: frame, target: .values(target), weights: target.map { $0 == 1 ? 2.5 : 0.5 })
    let model = try GradientBoostedTrees().fit(data, in: FitContext())
    #expect(abs(try values(model, frame)[0] - 5.0 / 6) < 1e-12)
  }

  @Test func missingValuesFindTheirSide() throws {
    let x = (0..<400).map { $0 % 4 == 0 ? Double.nan : Double($0 % 10) }
    let y = x.map { $0.isNaN ? 10.0 : $0 < 5 ? 0 : 5 }
    let frame = try Frame([("x", Column(numbers: x))])
    let model = try GradientBoostedTrees().fit(TrainingData(frame: frame, target: .values(y)), in: FitContext())
    #expect(zip(try values(model, frame), y).allSatisfy { abs($0 - $1) < 0.05 })
  }

  @Test func missingValuesNeverSeenGoWithTheMajority() throws {
    let x = (0..<400).map { Double($0 % 10) }
    let frame = try Frame([("x", Column(numbers: x))])
    let model = try TreeTables.short { $0.leafCount = 2 }.fit(
      TrainingData(frame: frame, target: .values(x.map { $0 < 3 ? 9 : 0 })), in: FitContext())
    let got = try values(model, Frame([("x", Column(numbers: [.nan, 9]))]))
    #expect(got[0] == got[1])
  }

  @Test func infinitiesAreOrdinaryLargeNumbers() throws {
    var x: [Double] = []
    var y: [Double] = []
    for row in 0..<400 {
      let value: Double = row % 4 == 0 ? .infinity : row % 4 == 1 ? -.infinity : Double(row % 7)
      x.append(value)
      y.append(value == .infinity ? 3 : value == -.infinity ? -3 : 0)
    }
    let frame = try Frame([("x", Column(numbers: x))])
    let model = try GradientBoostedTrees().fit(TrainingData(frame: frame, target: .values(y)), in: FitContext())
    #expect(zip(try values(model, frame), y).allSatisfy { abs($0 - $1) < 0.05 })
  }

  @Test func categoriesAreSplitManyAgainstMany() throws {
    let levels = (0..<4000).map { row -> String in
      let half = Int(TreeTables.uniform(row, 2) * 30)
      return "c\(2 * half + (TreeTables.uniform(row, 1) < 0.5 ? 0 : 1))"
    }
    let y = levels.map { (name: String) -> Double in Int(name.dropFirst()).map { Double($0 % 2) } ?? 0 }
    let frame = try Frame([("c", Column(categories: levels.map(Optional.some)))])
    var settings = TreeTables.short { $0.leafCount = 2 }
    settings.iterationCount = 100
    let model = try settings.fit(TrainingData(frame: frame, target: .values(y)), in: FitContext())
    #expect(zip(try values(model, frame), y).allSatisfy { abs($0 - $1) < 0.1 })
    // Levels in another order, and only some of them.
    let other = try Frame([("c", Column(categories: ["c7", "c2"]))])
    let got = try values(model, other)
    #expect(got[0] > 0.9 && got[1] < 0.1)
  }

  @Test func unseenCategoriesGoWithRareOnes() throws {
    var names = (0..<1000).map { "big\($0 % 2)" }
    for index in 0..<60 { names[index] = "rare\(index)" }
    let y = names.map { $0.hasPrefix("rare") ? 8.0 : $0 == "big0" ? 0 : 1 }
    let frame = try Frame([("c", Column(categories: names.map(Optional.some)))])
    let model = try GradientBoostedTrees().fit(TrainingData(frame: frame, target: .values(y)), in: FitContext())
    let got = try values(model, Frame([("c", Column(categories: ["never seen", "rare3", "big0"]))]))
    #expect(got[0] == got[1] && got[0] > 7.5 && got[2] < 0.5)
  }

  @Test func hundredThousandCategories() throws {
    let names = (0..<120_000).map { (row: Int) -> String in row < 20_000 ? "hot\(row % 500)" : "id\(row)" }
    let y = names.map { (name: String) -> Double in
      guard name.hasPrefix("hot"), let number = Int(name.dropFirst(3)) else { return 1 }
      return number % 2 == 0 ? 0 : 2
    }
    let frame = try Frame([("c", Column(categories: names.map(Optional.some)))])
    var settings = TreeTables.short()
    settings.learningRate = 0.3
    settings.minimumRowsPerCategoryGroup = 10
    settings.categoryLimit = 500
    let model = try settings.fit(TrainingData(frame: frame, target: .values(y)), in: FitContext())
    let got = try values(model, Frame([("c", Column(categories: ["hot0", "hot1", "id77777"]))]))
    #expect(got[0] < 0.3 && got[1] > 1.7 && abs(got[2] - 1) < 0.1)
  }

  @Test func sparseVectorsEqualDenseColumns() throws {
    let dense = try TreeTables.mixed(800)
    let a = (0..<800).map { TreeTables.uniform($0, 20) < 0.7 ? 0 : TreeTables.uniform($0, 21) }
    let b = (0..<800).map { TreeTables.uniform($0, 22) < 0.8 ? 0 : -TreeTables.uniform($0, 23) }
    var offsets = [0]
    var indices: [Int32] = []
    var stored: [Double] = []
    for row in 0..<800 {
      for (index, value) in [(0, a[row]), (2, b[row])] where value != 0 {
        indices.append(Int32(index))
        stored.append(value)
      }
      offsets.append(indices.count)
    }
    let matrix = SparseMatrix(width: 3, offsets: offsets, indices: indices, values: stored)
    let target = Target.values((0..<800).map { a[$0] * 3 + b[$0] + dense.score[$0] * 0.01 })
    let left = try Frame([("v", Column(.vector(matrix)))])
    let right = try Frame([
      ("a", Column(numbers: a)), ("z", Column(numbers: a.map { _ in 0 })), ("b", Column(numbers: b)),
    ])
    let settings = TreeTables.short()
    let sparse = try settings.fit(TrainingData(frame: left, target: target), in: FitContext())
    let plain = try settings.fit(TrainingData(frame: right, target: target), in: FitContext())
    #expect(try values(sparse, left) == values(plain, right))
  }

  @Test func monotoneRescalingChangesNothing() throws {
    let data = try TreeTables.values(1500)
    guard case .number(let a) = data.frame.columns[0].storage else { return }
    let stretched = try data.frame.setting(
      data.frame.schema.fields[0], Column(numbers: a.map { $0 * $0 * $0 * 1000 + 5 }))
    let first = try TreeTables.short().fit(data, in: FitContext())
    let second = try TreeTables.short().fit(TrainingData(frame: stretched, target: data.target), in: FitContext())
    #expect(try values(first, data.frame) == values(second, stretched))
  }

  @Test func columnOrderSpareColumnsAndLackingColumns() throws {
    let data = try TreeTables.values(500)
    let model = try TreeTables.short().fit(data, in: FitContext())
    let turned = try data.frame.selecting(["f", "e", "d", "c", "b", "a"]).setting(
      Field("spare", .text), Column(.text([String](repeating: "?", count: 500))))
    #expect(try values(model, turned) == values(model, data.frame))
    let error = #expect(throws: MLError.self) { try model.predict(data.frame.removing(["c"])) }
    #expect(error?.code == .schemaMismatch && error?.field == "c")
    let wrong = try data.frame.setting(Field("a", .text), Column(.text([String](repeating: "?", count: 500))))
    #expect(throws: MLError.self) { try model.predict(wrong) }
  }
}
