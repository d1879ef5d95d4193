import Basics
import Frames
import Learners
import Modeling
import Testing

@Suite struct LinearTests {
  private func expectClose(_ model: LinearModel, _ golden: LinearGolden, _ fit: String, tolerance: Double = 1e-6) {
    let expected = golden.coefficients(fit)
    #expect(model.coefficients.count == expected.count)
    for (fields, row) in zip(model.coefficients, expected) {
      let flat = fields.flatMap { $0 }
      #expect(flat.count == row.count)
      for (a, b) in zip(flat, row) { #expect(abs(a - b) < tolerance * max(1, abs(b)), "\(fit)") }
    }
    for (a, b) in zip(model.intercepts, golden.intercepts(fit)) {
      #expect(abs(a - b) < tolerance * max(1, abs(b)), "\(fit)")
    }
  }

  @Test func ridgeAgrees() throws {
    let golden = try LinearGolden()
    let frame = try golden.frame()
    let plain = try Ridge().fit(TrainingData(frame: frame, target: golden.target("y")), in: FitContext())
    expectClose(plain, golden, "ridge")
    let weighted = try Ridge(penalty: 2.5).fit(
      TrainingData(frame: frame, target: golden.target("y"), weights: golden.weights), in: FitContext())
    expectClose(weighted, golden, "ridge_weighted")
    let sparse = try Ridge(penalty: 0.5).fit(
      TrainingData(frame: golden.frame(withSparse: true), target: golden.target("y_sparse")), in: FitContext())
    expectClose(sparse, golden, "ridge_sparse")
  }

  @Test func logisticAgrees() throws {
    let golden = try LinearGolden()
    func fit(
      _ key: String, _ names: [String], penalty: Double, weights: [Double]? = nil, sparse: Bool = false
    ) throws -> LinearModel {
      let data = try TrainingData(
        frame: golden.frame(withSparse: sparse), target: golden.target(key, names: names), weights: weights)
      return try LogisticRegression(penalty: penalty, tolerance: 1e-11).fit(data, in: FitContext())
    }
    expectClose(try fit("binary", ["n", "y"], penalty: 1), golden, "binary")
    expectClose(try fit("binary", ["n", "y"], penalty: 2.5, weights: golden.weights), golden, "binary_weighted")
    expectClose(try fit("binary", ["n", "y"], penalty: 1, sparse: true), golden, "binary_sparse")
    expectClose(try fit("multi", ["a", "b", "c"], penalty: 1), golden, "multi")
    expectClose(try fit("multi", ["a", "b", "c"], penalty: 0.5, weights: golden.weights), golden, "multi_weighted")
  }

  /// Padding with empty features sends the same problem to the solver for wide tables.
  @Test func wideSolversAgreeWithDirectOnes() throws {
    let golden = try LinearGolden()
    let wide = SparseMatrix(
      width: 1200, offsets: golden.sparse.offsets, indices: golden.sparse.indices, values: golden.sparse.values)
    let narrowFrame = try golden.frame(withSparse: true)
    let wideFrame = try narrowFrame.setting(Field("s", .vector), Column(.vector(wide)))
    func both(_ fit: (Frame) throws -> LinearModel) throws {
      let a = try fit(narrowFrame).coefficients, b = try fit(wideFrame).coefficients
      for (x, y) in zip(a, b) {
        for (p, q) in zip(x, y) { for (u, v) in zip(p, q) { #expect(abs(u - v) < 1e-6 * max(1, abs(u))) } }
      }
    }
    try both { try Ridge().fit(TrainingData(frame: $0, target: golden.target("y_sparse")), in: FitContext()) }
    try both {
      try LogisticRegression(penalty: 1, tolerance: 1e-11).fit(
        TrainingData(frame: $0, target: golden.target("binary", names: ["n", "y"])), in: FitContext())
    }
    try both {
      try LogisticRegression(penalty: 1, tolerance: 1e-11).fit(
        TrainingData(frame: $0, target: golden.target("multi", names: ["a", "b", "c"])), in: FitContext())
    }
  }

  @Test(arguments: [0, 2, 3]) func workersDoNotMatter(_ classes: Int) throws {
    let data = try syntheticData(rows: 9000, dense: 7, classes: classes)
    func bytes(_ workers: Int) throws -> [UInt8] {
      let context = FitContext(workers: Workers(count: workers))
      return try archived(classes == 0 ? Ridge().fit(data, in: context) : LogisticRegression().fit(data, in: context))
    }
    #expect(try bytes(1) == bytes(4))
  }

  /// Above 50,000 rows the first rounds see a part of the rows; the end must be the minimum over all.
  @Test func manyRowsReachTheMinimum() throws {
    let data = try syntheticData(rows: 60_000, dense: 3, classes: 2)
    let model = try LogisticRegression(penalty: 4).fit(data, in: FitContext(workers: Workers(count: 2)))
    let probability = try #require(model.predict(data.frame).probabilities(ofClass: 1))
    let target = data.target.doubles
    for (index, column) in data.frame.columns.enumerated() {
      let values = try #require(column.doubles)
      var slope = 4 * model.coefficients[0][index][0]
      for row in values.indices { slope += (probability[row] - target[row]) * values[row] }
      #expect(abs(slope) / 60_000 < 1e-7)
    }
  }

  @Test func weightsAreRepetition() throws {
    let golden = try LinearGolden()
    let frame = try golden.frame()
    let target = golden.target("multi", names: ["a", "b", "c"])
    let weights = (0..<60).map { Double([0, 1, 3][$0 % 3]) }
    let rows = (0..<60).flatMap { [Int](repeating: $0, count: [0, 1, 3][$0 % 3]) }
    let weighted = try LogisticRegression().fit(
      TrainingData(frame: frame, target: target, weights: weights), in: FitContext())
    let repeated = try LogisticRegression().fit(
      TrainingData(frame: frame.gathered(rows), target: target.gathered(rows)), in: FitContext())
    let a = try #require(weighted.predict(frame).probabilities(ofClass: 0))
    let b = try #require(repeated.predict(frame).probabilities(ofClass: 0))
    for (x, y) in zip(a, b) { #expect(abs(x - y) < 1e-6) }
  }

  @Test func predictionsAreRowByRow() throws {
    let data = try syntheticData(rows: 300, dense: 4, classes: 3)
    let model = try LogisticRegression().fit(data, in: FitContext())
    let all = try model.predict(data.frame)
    let parts = try Predictions.joined([
      model.predict(data.frame.gathered(Array(0..<7))), model.predict(data.frame.gathered(Array(7..<300))),
    ])
    #expect(all == parts)
    for row in 0..<300 {
      let sum = (0..<3).reduce(0) { $0 + (all.probabilities(ofClass: $1)?[row] ?? .nan) }
      #expect(abs(sum - 1) < 1e-9)
    }
    let importance = try #require(model.importance)
    #expect(abs(importance.reduce(0, +) - 1) < 1e-9)
    #expect(importance[0] > importance[3])
  }

  @Test func archiveKeepsEveryBit() throws {
    let golden = try LinearGolden()
    let frame = try golden.frame(withSparse: true)
    let model = try LogisticRegression().fit(
      TrainingData(frame: frame, target: golden.target("multi", names: ["a", "b", "c"])), in: FitContext())
    let bytes = try archived(model)
    let again = try LinearModel(from: ArchiveReader(bytes: bytes, origin: "test"))
    #expect(try again.predict(frame) == model.predict(frame))
    #expect(again.importance == model.importance)
    var wrong = ArchiveWriter()
    wrong.set("schema", try Configuration.encode(model.schema))
    wrong.set("widths", [1, 1, 1, 1, 13])
    wrong.add("classes", strings: ["a", "b", "c"])
    wrong.add("coefficients", doubles: [Double](repeating: 0, count: 48))
    wrong.add("intercepts", doubles: [0, 0, 0])
    wrong.add("importance", doubles: [])
    let damaged = wrong.encoded()
    #expect { try LinearModel(from: ArchiveReader(bytes: damaged, origin: "test")) } throws: {
      ($0 as? MLError)?.code == .corruptFile
    }
  }

  @Test func absentClassGetsNextToNothing() throws {
    let golden = try LinearGolden()
    let data = try TrainingData(frame: golden.frame(), target: golden.target("binary", names: ["n", "y", "never"]))
    let model = try LogisticRegression().fit(data, in: FitContext())
    let never = try #require(model.predict(data.frame).probabilities(ofClass: 2))
    #expect(never.allSatisfy { $0 >= 0 && $0 < 1e-9 })
    let plain = try LogisticRegression().fit(
      TrainingData(frame: data.frame, target: golden.target("binary", names: ["n", "y"])), in: FitContext())
    let a = try #require(model.predict(data.frame).probabilities(ofClass: 1))
    let b = try #require(plain.predict(data.frame).probabilities(ofClass: 1))
    for (x, y) in zip(a, b) { #expect(abs(x - y) < 1e-9) }
  }

  @Test func badInputIsNamed() throws {
    let numbers = Column(.number([1, 2, 3]))
    let classes = Target.classes(codes: [0, 1, 0], names: ["a", "b"])
    func code(_ column: Column, _ target: Target) -> MLError? {
      do {
        let data = try TrainingData(frame: Frame([("v", column)]), target: target)
        _ = try LogisticRegression().fit(data, in: FitContext())
        return nil
      } catch { return error as? MLError }
    }
    #expect(code(Column(numbers: [1, .nan, 3]), classes)?.field == "v")
    #expect(code(Column(.number([1, .infinity, 3])), classes)?.field == "v")
    #expect(code(Column(categories: ["a", "b", "c"]), classes)?.code == .schemaMismatch)
    #expect(code(numbers, .classes(codes: [1, 1, 1], names: ["a", "b"]))?.code == .invalidData)
    #expect(code(numbers, .values([1, 2, 3]))?.code == .invalidData)
    #expect(code(Column(.number([5, 5, 5])), classes) == nil)
    #expect(throws: MLError.self) {
      try Ridge().fit(TrainingData(frame: Frame([("v", numbers)]), target: classes), in: FitContext())
    }
  }

  @Test func extremeColumnsStayFinite() throws {
    let huge = (0..<40).map { Double($0 % 7) * 1e140 }
    let tiny = (0..<40).map { Double($0 % 5) * 1e-140 }
    let shifted = (0..<40).map { 1e9 + Double($0 % 3) }
    let frame = try Frame([("h", Column(.number(huge))), ("t", Column(.number(tiny))), ("s", Column(.number(shifted)))])
    let values = (0..<40).map { Double($0 % 3) * 2 + 1 }
    let ridge = try Ridge(penalty: 1e-6).fit(TrainingData(frame: frame, target: .values(values)), in: FitContext())
    let predicted = try #require(ridge.predict(frame).values)
    for (a, b) in zip(predicted, values) { #expect(abs(a - b) < 1e-3) }
    let codes = (0..<40).map { Int32($0 % 3 == 0 ? 1 : 0) }
    let logistic = try LogisticRegression().fit(
      TrainingData(frame: frame, target: .classes(codes: codes, names: ["a", "b"])), in: FitContext())
    #expect(try logistic.predict(frame).probabilities(ofClass: 1)?.allSatisfy { (0...1).contains($0) } == true)
  }

  @Test func stopsOnRequest() throws {
    let data = try syntheticData(rows: 100, dense: 2, classes: 2)
    let context = FitContext()
    context.cancellation.cancel()
    #expect { try LogisticRegression().fit(data, in: context) } throws: { ($0 as? MLError)?.code == .cancelled }
  }
}
