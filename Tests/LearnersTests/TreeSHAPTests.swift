import Basics
import Frames
import Kernels
import Learners
import Modeling
import Testing

/// Shapley values against `shap`; see `Fixtures/Golden/shap`.
@Suite struct TreeSHAPTests {
  private static func cases() throws -> [JSONValue] {
    let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let json = try JSONValue(parsing: FileSystem.read("/\(folder)/Fixtures/Golden/shap/cases.json"))
    return try #require(json["cases"]?.arrayValue)
  }

  private static func numbers(_ json: JSONValue?) -> [Double] { json?.arrayValue?.compactMap(\.doubleValue) ?? [] }
  private static func integers(_ json: JSONValue?) -> [Int32] {
    json?.arrayValue?.compactMap { $0.integerValue.map(Int32.init) } ?? []
  }

  private static func frame(_ json: JSONValue?, levels: Int) throws -> Frame {
    let rows = json?.arrayValue?.map { $0.arrayValue?.map { $0.doubleValue ?? .nan } ?? [] } ?? []
    return try Frame(
      (0..<6).map { column in
        let values = rows.map { $0[column] }
        guard levels > 0, column == 5 else { return ("f\(column)", Column(numbers: values)) }
        let names = (0..<levels).map { String($0) }
        return ("f5", Column(categories: values.map { Optional(names[Int($0)]) }, levels: names))
      })
  }

  /// The archive of a model with the trees of `json`.
  private static func archive(_ json: JSONValue, withCover: Bool = true) throws -> ArchiveReader {
    let trees = try #require(json["trees"])
    let kind = try #require(json["kind"]?.stringValue)
    let levels = Int32(json["levels"]?.integerValue ?? 0)
    var writer = ArchiveWriter()
    writer.set("schema", try Configuration.encode(frame(json["rows"], levels: Int(levels)).schema))
    let classes = kind == "forest-3" ? ["a", "b", "c"] : kind == "logistic" ? ["no", "yes"] : []
    writer.set("classes", .array(classes.map { .string($0) }))
    writer.set("objective", .string(kind))
    writer.set("out_of_bag_score", .null)
    writer.add("importance", doubles: [])
    writer.add("baseline", doubles: [0])
    writer.add("feature/field", int32s: (0..<6).map { $0 })
    writer.add("feature/element", int32s: [Int32](repeating: -1, count: 6))
    writer.add("feature/code_count", int32s: [0, 0, 0, 0, 0, levels > 0 ? levels + 2 : 0])
    writer.add("feature/level_count", int32s: [0, 0, 0, 0, 0, levels])
    writer.add("feature/level_codes", int32s: (0..<levels).map { $0 + 2 })
    writer.add("node/feature", int32s: integers(trees["feature"]))
    writer.add("node/threshold", doubles: numbers(trees["threshold"]))
    writer.add("node/missing_left", bytes: integers(trees["missing_left"]).map { UInt8($0) })
    writer.add("node/categories", int32s: integers(trees["categories"]))
    writer.add("node/left", int32s: integers(trees["left"]))
    writer.add("node/right", int32s: integers(trees["right"]))
    writer.add("roots", int32s: integers(trees["roots"]))
    writer.add("leaves", doubles: numbers(trees["leaves"]))
    writer.add("category_words", int32s: integers(trees["words"]))
    if withCover { writer.add("leaf_cover", doubles: numbers(trees["cover"])) }
    return try ArchiveReader(bytes: writer.encoded(), origin: "case")
  }

  private static func model(_ json: JSONValue) throws -> any ExplainableModel {
    let isForest = json["kind"]?.stringValue?.hasPrefix("forest") == true
    return isForest ? try ForestModel(from: archive(json)) : try TreeEnsemble(from: archive(json))
  }

  private static func gap(_ a: [Double], _ b: [Double]) -> Double {
    a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
  }

  @Test func pathDependentValuesAreThoseOfShap() throws {
    for json in try Self.cases() {
      let levels = Int(json["levels"]?.integerValue ?? 0)
      let name = json["name"]?.stringValue ?? ""
      let found = try Self.model(json).contributions(Self.frame(json["rows"], levels: levels), background: nil)
      #expect(Self.gap(found.values, Self.numbers(json["path_values"])) < 1e-9, "\(name)")
      #expect(Self.gap(found.baseline, Self.numbers(json["path_baseline"])) < 1e-9, "\(name)")
    }
  }

  @Test func interventionalValuesAreThoseOfAllSubsets() throws {
    var seen = 0
    for json in try Self.cases() where json["background_values"] != nil {
      let background = try Self.frame(json["background"], levels: 0)
      let found = try Self.model(json).contributions(Self.frame(json["rows"], levels: 0), background: background)
      let name = json["name"]?.stringValue ?? ""
      #expect(Self.gap(found.values, Self.numbers(json["background_values"])) < 1e-9, "\(name)")
      #expect(Self.gap(found.baseline, Self.numbers(json["background_baseline"])) < 1e-9, "\(name)")
      seen += 1
    }
    #expect(seen >= 3)
  }

  @Test func archivesWithoutCoversStillLoad() throws {
    let json = try #require(Self.cases().first)
    let model = try TreeEnsemble(from: Self.archive(json, withCover: false))
    let frame = try Self.frame(json["rows"], levels: 0)
    #expect(try model.predict(frame) == Self.model(json).predict(frame))
    let error = #expect(throws: MLError.self) { try model.contributions(frame, background: nil) }
    #expect(error?.code == .unavailable && error?.hint?.contains("background") == true)
    #expect(try model.contributions(frame, background: frame).values.count == 12 * 6)
  }

  /// What contributions add up to.
  private func scores(_ model: any ExplainableModel, _ frame: Frame) throws -> [Double] {
    if let ensemble = model as? TreeEnsemble { return try ensemble.scores(frame) }
    switch try model.predict(frame).storage {
    case .values(let values): return values
    case .probabilities(let values, _): return values
    }
  }

  private func checkAdditivity(_ model: any ExplainableModel, _ frame: Frame, _ background: Frame?) throws {
    let found = try model.contributions(frame, background: background)
    let expected = try scores(model, frame)
    #expect(found.features.map(\.field) == model.schema.names)
    for row in 0..<frame.rowCount {
      for output in found.outputs.indices {
        let score = expected[row * found.outputs.count + output]
        #expect(abs(found.score(row: row, output: output) - score) < 1e-9 * max(1, abs(score)))
      }
    }
  }

  @Test func contributionsAddUpForEveryTreeModel() throws {
    let tables = [try TreeTables.values(500), try TreeTables.classes(500), try TreeTables.three(500)]
    var forest = RandomForest()
    forest.treeCount = 5
    var extra = ExtraTrees()
    extra.treeCount = 5
    for data in tables {
      let frame = data.frame.gathered(Array(0..<40))
      let background = data.frame.gathered(Array(100..<117))
      let models: [any ExplainableModel] = [
        try TreeTables.short().fit(data, in: FitContext()), try forest.fit(data, in: FitContext()),
        try extra.fit(data, in: FitContext()), try DecisionTree().fit(data, in: FitContext()),
      ]
      for model in models {
        try checkAdditivity(model, frame, nil)
        try checkAdditivity(model, frame, background)
      }
    }
  }

  @Test func threadsAndInstructionSetsAgree() throws {
    let data = try TreeTables.three(900)
    let model = try TreeTables.short().fit(data, in: FitContext())
    let expected = try model.contributions(data.frame, background: nil)
    #expect(try model.contributions(data.frame, background: nil, workers: Workers(count: 3)) == expected)
    let before = InstructionSet.current
    defer { InstructionSet.use(before) }
    for set in InstructionSet.available {
      InstructionSet.use(set)
      #expect(try model.contributions(data.frame, background: nil) == expected, "\(set)")
    }
  }

  /// Two features of which one counts: the other has nothing to explain.
  @Test func unusedColumnsHaveNoShare() throws {
    let n = 400
    let frame = try Frame([
      ("x", Column(numbers: (0..<n).map { Double($0 % 20) })),
      ("constant", Column(numbers: Array(repeating: 1, count: n))),
    ])
    let data = try TrainingData(frame: frame, target: .values((0..<n).map { Double($0 % 20) }))
    let found = try DecisionTree().fit(data, in: FitContext()).contributions(frame, background: nil)
    #expect(abs(found.baseline[0] - 9.5) < 1e-9)
    for row in 0..<20 {
      #expect(found.shares(row: row, output: 0).last == 0)
    }
  }
}
