import Basics
import Frames
import Kernels
import Learners
import Modeling
import Testing

/// Every way to score a tree ensemble gives the same bits.
@Suite struct ScoringTests {
  private static let leafCounts = [2, 31, 64, 65, 255, 257, 700]

  private func ensemble(_ data: TrainingData, _ leaves: Int) throws -> TreeEnsemble {
    try TreeTables.short {
      $0.leafCount = leaves
      $0.minimumRowsPerLeaf = 1
      $0.iterationCount = 4
    }.fit(data, in: FitContext())
  }

  @Test(arguments: leafCounts) func batchesAreScoredAsAlongThePaths(leaves: Int) throws {
    let before = InstructionSet.current
    defer { InstructionSet.use(before) }
    for data in [try TreeTables.values(2500), try TreeTables.three(1500)] {
      let model = try ensemble(data, leaves)
      for rows in [1, 7, 16, 67, data.frame.rowCount] {
        let frame = data.frame.gathered(Array(0..<rows))
        let expected = try model.referenceScores(frame)
        for set in InstructionSet.available {
          InstructionSet.use(set)
          #expect(try model.scores(frame) == expected, "\(leaves) leaves, \(rows) rows, \(set)")
        }
      }
    }
  }

  /// Values of one row as the model's features take them.
  private func prepared(_ frame: Frame, _ row: Int, _ features: [RowFeature]) -> [Double] {
    features.map { feature in
      let column = frame.columns[feature.field]
      guard case .category(let codes, _) = column.storage else { return column.doubles?[row] ?? .nan }
      return column.isPresent(row) ? Double(feature.codes[Int(codes[row])]) : 0
    }
  }

  @Test(arguments: leafCounts) func singleRowsAreScoredAlike(leaves: Int) throws {
    let before = InstructionSet.current
    defer { InstructionSet.use(before) }
    let data = try TreeTables.three(800)
    for set in InstructionSet.available {
      InstructionSet.use(set)
      // Made under each set: a model chooses its way through single rows when it is made.
      let model = try ensemble(data, leaves)
      let expected = try model.referenceScores(data.frame)
      for row in stride(from: 0, to: 800, by: 37) {
        let values = prepared(data.frame, row, model.rowFeatures)
        var scores = [Double](repeating: .nan, count: 3)
        var span = scores.mutableSpan
        model.score(row: values.span, into: &span)
        #expect(scores == Array(expected[(3 * row)..<(3 * row + 3)]), "\(leaves) leaves, row \(row), \(set)")
      }
    }
  }

  @Test func threadsDoNotChangeScores() throws {
    let data = try TreeTables.three(700)
    let model = try ensemble(data, 31)
    // Rows enough for several tasks, the last block not full; every row is another than its neighbours.
    let frame = data.frame.gathered((0..<30_011).map { $0 * 13 % 700 })
    let expected = try model.referenceScores(frame)
    for count in [1, 2, 5] { #expect(try model.scores(frame, workers: Workers(count: count)) == expected) }
    #expect(try model.predict(frame, workers: Workers(count: 3)) == model.predict(frame))
  }

  /// Trees whose splits by category outgrow what is coded at once, so that a group of trees begins in the middle of a
  /// row's three scores.
  @Test func manySplitsByCategoryAreScoredAsAlongThePaths() throws {
    let levels = (0..<40).map { "level \($0)" }
    let rowCount = 3000
    let codes = [7, 13].map { step in
      (0..<rowCount).map { row -> Int32 in Int32((row * step ^ row >> 3) % 40) }
    }
    let truth = (0..<rowCount).map { row -> Int32 in
      let sum = codes[0][row] * 3 + codes[1][row] * 5
      return (sum + Int32(row % 4)) % 3
    }
    let frame = try Frame([
      ("a", Column(.category(codes: codes[0], levels: levels))),
      ("b", Column(.category(codes: codes[1], levels: levels))),
      ("x", Column(.number((0..<rowCount).map { TreeTables.uniform($0, 9) }))),
    ])
    let data = try TrainingData(frame: frame, target: .classes(codes: truth, names: ["p", "q", "r"]))
    let model = try TreeTables.short {
      $0.leafCount = 63
      $0.minimumRowsPerLeaf = 5
      $0.iterationCount = 11
      $0.categorySmoothing = 1
    }.fit(data, in: FitContext())
    for rows in [1, 255, 1025, rowCount] {
      let part = frame.gathered(Array(0..<rows))
      #expect(try model.scores(part) == model.referenceScores(part), "\(rows) rows")
    }
  }

  @Test func forestsScoreSingleRowsAlike() throws {
    let data = try TreeTables.classes(800)
    var forest = RandomForest()
    forest.treeCount = 9
    let model = try forest.fit(data, in: FitContext())
    let expected = try #require(model.predict(data.frame).probabilities(ofClass: 1))
    for row in 0..<50 {
      let values = prepared(data.frame, row, model.rowFeatures)
      var scores = [0.0]
      var span = scores.mutableSpan
      model.score(row: values.span, into: &span)
      #expect(scores[0] == expected[row])
    }
  }
}
