import Basics
import Evaluation
import Frames
import Modeling
import Testing

@Suite struct ExplanationTests {
  /// The function behind the golden values, of five columns.
  private static func model(_ frame: Frame) throws -> Predictions {
    let x = try (0..<5).map { try frame.column("x\($0)").doubles ?? [] }
    return Predictions(
      .values(
        (0..<frame.rowCount).map { row in
          let product = x[0][row] * x[1][row] + Mathematics.sin(x[2][row])
          return product + (x[3][row] > 0.2 ? 0.5 * x[0][row] : 0) - 0.3 * x[4][row] * x[4][row]
        }))
  }

  private func frame(_ values: [Double]) throws -> Frame {
    try Frame(
      (0..<5).map { k in
        ("x\(k)", Column(numbers: stride(from: k, to: values.count, by: 5).map { values[$0] }))
      })
  }

  @Test(arguments: [Shapley.Method.exact, .automatic, .kernel(60)])
  func shapleyValuesAgreeWithGolden(method: Shapley.Method) throws {
    let file = try #require(golden("evaluation/evaluation.json")["explanations"])
    let rows = try frame(file["rows"]?.doubles ?? [])
    let background = try frame(file["background"]?.doubles ?? [])
    let found = try Shapley.values(rows, background: background, method: method, score: Self.model)
    let expected = file["shares"]?.doubles ?? []
    #expect(found.values.count == 20 && expected.count == 20 && found.link == .identity)
    for (a, b) in zip(found.values, expected) { #expect(isClose(a, b, 1e-9)) }
    let said = try Self.model(rows).values ?? []
    for row in 0..<4 { #expect(isClose(found.score(row: row, output: 0), said[row], 1e-9)) }
  }

  @Test func sampledSharesAddUpAndDoNotDependOnThreads() throws {
    var stream = Seed(2).generator
    let names = (0..<15).map { "c\($0)" }
    let frame = try Frame(names.map { ($0, Column(numbers: (0..<40).map { _ in stream.normal() })) })
    let score: @Sendable (Frame) throws -> Predictions = { frame in
      let x = try names.map { try frame.column($0).doubles ?? [] }
      return Predictions(
        .probabilities(
          (0..<frame.rowCount).flatMap { row -> [Double] in
            let sum = x.enumerated().reduce(0.0) { $0 + Double($1.offset % 4) * 0.3 * $1.element[row] }
            let p = Mathematics.logistic(sum + x[0][row] * x[1][row])
            return [1 - p, p]
          }, classes: ["no", "yes"]))
    }
    let rows = frame.gathered([0, 1, 2])
    let one = try Shapley.values(rows, background: frame, method: .kernel(400), score: score)
    let two = try Shapley.values(
      rows, background: frame, method: .kernel(400), workers: Workers(count: 2), score: score)
    #expect(one == two && one.outputs == ["no", "yes"] && one.link == .probability)
    let said = try score(rows).probabilities(ofClass: 1) ?? []
    for row in 0..<3 {
      #expect(isClose(one.score(row: row, output: 1), said[row], 1e-9))
      for (a, b) in zip(one.shares(row: row, output: 0), one.shares(row: row, output: 1)) {
        #expect(isClose(a, -b, 1e-9))
      }
    }
    // A column without any effect has no share; more sets come nearer to the truth.
    let fine = try Shapley.values(rows, background: frame, method: .kernel(6000), score: score)
    #expect(abs(Array(fine.shares(row: 0, output: 1))[4]) < 0.005)
    #expect(throws: MLError.self) { try Shapley.values(rows, background: frame, method: .exact, score: score) }
    #expect(throws: MLError.self) { try Shapley.values(rows, background: frame, method: .kernel(10), score: score) }
    #expect(throws: MLError.self) { try Shapley.values(rows, background: frame.gathered([]), score: score) }
  }

  /// Columns of a group are known together: of a product within a group nothing is dealt to others.
  @Test func groupsOfColumnsShareAsOne() throws {
    var stream = Seed(5).generator
    let frame = try Frame(["a", "b", "c", "d"].map { ($0, Column(numbers: (0..<12).map { _ in stream.normal() })) })
    let score: @Sendable (Frame) throws -> Predictions = { frame in
      let x = try ["a", "b", "c"].map { try frame.column($0).doubles ?? [] }
      return Predictions(.values(x[0].indices.map { x[0][$0] * x[1][$0] + 3 * x[2][$0] }))
    }
    let found = try Shapley.values(
      frame, background: frame, groups: [.init("pair", columns: ["a", "b"]), .init("rest", columns: ["c", "d"])],
      score: score)
    let products = try score(frame).values ?? []
    let thirds = (try frame.column("c").doubles ?? []).map { 3 * $0 }
    let pairs = zip(products, thirds).map { $0 - $1 }
    #expect(found.features.map(\.field) == ["pair", "rest"])
    for row in 0..<12 {
      let shares = Array(found.shares(row: row, output: 0))
      #expect(isClose(shares[0], pairs[row] - pairs.reduce(0, +) / 12, 1e-12))
      #expect(isClose(shares[1], thirds[row] - thirds.reduce(0, +) / 12, 1e-12))
    }
  }

  @Test func categoriesAndMissingCellsAreShared() throws {
    let frame = try Frame([
      ("c", Column(categories: ["a", "b", nil, "b"])), ("x", Column(numbers: [1, .nan, 3, 4])),
    ])
    let score: @Sendable (Frame) throws -> Predictions = { frame in
      let (c, x) = (try frame.column("c"), try frame.column("x").doubles ?? [])
      return Predictions(.values(x.indices.map { (c.text(at: $0) == "b" ? 2 : 0) + (x[$0].isNaN ? -1 : x[$0]) }))
    }
    let found = try Shapley.values(frame, background: frame, score: score)
    // Additive: each share is the own value minus the mean.
    let shares = Array(found.shares(row: 1, output: 0))
    #expect(isClose(shares[0], 1) && isClose(shares[1], -1 - 7.0 / 4))
    let kept = try Shapley.values(frame, background: frame, columns: ["x"], score: score)
    #expect(kept.features.map(\.field) == ["x"])
  }

  @Test func curvesAgreeWithGolden() throws {
    let file = try #require(golden("evaluation/evaluation.json")["explanations"])
    let data = try frame(file["x"]?.doubles ?? [])
    let effects = try AccumulatedEffects.make("x0", data, stretchCount: 8, score: Self.model)
    let (borders, heights) = (file["borders"]?.doubles ?? [], file["ale"]?.doubles ?? [])
    #expect(effects.points.count == borders.count)
    for (point, (border, height)) in zip(effects.points, zip(borders, heights)) {
      #expect(isClose(point.value, border) && isClose(point.effect.value, height, 1e-10))
      #expect(point.effect.low <= point.effect.value && point.effect.value <= point.effect.high)
    }
    let curve = try PartialDependence.make("x0", data, score: Self.model)
    let ends = file["dependence"]?.arrayValue?.map(\.doubles) ?? []
    #expect(curve.points.count == 20 && curve.individual.count == 30)
    for (point, expected) in zip([curve.points.first, curve.points.last], ends) {
      #expect(isClose(point?.number, expected[0]) && isClose(point?.mean, expected[1], 1e-10))
    }
    #expect(throws: MLError.self) { try AccumulatedEffects.make("x9", data, score: Self.model) }
  }

  @Test func dependenceOnCategoriesListsLevelsAndMissing() throws {
    let frame = try Frame([("c", Column(categories: ["a", "b", nil, "a"]))])
    let score: (Frame) throws -> Predictions = { frame in
      let column = try frame.column("c")
      let p = (0..<frame.rowCount).map { column.text(at: $0) == "a" ? 0.9 : column.isPresent($0) ? 0.3 : 0.5 }
      return Predictions(.probabilities(p.flatMap { [1 - $0, $0] }, classes: ["no", "yes"]))
    }
    let curve = try PartialDependence.make("c", frame, score: score)
    #expect(curve.points.map(\.value) == ["a", "b", "(missing)"] && curve.output == "yes")
    #expect(zip(curve.points.map(\.mean), [0.9, 0.3, 0.5]).allSatisfy { isClose($0, $1) })
    #expect(throws: MLError.self) { try PartialDependence.make("c", frame, output: "maybe", score: score) }
  }

  @Test func columnsThatActTogetherAreFound() throws {
    let file = try #require(golden("evaluation/evaluation.json")["explanations"])
    let data = try frame(file["x"]?.doubles ?? [])
    let pairs = try Interaction.strengths(data.schema.names, data, rowCount: 30, score: Self.model)
    #expect(pairs.count == 10 && pairs[0].a == "x0" && pairs[0].b == "x1" && pairs[0].strength > 0.7)
    let additive = try #require(pairs.first { $0.a == "x2" && $0.b == "x4" })
    #expect(additive.strength < 1e-9)
  }

  @Test func droppedColumnsAreRanked() throws {
    let found = try Importance.dropColumn(["a", "b", "c"], metric: LogLoss(), rounds: 3) { without, round in
      0.5 + 0.01 * Double(round) + (without == ["b"] ? 0.2 : 0) - (without == ["c"] ? 0.01 * Double(round) : 0)
    }
    #expect(found.map(\.column) == ["b", "a", "c"])
    #expect(isClose(found[0].loss.value, 0.2) && found[0].share == 1 && found[2].loss.low < found[2].loss.value)
  }

  @Test func preparedFeaturesFoldBackToRawColumns() throws {
    let prepared = try Contributions(
      features: [
        .init(field: "city=a"), .init(field: "city=b"), .init(field: "age×income"), .init(field: "v", element: 3),
      ],
      outputs: [""], link: .logit, baseline: [0.5], values: [1, 2, 4, 8, -1, 0, 6, 0])
    let raw = try prepared.folded(into: ["age", "city", "income", "text"]) { feature in
      switch feature.field {
      case "age×income": ["age", "income"]
      case "v": ["text"]
      default: ["city"]
      }
    }
    #expect(raw.values == [2, 3, 2, 8, 3, -1, 3, 0] && raw.link == .logit)
    #expect(raw.score(row: 0, output: 0) == prepared.score(row: 0, output: 0))
    #expect(throws: MLError.self) { try prepared.folded(into: ["age"]) { [$0.field] } }
  }

  @Test func mixturesAreExplainedInTheRightSpace() throws {
    let a = try Contributions(
      features: [.init(field: "x"), .init(field: "y")], outputs: ["no", "yes"], link: .probability,
      baseline: [0.5, 0.5],
      values: [0.1, 0.2, -0.1, -0.2])
    let b = try Contributions(
      features: [.init(field: "z"), .init(field: "x")], outputs: ["no", "yes"], link: .probability,
      baseline: [0.4, 0.6],
      values: [0.3, 0, -0.3, 0])
    let mixed = try Contributions.mixed([(a, 3), (b, 1)])
    #expect(mixed.features.map(\.field) == ["x", "y", "z"])
    for output in 0...1 {
      let expected = 0.75 * a.score(row: 0, output: output) + 0.25 * b.score(row: 0, output: output)
      #expect(isClose(mixed.score(row: 0, output: output), expected))
    }
    var logit = a
    logit.link = .softmax
    #expect(throws: MLError.self) { try Contributions.mixed([(logit, 1), (logit, 1)]) }
    #expect(try Contributions.mixed([(logit, 1), (logit, 1)], averagesScores: true).values == logit.values)
    #expect(throws: MLError.self) { try Contributions.mixed([(a, 1), (logit, 1)], averagesScores: true) }
  }
}
