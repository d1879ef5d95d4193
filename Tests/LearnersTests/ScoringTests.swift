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
