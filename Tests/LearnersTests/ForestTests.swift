import Basics
import Frames
import Kernels
import Learners
import Modeling
import Testing

@Suite struct ForestTests {
  private func bytes(_ model: some FittedModel) throws -> [UInt8] {
    var writer = ArchiveWriter()
    try model.write(to: &writer)
    return writer.encoded()
  }

  private func small(_ count: Int = 20) -> RandomForest {
    var forest = RandomForest()
    forest.treeCount = count
    return forest
  }

  private func accuracy(_ model: ForestModel, _ data: TrainingData) throws -> Double {
    let codes = try model.predict(data.frame).classCodes
    return Double(zip(codes, data.target.doubles).count { Double($0.0) == $0.1 }) / Double(codes.count)
  }

  @Test func aFullTreeKnowsItsRows() throws {
    var tree = DecisionTree()
    tree.minimumRowsPerLeaf = 1
    tree.smoothing = 0
    for data in [try TreeTables.classes(700), try TreeTables.three(700)] {
      #expect(try accuracy(tree.fit(data, in: FitContext()), data) == 1)
    }
    let n = 250
    let frame = try Frame([("x", Column(numbers: (0..<n).map { Double($0) }))])
    let data = try TrainingData(frame: frame, target: .values((0..<n).map { TreeTables.uniform($0, 3) }))
    #expect(try tree.fit(data, in: FitContext()).predict(frame).values == data.target.doubles)
  }

  /// The best single cut of numbers by squared error, found by trying all.
  @Test func aStumpIsTheBestCut() throws {
    let n = 120
    let x = (0..<n).map { (TreeTables.uniform($0, 1) * 90).rounded() }
    let y = (0..<n).map { (x[$0] > 37 ? 2.0 : 0.0) + TreeTables.uniform($0, 2) }
    var best = (error: Double.infinity, cut: 0.0)
    for cut in Set(x).sorted().dropLast() {
      func spread(_ rows: [Int]) -> Double {
        let mean = rows.reduce(0) { $0 + y[$1] } / Double(rows.count)
        return rows.reduce(0) { $0 + (y[$1] - mean) * (y[$1] - mean) }
      }
      let error = spread((0..<n).filter { x[$0] <= cut }) + spread((0..<n).filter { x[$0] > cut })
      if error < best.error { best = (error, cut) }
    }
    var tree = DecisionTree()
    tree.maximumDepth = 1
    let frame = try Frame([("x", Column(numbers: x))])
    let values = try #require(
      tree.fit(TrainingData(frame: frame, target: .values(y)), in: FitContext()).predict(frame).values)
    let left = (0..<n).filter { x[$0] <= best.cut }
    #expect(Set(left.map { values[$0] }).count == 1 && Set(values).count == 2)
    #expect(abs(values[left[0]] - left.reduce(0) { $0 + y[$1] } / Double(left.count)) < 1e-12)
  }

  @Test func rowOrderThreadsAndSeedsHold() throws {
    for data in [try TreeTables.classes(600), try TreeTables.three(600), try TreeTables.values(600)] {
      let expected = try bytes(small().fit(data, in: FitContext(seed: Seed(3))))
      let shuffled = try data.gathered((0..<600).sorted { TreeTables.uniform($0, 77) < TreeTables.uniform($1, 77) })
      #expect(try bytes(small().fit(shuffled, in: FitContext(seed: Seed(3), workers: Workers(count: 3)))) == expected)
      #expect(try bytes(small().fit(data, in: FitContext(seed: Seed(4)))) != expected)
    }
  }

  @Test func fastWaysAgreeOnEveryInstructionSet() throws {
    let before = InstructionSet.current
    defer { InstructionSet.use(before) }
    var extra = ExtraTrees()
    extra.treeCount = 12
    for data in [try TreeTables.classes(900), try TreeTables.three(900), try TreeTables.values(900)] {
      for model in [try small().fit(data, in: FitContext()), try extra.fit(data, in: FitContext())] {
        let expected = try model.referencePredict(data.frame)
        for set in InstructionSet.available {
          InstructionSet.use(set)
          #expect(try model.predict(data.frame) == expected, "\(set)")
        }
      }
    }
  }

  /// A node that has seen 0 and 10 cuts at 5, wherever the values of other nodes lie.
  @Test func cutsLieHalfwayBetweenTheValuesOfTheirNode() throws {
    var rows: [(a: Double, x: Double, y: Double)] = []
    for _ in 0..<20 { rows += [(0, 0, 0), (0, 10, 1)] }
    for step in 0..<50 { rows += [(1, 1 + Double(step) / 100, 0), (1, 20, 0)] }
    let data = try TrainingData(
      frame: Frame([("a", Column(numbers: rows.map(\.a))), ("x", Column(numbers: rows.map(\.x)))]),
      target: .values(rows.map(\.y)))
    var tree = DecisionTree()
    tree.minimumRowsPerLeaf = 1
    tree.smoothing = 0
    let asked = try Frame([("a", Column(numbers: [0, 0])), ("x", Column(numbers: [4.9, 5.1]))])
    #expect(try tree.fit(data, in: FitContext()).predict(asked).values == [0, 1])
  }

  /// Of three values the wide gap is cut as often as it is wide: 90 of 95 times.
  @Test func randomCutsFallEvenlyBetweenValues() throws {
    let values: [Double] = [0, 90, 95]
    let x = (0..<60).map { values[$0 % 3] }
    let data = try TrainingData(
      frame: Frame([("x", Column(.number(x)))]), target: .values(x.map { $0 > 0 ? 1 : 0 }))
    var trees = ExtraTrees()
    trees.treeCount = 1000
    trees.maximumDepth = 1
    let model = try trees.fit(data, in: FitContext(seed: Seed(3)))
    // Trees that cut below 90 say 1 there, those that cut above say one half.
    let said = try #require(model.predict(Frame([("x", Column(.number([90])))])).values)[0]
    #expect(abs((2 * said - 1) - 90.0 / 95) < 0.03, "\(2 * said - 1)")
  }

  /// A cut lies anywhere between two values, so that a forest goes up evenly between them.
  @Test func randomCutsFallBetweenValues() throws {
    let x = (0..<200).map { Double($0 % 4) }
    let data = try TrainingData(frame: Frame([("x", Column(.number(x)))]), target: .values(x))
    var trees = ExtraTrees()
    trees.treeCount = 2000
    let model = try trees.fit(data, in: FitContext(seed: Seed(5)))
    let at = [1, 1.25, 1.5, 1.75, 2]
    let said = try #require(model.predict(Frame([("x", Column(.number(at)))])).values)
    for (place, value) in zip(at, said) { #expect(abs(place - value) < 0.06, "\(place): \(value)") }
    #expect(said.first == 1 && said.last == 2)
  }

  /// Hundreds of categories that say nothing: ordered by the few rows of each deep node they would rule every tree.
  @Test func manyCategoriesDoNotRule() throws {
    let count = 3000
    let x = (0..<count).map { TreeTables.uniform($0, 1) }
    let noise = (0..<count).map { TreeTables.uniform($0, 2) - 0.5 }
    let place = (0..<count).map { "p\(Int(TreeTables.uniform($0, 3) * 200))" }
    let target = Target.values((0..<count).map { x[$0] + noise[$0] })
    func held(_ columns: [(String, Column)]) throws -> Double {
      try #require(small(60).fit(TrainingData(frame: Frame(columns), target: target), in: FitContext()).outOfBagScore)
    }
    let alone = try held([("x", Column(.number(x))), ("x2", Column(.number(x)))])
    let beside = try held([("x", Column(.number(x))), ("p", Column(categories: place))])
    #expect(beside > alone - 0.03, "\(alone) \(beside)")
  }

  @Test func outOfBagScoreForetellsTheTest() throws {
    let all = try TreeTables.classes(3000)
    let model = try small(60).fit(all.gathered(Array(0..<1500)), in: FitContext())
    let held = try #require(model.outOfBagScore)
    #expect(abs(held - (try accuracy(model, all.gathered(Array(1500..<3000))))) < 0.03)
    let again = try ForestModel(from: ArchiveReader(bytes: bytes(model), origin: "test"))
    #expect(again.outOfBagScore == held)
    #expect(try #require(small(60).fit(TreeTables.values(1000), in: FitContext()).outOfBagScore) > 0.6)
    #expect(try #require(small(60).fit(TreeTables.three(1000), in: FitContext()).outOfBagScore) > 0.6)
    #expect(try ExtraTrees().fit(TreeTables.classes(200), in: FitContext()).outOfBagScore == nil)
  }

  @Test func balancedClassesCountAlike() throws {
    let n = 1000
    let frame = try Frame([("x", Column(numbers: (0..<n).map { TreeTables.uniform($0, 1) }))])
    let codes = (0..<n).map { Int32(TreeTables.uniform($0, 2) < 0.1 ? 1 : 0) }
    let data = try TrainingData(frame: frame, target: .classes(codes: codes, names: ["no", "yes"]))
    var tree = DecisionTree()
    tree.maximumDepth = 1
    tree.minimumRowsPerLeaf = 300
    func mean(_ model: ForestModel) throws -> Double {
      let p = try #require(model.predict(frame).probabilities(ofClass: 1))
      return p.reduce(0, +) / Double(n)
    }
    #expect(abs(try mean(tree.fit(data, in: FitContext())) - 0.1) < 0.03)
    tree.classWeight = .balanced
    #expect(abs(try mean(tree.fit(data, in: FitContext())) - 0.5) < 0.05)
  }

  @Test func limitsHold() throws {
    let data = try TreeTables.values(2000)
    var tree = DecisionTree()
    tree.minimumRowsPerLeaf = 150
    let counts = try Dictionary(
      grouping: #require(tree.fit(data, in: FitContext()).predict(data.frame).values)
    ) { $0 }.mapValues(\.count)
    #expect(counts.count > 4 && counts.values.allSatisfy { $0 >= 150 })
    tree.minimumRowsPerLeaf = 1
    tree.maximumDepth = 3
    #expect(Set(try #require(tree.fit(data, in: FitContext()).predict(data.frame).values)).count <= 8)
    tree.maximumDepth = 0
    tree.minimumRowsPerSplit = 2001
    #expect(try tree.fit(data, in: FitContext()).importance == nil)
  }

  @Test func missingValuesFindTheirSide() throws {
    let n = 300
    let x = (0..<n).map { $0 % 3 == 0 ? Double.nan : Double($0) }
    let y = (0..<n).map { $0 % 3 == 0 ? 5.0 : 1.0 }
    let frame = try Frame([("x", Column(numbers: x))])
    for target in [Target.values(y), .classes(codes: y.map { $0 > 2 ? 1 : 0 }, names: ["a", "b"])] {
      var tree = DecisionTree()
      tree.maximumDepth = 1
      tree.smoothing = 0
      let found = try tree.fit(TrainingData(frame: frame, target: target), in: FitContext()).predict(frame)
      #expect((found.values ?? found.probabilities(ofClass: 1)?.map { 1 + 4 * $0 }) == y)
    }
  }

  @Test func oneClassAndBadSettingsAreNamed() throws {
    let frame = try Frame([("x", Column(numbers: [1, 2, 3]))])
    let data = try TrainingData(frame: frame, target: .classes(codes: [1, 1, 1], names: ["a", "b"]))
    let error = #expect(throws: MLError.self) { try RandomForest().fit(data, in: FitContext()) }
    #expect(error?.message.hasPrefix("random-forest") == true && error?.message.contains("two classes") == true)
    var forest = small()
    forest.bootstrap = false
    forest.rowFraction = 0.5
    #expect(throws: MLError.self) { try forest.fit(TreeTables.values(100), in: FitContext()) }
    let note = try TrainingData(frame: Frame([("note", Column(.text(["a", "b"])))]), target: .values([1, 2]))
    let text = #expect(throws: MLError.self) { try RandomForest().fit(note, in: FitContext()) }
    #expect(text?.field == "note" && text?.message.hasPrefix("random-forest") == true)
  }
}
