import Basics
import Frames
import Learners
import Modeling
import Testing

/// Directions and interactions, checked by brute force on predictions.
@Suite struct TreesConstraintTests {
  /// Numbers that rise and fall with `a`, whose effect turns with `b`.
  private func wavy(_ count: Int) throws -> (frame: Frame, y: [Double]) {
    let columns = (0..<4).map { column in (0..<count).map { TreeTables.uniform($0, column) * 4 } }
    let missing = columns[1].indices.map { TreeTables.uniform($0, 30) < 0.1 ? Double.nan : columns[1][$0] }
    let frame = try Frame([
      ("a", Column(numbers: columns[0])), ("b", Column(numbers: missing)), ("c", Column(numbers: columns[2])),
      ("d", Column(categories: columns[3].map { Optional("k\(Int($0 * 3))") })),
    ])
    let y = (0..<count).map { row -> Double in
      let (a, b, c) = (columns[0][row], columns[1][row], columns[2][row])
      return a + 2 * Mathematics.sin(3 * a) * (b > 2 ? 1 : -1) - 1.5 * c + Mathematics.cos(4 * c) * a
        + (Int(columns[3][row] * 3) % 3 == 0 ? a : 0) + TreeTables.uniform(row, 31)
    }
    return (frame, y)
  }

  /// Largest fall of predictions along `column` while all else stays, over a grid.
  private func largestFall(_ model: TreeEnsemble, _ frame: Frame, _ column: String, _ read: (Predictions) -> [Double]?)
    throws -> Double
  {
    var fall = -Double.infinity
    let grid = (0...120).map { Double($0) / 30 }
    for row in 0..<60 {
      let repeated = frame.gathered([Int](repeating: row, count: grid.count))
      let moved = try repeated.setting(Field(column, .number), Column(numbers: grid))
      let values = try #require(read(model.predict(moved)))
      for index in 1..<grid.count { fall = max(fall, values[index - 1] - values[index]) }
    }
    return fall
  }

  private func settings(_ change: (inout GradientBoostedTrees) -> Void) -> GradientBoostedTrees {
    TreeTables.short {
      $0.iterationCount = 25
      $0.leafCount = 63
      $0.minimumRowsPerLeaf = 5
      $0.learningRate = 0.3
      change(&$0)
    }
  }

  @Test(arguments: GradientBoostedTrees.Loss.allCases.filter { $0 != .lambdarank })
  func directionsHoldEverywhere(_ loss: GradientBoostedTrees.Loss) throws {
    let (frame, y) = try wavy(1500)
    let data = try TrainingData(frame: frame, target: .values(y.map { max(0.01, $0 + 5) }))
    for l1 in [0.0, 0.5] {
      let free = try settings { $0.objective = loss }.fit(data, in: FitContext())
      let held = try settings {
        $0.objective = loss
        $0.l1 = l1
        $0.increasing = ["a"]
        $0.decreasing = ["c"]
      }.fit(data, in: FitContext())
      #expect(try largestFall(free, frame, "a") { $0.values } > 0.1)
      #expect(try largestFall(held, frame, "a") { $0.values } <= 0)
      #expect(try largestFall(held, frame, "c") { $0.values?.map { -$0 } } <= 0)
      // It still learns, and uses the column.
      #expect(try #require(held.importance)[0] > 0.02)
    }
  }

  @Test func directionsHoldForProbabilities() throws {
    let (frame, y) = try wavy(1500)
    let codes = y.map { Int32($0 > 0.5 ? 1 : 0) }
    let data = try TrainingData(frame: frame, target: .classes(codes: codes, names: ["no", "yes"]))
    let held = try settings {
      $0.increasing = ["a"]
      $0.growth = .depthWise
    }.fit(data, in: FitContext())
    let free = try settings { _ in }.fit(data, in: FitContext())
    #expect(try largestFall(held, frame, "a") { $0.probabilities(ofClass: 1) } <= 0)
    #expect(try largestFall(free, frame, "a") { $0.probabilities(ofClass: 1) } > 0.1)
  }

  @Test func directionsCostLittleWhereTheyAreTrue() throws {
    let (frame, _) = try wavy(3000)
    let a = try #require(frame.columns[0].doubles)
    let c = try #require(frame.columns[2].doubles)
    let data = try TrainingData(frame: frame, target: .values(a.indices.map { a[$0] * a[$0] - 2 * c[$0] }))
    let held = try settings {
      $0.iterationCount = 100
      $0.increasing = ["a"]
      $0.decreasing = ["c"]
    }.fit(data, in: FitContext())
    let values = try #require(held.predict(frame).values)
    let error = zip(values, data.target.doubles).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 3000
    #expect(error < 0.25)
  }

  /// `F(a, c) − F(a′, c) − F(a, c′) + F(a′, c′)` is 0 for all pairs where a and c never meet on a path.
  private func largestInteraction(_ model: TreeEnsemble, _ frame: Frame, _ first: String, _ second: String) throws
    -> Double
  {
    var largest = 0.0
    for row in 0..<40 {
      let repeated = frame.gathered([Int](repeating: row, count: 100))
      let left = (0..<100).map { Double($0 / 10) * 0.4 + 0.1 }
      let right = (0..<100).map { Double($0 % 10) * 0.4 + 0.1 }
      let moved = try repeated.setting(Field(first, .number), Column(numbers: left))
        .setting(Field(second, .number), Column(numbers: right))
      let values = try #require(model.predict(moved).values)
      for i in 1..<10 {
        for j in 1..<10 {
          largest = max(largest, abs(values[0] - values[10 * i] - values[j] + values[10 * i + j]))
        }
      }
    }
    return largest
  }

  @Test(arguments: GradientBoostedTrees.Growth.allCases)
  func columnsMeetOnlyInASet(_ growth: GradientBoostedTrees.Growth) throws {
    let (frame, y) = try wavy(1500)
    let data = try TrainingData(frame: frame, target: .values(y))
    let free = try settings { $0.growth = growth }.fit(data, in: FitContext())
    let held = try settings {
      $0.growth = growth
      $0.interactions = ["a|b", "c|b|d"]
    }.fit(data, in: FitContext())
    #expect(try largestInteraction(free, frame, "a", "c") > 0.1)
    #expect(try largestInteraction(held, frame, "a", "c") < 1e-9)
    #expect(try largestInteraction(held, frame, "a", "b") > 0.1)
    #expect(try largestInteraction(held, frame, "c", "b") > 0.01)
    // A column that no set names meets none.
    let alone = try settings {
      $0.growth = growth
      $0.interactions = ["a|b"]
    }.fit(data, in: FitContext())
    #expect(try largestInteraction(alone, frame, "c", "b") < 1e-9)
    #expect(try #require(alone.importance)[2] > 0)
  }

  @Test func namesAreChecked() throws {
    let (frame, y) = try wavy(100)
    let data = try TrainingData(frame: frame, target: .values(y))
    func error(_ data: TrainingData, _ change: (inout GradientBoostedTrees) -> Void) -> MLError? {
      #expect(throws: MLError.self) { try settings(change).fit(data, in: FitContext()) }
    }
    #expect(error(data) { $0.increasing = ["aa"] }?.field == "increasing")
    #expect(error(data) { $0.decreasing = ["d"] }?.field == "decreasing")
    #expect(error(data) { $0.interactions = ["a|zz"] }?.field == "interactions")
    let both = error(data) {
      $0.increasing = ["a"]
      $0.decreasing = ["a"]
    }
    #expect(both?.code == .invalidParameter)
    let three = error(try TreeTables.three(200)) { $0.increasing = ["a"] }
    #expect(three?.field == "increasing" && three?.code == .invalidParameter)
  }

  @Test func depthWiseFillsLevelByLevel() throws {
    let data = try TreeTables.values(3000)
    func values(_ change: (inout GradientBoostedTrees) -> Void) throws -> [Double] {
      let settings = TreeTables.short {
        $0.iterationCount = 3
        $0.leafCount = 8
        change(&$0)
      }
      return try #require(settings.fit(data, in: FitContext()).predict(data.frame).values)
    }
    let depthWise = try values { $0.growth = .depthWise }
    #expect(try depthWise == values { $0.maximumDepth = 3 })
    #expect(try depthWise != values { _ in })
  }

  @Test func nodesDrawTheirOwnColumns() throws {
    let data = try TreeTables.values(3000)
    let settings = TreeTables.short { $0.columnFractionPerNode = 0.5 }
    let one = try settings.fit(data, in: FitContext(seed: Seed(2))).bytes()
    #expect(try settings.fit(data, in: FitContext(seed: Seed(2), workers: Workers(count: 3))).bytes() == one)
    #expect(try settings.fit(data, in: FitContext(seed: Seed(3))).bytes() != one)
    // With one column a node, a tree still uses several.
    let single = try TreeTables.short {
      $0.columnFractionPerNode = 0.01
      $0.iterationCount = 1
    }.fit(data, in: FitContext(seed: Seed(2)))
    #expect(try #require(single.importance).count { $0 > 0 } > 1)
  }

  @Test func balancedClassesAreBalancedWeights() throws {
    let data = try TreeTables.classes(900)
    let settings = TreeTables.short { $0.classWeight = .balanced }
    let balanced = try settings.fit(data, in: FitContext())
    #expect(try balanced.bytes() == TreeTables.short().fit(data.balancingClasses(), in: FitContext()).bytes())
    let mean = try #require(balanced.predict(data.frame).probabilities(ofClass: 1)).reduce(0, +) / 900
    let share = data.target.doubles.reduce(0, +) / 900
    #expect(abs(mean - 0.5) < abs(share - 0.5) || abs(share - 0.5) < 0.02)
  }
}
