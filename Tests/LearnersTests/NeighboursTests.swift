import Basics
import Frames
import Kernels
import Learners
import Modeling
import Testing

@Suite struct NeighboursTests {
  @Test(arguments: KNearestNeighbours.Metric.allCases, KNearestNeighbours.Voting.allCases)
  func agreesWithScikitLearn(metric: KNearestNeighbours.Metric, voting: KNearestNeighbours.Voting) throws {
    let golden = try GoldenTable("svm/svm.json")
    let name = "\(metric.rawValue)_\(voting.rawValue)"
    var estimator = KNearestNeighbours()
    estimator.neighbourCount = 7
    estimator.metric = metric
    estimator.voting = voting
    estimator.standardise = false
    estimator.smoothing = 0
    let (frame, new) = (try golden.frame("x"), try golden.frame("new"))
    let classes = Target.classes(codes: golden.codes("three"), names: ["a", "b", "c"])
    let voted = try estimator.fit(TrainingData(frame: frame, target: classes), in: FitContext()).predict(new)
    guard case .probabilities(let probabilities, _) = voted.storage else { throw CheckError() }
    #expect(gap(probabilities, golden.rows("neighbours", name, "probabilities").flatMap { $0 }) < 1e-12)
    let numbers = Target.values(golden.doubles("values"))
    let averaged = try estimator.fit(TrainingData(frame: frame, target: numbers), in: FitContext()).predict(new)
    #expect(gap(averaged.values ?? [], golden.doubles("neighbours", name, "values")) < 1e-12)
  }

  /// A mark on one row in a hundred stays 1 away, however rare; as a number it would be ten deviations away.
  @Test func marksStayOneApart() throws {
    let count = 400
    let x = (0..<count).map { Double($0) / 100 }
    let mark = (0..<count).map { $0 % 100 == 50 }
    let target = Target.values(x)
    let numbers = try Frame([("x", Column(.number(x))), ("m", Column(.number(mark.map { $0 ? 1 : 0 })))])
    let marks = try Frame([("x", Column(.number(x))), ("m", Column(.boolean(mark)))])
    func far(_ frame: Frame) throws -> Double {
      var estimator = KNearestNeighbours()
      estimator.neighbourCount = 4
      let said = try #require(
        estimator.fit(TrainingData(frame: frame, target: target), in: FitContext()).predict(frame).values)
      return abs(said[350] - x[350])
    }
    #expect(try far(numbers) > 1)
    #expect(try far(marks) < 0.6)
  }

  /// A grid has many rows at equal distance; a tree and trying all must agree to the bit, ties by row.
  @Test(arguments: [RowDistance.squared, .manhattan], InstructionSet.available)
  func treeFindsWhatTryingAllFinds(metric: RowDistance, set: InstructionSet) {
    InstructionSet.use(set)
    defer { InstructionSet.use(InstructionSet.available.last ?? .baseline) }
    for width in [1, 2, 3, 5] {
      var random = Seed(UInt64(width)).generator
      let rows = (0..<(2000 * width)).map { _ in Double(random.index(below: 12)) }
      let queries = (0..<(97 * width)).map { _ in Double(random.index(below: 12)) }
      let tree = RowTree(rows, rowCount: 2000, width: width)
      let all = RowTiles(rows, rowCount: 2000, width: width)
      for count in [1, 6, 40] {
        let fast = tree.nearest(metric, queries: queries.span, count: count)
        let plain = all.nearest(metric, queries: queries.span, count: count)
        #expect(fast.rows == plain.rows)
        #expect(fast.distances == plain.distances)
      }
      #expect(plainNearest(rows, queries, width, metric) == all.nearest(metric, queries: queries.span, count: 3).rows)
    }
  }

  private func plainNearest(_ rows: [Double], _ queries: [Double], _ width: Int, _ metric: RowDistance) -> [Int32] {
    stride(from: 0, to: queries.count, by: width).flatMap { q in
      let distances = stride(from: 0, to: rows.count, by: width).map { r in
        (0..<width).reduce(0.0) { sum, d in
          let gap = rows[r + d] - queries[q + d]
          return sum + (metric == .squared ? gap * gap : abs(gap))
        }
      }
      return distances.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }.prefix(3).map { Int32($0) }
    }
  }

  @Test func radiusSearchFindsEveryRow() {
    var random = Seed(4).generator
    let rows = (0..<3000).map { _ in random.normal() }
    let tree = RowTree(rows, rowCount: 1000, width: 3)
    for query in stride(from: 0, to: 300, by: 3) {
      var found: [Int32] = []
      tree.within(.squared, query: rows.span.extracting(query..<(query + 3)), radius: 0.5, into: &found)
      let expected = (0..<1000).filter { row in
        (0..<3).reduce(0.0) { $0 + (rows[row * 3 + $1] - rows[query + $1]) * (rows[row * 3 + $1] - rows[query + $1]) }
          <= 0.5
      }
      #expect(found.sorted() == expected.map { Int32($0) })
    }
  }

  @Test func missingCellsAreRefusedByName() throws {
    let frame = try Frame([("age", Column(numbers: [1, .nan, 3]))])
    let data = try TrainingData(frame: frame, target: .values([1, 2, 3]))
    #expect { try KNearestNeighbours().fit(data, in: FitContext()) } throws: { error in
      (error as? MLError)?.field == "age"
    }
  }
}

struct CheckError: Error {}
