import Basics
import Frames
import Modeling
import Testing
import Transforms

@Suite struct PlanTests {
  private let linear = Card(
    name: "linear", summary: "s", tasks: [.classification], capabilities: [.handlesVectors], source: "s")
  private let trees = Card(
    name: "trees", summary: "s", tasks: [.classification],
    capabilities: [.handlesVectors, .handlesMissing, .handlesCategories, .scaleInvariant], source: "s")

  private func frame() throws -> Frame {
    let count = 200
    return try mixedFrame(rows: count)
      .setting(Field("passenger_id", .integer), Column(.integer((0..<count).map { Int64($0 + 1) })))
      .setting(Field("same", .number), Column(.number([Double](repeating: 1, count: count))))
      .setting(Field("zip", .category), Column(categories: (0..<count).map { "\($0 % 120)" }))
      .setting(Field("cabin", .category), Column(categories: (0..<count).map { $0 % 2 == 0 ? nil : "C\($0 / 2 % 80)" }))
  }

  @Test func linearPlanPreparesEverything() throws {
    let frame = try frame()
    let target = try mixedTarget(frame)
    let plan = try PreparationPlan.make(frame: frame, target: target, task: .classification, for: linear)
    #expect(
      plan.steps.map { type(of: $0).card.name } == [
        "drop", "date-parts", "text-statistics", "text-features", "text-features", "group-rare", "one-hot",
        "target-encode", "impute", "scale",
      ])
    let reason = "'passenger_id' looks like a row number (200 distinct of 200, without gaps): left out."
    #expect(plan.sentences.contains(reason))
    #expect(plan.sentences.contains("'same' holds one value only in 200 rows: left out."))
    let prepared = try prepare(plan, frame, target)
    for (field, column) in zip(prepared.schema.fields, prepared.columns) {
      #expect(field.kind == .number || field.kind == .vector, "\(field.name)")
      #expect(column.missingCount == 0)
    }
  }

  /// Pixels keep their places: one that is dark in all rows is still there.
  @Test func planForPixelsKeepsConstantColumns() throws {
    let images = Card(
      name: "images", summary: "s", tasks: [.classification], capabilities: [.handlesMissing, .readsPixels], source: "s"
    )
    let frame = try Frame([
      ("p0", Column(numbers: [0, 0, 0, 0])), ("p1", Column(numbers: [1, 2, 3, 4])),
      ("p2", Column(numbers: [5, 5, 1, 0])), ("p3", Column(numbers: [0, 0, 0, 0])),
    ])
    let target = Target.classes(codes: [0, 1, 0, 1], names: ["no", "yes"])
    let plan = try PreparationPlan.make(frame: frame, target: target, task: .classification, for: images)
    #expect(try prepare(plan, frame, target).schema.names == ["p0", "p1", "p2", "p3"])
    let others = try PreparationPlan.make(frame: frame, target: target, task: .classification, for: trees)
    #expect(!(try prepare(others, frame, target).schema.names.contains("p0")))
  }

  /// Distances: numbers at one scale, marks and categories 1 apart, never at the scale of a rare mark.
  @Test func planForDistancesKeepsMarksAsTheyAre() throws {
    let nearest = Card(
      name: "nearest", summary: "s", tasks: [.classification], capabilities: [.multiclass], source: "s")
    let frame = try frame()
    let target = try mixedTarget(frame)
    let plan = try PreparationPlan.make(frame: frame, target: target, task: .classification, for: nearest)
    #expect(
      plan.steps.map { type(of: $0).card.name } == [
        "drop", "date-parts", "group-rare", "target-encode", "scale", "impute", "one-hot",
      ])
    let prepared = try prepare(plan, frame, target)
    for (field, column) in zip(prepared.schema.fields, prepared.columns) {
      #expect(field.kind == .number || field.kind == .boolean, "\(field.name)")
      if field.kind == .boolean { #expect(Set(column.doubles ?? []).isSubset(of: [0, 1])) }
    }
    #expect(prepared.schema.names.contains { $0.hasPrefix("city=") })
  }

  @Test func timesBetweenComeFromTwoTimestamps() throws {
    let hour: Int64 = 3_600_000_000
    let frame = try Frame([
      ("from", Column(.timestamp((0..<100).map { Int64($0) * hour }))),
      ("to", Column(.timestamp((0..<100).map { Int64($0) * hour + Int64($0 % 7) * hour / 10 }))),
    ])
    let target = Target.values((0..<100).map { Double($0 % 7) })
    let plan = try PreparationPlan.make(frame: frame, target: target, task: .regression, for: trees)
    let prepared = try prepare(plan, frame, target)
    let gaps = try #require(prepared.column("from_to_to_seconds").doubles)
    #expect(gaps == (0..<100).map { Double($0 % 7) * 360 })
  }

  /// Where distances count, parts of the first timestamp and seconds to the others say what all would; without the
  /// seconds every timestamp keeps its parts.
  @Test(arguments: [3, 6]) func distancesLoseNoTimestamp(count: Int) throws {
    let nearest = Card(
      name: "nearest", summary: "s", tasks: [.regression], capabilities: [.weights], source: "s")
    let hour: Int64 = 3_600_000_000
    let frame = try Frame(
      (0..<count).map { index in
        ("t\(index)", Column(.timestamp((0..<100).map { Int64($0) * hour + Int64($0 * index % 7) * hour / 10 })))
      })
    let target = Target.values((0..<100).map { Double($0 % 7) })
    let plan = try PreparationPlan.make(frame: frame, target: target, task: .regression, for: nearest)
    let names = try prepare(plan, frame, target).schema.names
    for index in 1..<count { #expect(names.contains { $0.contains("t\(index)_") }, "t\(index)") }
    #expect(names.contains { $0.hasSuffix("_seconds") } == (count == 3))
    #expect(plan.sentences.contains { $0.contains("seconds between alone") } == (count == 3))
  }

  @Test func treePlanLeavesColumnsAsTheyAre() throws {
    let frame = try frame()
    let target = try mixedTarget(frame)
    let plan = try PreparationPlan.make(frame: frame, target: target, task: .classification, for: trees)
    #expect(
      plan.steps.map { type(of: $0).card.name } == [
        "drop", "date-parts", "text-statistics", "text-features", "text-features",
      ])
    let prepared = try prepare(plan, frame, target)
    #expect(prepared.schema["city"]?.kind == .category)
    #expect(try prepared.column("number") == frame.column("number"))
  }

  @Test func planGoesThroughJSON() throws {
    let frame = try frame()
    let plan = try PreparationPlan.make(frame: frame, target: mixedTarget(frame), task: .classification, for: linear)
    let json = try plan.json()
    let again = try PreparationPlan(json: JSONValue(parsing: json.compact), registry: registry)
    #expect(try again.json() == json)
    #expect(again.steps.count == plan.steps.count)
    #expect(json[8]?.compact == #"{"transform":"impute","indicator":true}"#)
    #expect(try PreparationPlan(json: ["scale"], registry: registry).steps.first as? Scale == Scale())
    #expect { try PreparationPlan(json: ["sacle"], registry: registry) } throws: {
      ($0 as? MLError)?.hint == "Did you mean 'scale'?"
    }
    #expect { try PreparationPlan(json: [["strategy": "mean"]], registry: registry) } throws: {
      ($0 as? MLError)?.field == "prepare"
    }
  }

  private func prepare(_ plan: PreparationPlan, _ frame: Frame, _ target: Target) throws -> Frame {
    func apply<T: Transform>(_ step: T, _ frame: Frame) throws -> Frame {
      try step.fitTransform(frame, target: target, in: FitContext()).1
    }
    return try plan.steps.reduce(frame) { try apply($1, $0) }
  }
}
