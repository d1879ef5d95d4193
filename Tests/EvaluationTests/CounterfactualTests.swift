import Basics
import Evaluation
import Frames
import Modeling
import Testing

@Suite struct CounterfactualTests {
  /// Approves when income and plan make up for age.
  private static func score(_ frame: Frame) throws -> Predictions {
    let (income, age) = (try frame.column("income").doubles ?? [], try frame.column("age").doubles ?? [])
    let plan = try frame.column("plan")
    let p = income.indices.map { row in
      Mathematics.logistic(0.1 * income[row] - 0.05 * age[row] + (plan.text(at: row) == "gold" ? 1.5 : 0) - 3)
    }
    return Predictions(.probabilities(p.flatMap { [1 - $0, $0] }, classes: ["refused", "approved"]))
  }

  private func people(_ count: Int) throws -> Frame {
    var stream = Seed(9).generator
    return try Frame([
      ("income", Column(numbers: (0..<count).map { _ in (20 + 40 * stream.uniform()).rounded() })),
      ("age", Column(.integer((0..<count).map { _ in Int64(20 + stream.index(below: 50)) }))),
      ("plan", Column(categories: (0..<count).map { _ in ["gold", "silver", "none"][stream.index(below: 3)] })),
    ])
  }

  private func applicant() throws -> Frame {
    try Frame([
      ("income", Column(numbers: [30])), ("age", Column(.integer([40]))), ("plan", Column(categories: ["none"])),
    ])
  }

  @Test func theSmallestChangeFlipsTheDecision() throws {
    let row = try applicant()
    let seen = try people(400)
    let search = CounterfactualSearch()
    let found = try #require(
      try search.find(0, of: row, seen: seen, goal: .decided("approved"), score: Self.score))
    #expect(try Self.score(found.row).classCodes == [1] && found.value > 0.5)
    #expect(!found.changes.isEmpty && found.changes.allSatisfy { $0.from != $0.to })
    // No change of one cell, to any value seen, flips for less.
    for name in ["income", "age"] {
      let values = try seen.column(name).doubles ?? []
      let middle = values.sorted()[200]
      let scale = values.map { abs($0 - middle) }.sorted()[200]
      let own = try row.column(name).doubles?[0] ?? 0
      for value in Set(values) where abs(value - own) / scale < found.distance - 0.15 {
        let column = name == "age" ? Column(.integer([Int64(value)])) : Column(numbers: [value])
        let changed = try row.setting(row.schema[name] ?? Field(name, column.kind), column)
        #expect(try Self.score(changed).classCodes == [0], "\(name) \(value)")
      }
    }
  }

  @Test func whatMustNotChangeDoesNot() throws {
    let row = try applicant()
    let seen = try people(400)
    var search = CounterfactualSearch()
    search.immutable = ["plan"]
    search.directions = ["age": .increasing]
    search.ranges = ["income": 0...55]
    let found = try #require(
      try search.find(0, of: row, seen: seen, goal: .decided("approved"), score: Self.score))
    #expect(found.changes.map(\.column) == ["income"])
    let income = try found.row.column("income").doubles?[0] ?? 0
    #expect(income > 50 && income <= 52)
    search.ranges = ["income": 0...31]
    #expect(try search.find(0, of: row, seen: seen, goal: .decided("approved"), score: Self.score) == nil)
    let there = try search.find(0, of: row, seen: seen, goal: .decided("refused"), score: Self.score)
    #expect(there?.changes == [] && there?.distance == 0)
    #expect(throws: MLError.self) {
      try search.find(0, of: row, seen: seen, goal: .decided("maybe"), score: Self.score)
    }
    #expect(throws: MLError.self) {
      try search.find(0, of: row, seen: seen, goal: .range(0...1), score: Self.score)
    }
  }

  @Test func numbersAreBroughtIntoARange() throws {
    let frame = try Frame([("x", Column(numbers: [1, 2, 3, 4, 5, 6])), ("y", Column(numbers: [0, 1, 0, 1, 0, 1]))])
    let score: (Frame) throws -> Predictions = { frame in
      let (x, y) = (try frame.column("x").doubles ?? [], try frame.column("y").doubles ?? [])
      return Predictions(.values(zip(x, y).map { 10 * $0 + $1 }))
    }
    let found = try #require(
      try CounterfactualSearch().find(0, of: frame, seen: frame, goal: .range(29...35), score: score))
    #expect(found.changes.map(\.column) == ["x"] && found.changes[0].to == "3" && found.value == 30)
    #expect(found.json["changes"]?[0]?["from"]?.stringValue == "1")
  }

  @Test func neighboursCountEveryColumnAlike() throws {
    let reference = try Frame([
      ("x", Column(numbers: [0, 10, 5, .nan])), ("c", Column(categories: ["a", "b", "a", "b"])),
      ("t", Column(.boolean([true, false, true, false]))),
    ])
    let row = try Frame([
      ("t", Column(.boolean([true]))), ("c", Column(categories: ["a"])), ("x", Column(numbers: [4])),
    ])
    let distance = try RowDistance(to: reference)
    let all = try distance.distances(from: 0, of: row)
    #expect(zip(all, [0.4 / 3, (0.6 + 2) / 3, 0.1 / 3, 1]).allSatisfy { isClose($0, $1) })
    #expect(try distance.nearest(to: 0, of: row, count: 2).map(\.row) == [2, 0])
    let unseen = try Frame([
      ("x", Column(numbers: [.nan])), ("c", Column(categories: ["z"])), ("t", Column(.boolean([true]))),
    ])
    #expect(zip(try distance.distances(from: 0, of: unseen), [2.0 / 3, 1, 2.0 / 3, 1]).allSatisfy { isClose($0, $1) })
    #expect(throws: MLError.self) { try distance.nearest(to: 1, of: row, count: 1) }
  }
}
