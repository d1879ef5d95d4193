import Basics
import Frames
import Learners
import Modeling
import Testing

@Suite struct IsolationForestTests {
  /// Two clouds and ten rows far from both.
  private func table(_ count: Int = 1000) throws -> Frame {
    var random = Seed(9).generator
    var x: [Double] = []
    var y: [Double] = []
    for row in 0..<count {
      let isStrange = row < 10
      x.append(isStrange ? 6 + Double(row) : random.normal() + (row % 2 == 0 ? 0 : 3))
      y.append(isStrange ? -7 - Double(row) : random.normal())
    }
    return try Frame([("x", Column(numbers: x)), ("y", Column(numbers: y))])
  }

  private func data(_ frame: Frame) throws -> TrainingData {
    try TrainingData(frame: frame, target: .absent(rowCount: frame.rowCount))
  }

  @Test func strangeRowsScoreHighest() throws {
    let frame = try table()
    var forest = IsolationForest()
    forest.contamination = 0.01
    let model = try forest.fit(data(frame), in: FitContext())
    let scores = try #require(model.predict(frame).values)
    #expect(scores.allSatisfy { $0 > 0 && $0 < 1 })
    #expect(try #require(scores[..<10].min()) > #require(scores[10...].max()))
    #expect(scores.count { $0 >= model.threshold } == 10)
    #expect(scores.reduce(0, +) / 1000 < 0.5)
  }

  @Test func noContaminationMarksNoRow() throws {
    let frame = try table()
    var forest = IsolationForest()
    forest.contamination = 0
    let model = try forest.fit(data(frame), in: FitContext())
    #expect(try #require(model.predict(frame).values).allSatisfy { $0 < model.threshold })
  }

  @Test func rowOrderAndThreadsDoNotMatter() throws {
    let frame = try table()
    let order = (0..<1000).sorted { TreeTables.uniform($0, 5) < TreeTables.uniform($1, 5) }
    let expected = try IsolationForest().fit(data(frame), in: FitContext(seed: Seed(2)))
    let other = try IsolationForest().fit(
      data(frame.gathered(order)), in: FitContext(seed: Seed(2), workers: Workers(count: 3)))
    #expect(try other.predict(frame) == expected.predict(frame) && other.threshold == expected.threshold)
  }

  @Test func missingValuesAndCategoriesAreTaken() throws {
    let n = 600
    let frame = try Frame([
      ("x", Column(numbers: (0..<n).map { $0 % 7 == 0 ? .nan : TreeTables.uniform($0, 1) })),
      ("c", Column(categories: (0..<n).map { $0 % 11 == 0 ? nil : $0 == 5 ? "rare" : "common \($0 % 3)" })),
      ("e", Column(numbers: (0..<n).map { $0 == 3 ? .infinity : TreeTables.uniform($0, 2) })),
    ])
    let model = try IsolationForest().fit(data(frame), in: FitContext())
    let scores = try #require(model.predict(frame).values)
    let areFinite = scores.allSatisfy { $0.isFinite }
    #expect(areFinite)
    let ordinary = scores.sorted()[n / 2]
    #expect(scores[5] > ordinary && scores[3] > ordinary)
    var writer = ArchiveWriter()
    try model.write(to: &writer)
    let again = try IsolationForestModel(from: ArchiveReader(bytes: writer.encoded(), origin: "test"))
    #expect(try again.predict(frame) == model.predict(frame) && again.threshold == model.threshold)
  }

  @Test func oneRowAndEqualRowsAreOrdinary() throws {
    for count in [1, 2, 50] {
      let frame = try Frame([("x", Column(numbers: [Double](repeating: 4, count: count)))])
      let scores = try #require(IsolationForest().fit(data(frame), in: FitContext()).predict(frame).values)
      #expect(Set(scores).count == 1 && scores.allSatisfy { $0 > 0 && $0 <= 1 })
    }
    let none = try Frame([("x", Column(numbers: []))])
    #expect(throws: MLError.self) { try IsolationForest().fit(data(none), in: FitContext()) }
    let text = try Frame([("note", Column(.text(["a"])))])
    #expect(throws: MLError.self) { try IsolationForest().fit(data(text), in: FitContext()) }
  }
}
