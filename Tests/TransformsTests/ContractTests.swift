import Basics
import Frames
import Modeling
import Testing
import Transforms

@Suite struct ContractTests {
  static func steps() -> [any Transform] {
    TransformCatalog.all.map { type in type.init() } + [
      Impute(strategy: .mostFrequent, indicator: true), Scale(method: .quantile), Scale(method: .robust),
      GroupRare(minimumCount: 45), TargetEncode(folds: 3), Drop(columns: ["city"]),
      TextFeatures { $0.hashBits = 6 },
      TextFeatures {
        $0.characters = 3; $0.weighting = .presence
      },
      TextFeatures {
        $0.columns = ["text", "city"]; $0.splitNumbers = true
      },
    ]
  }

  @Test(arguments: ContractTests.steps().indices) func keepsTheContract(_ index: Int) throws {
    func check<T: Transform>(_ step: T) throws {
      let frame = try mixedFrame()
      let target = try mixedTarget(frame)
      let serial = FitContext(seed: Seed(3))
      let fitted = try step.fit(frame, target: target, in: serial)
      let made = try fitted.transform(frame)
      // Schema as announced.
      for field in fitted.output.fields { #expect(made.schema[field.name] == field) }
      for name in fitted.input.names where fitted.output[name] == nil { #expect(made.schema[name] == nil) }
      #expect(made.rowCount == frame.rowCount)
      // Rows alone, but for steps that look back.
      let some = [5, 3, 3, 199]
      #expect(try fitted.transform(frame.gathered(some)).columns.map(\.count) == made.columns.map { _ in 4 })
      if !T.card.capabilities.contains(.usesHistory) {
        #expect(try texts(fitted.transform(frame.gathered(some))) == texts(made.gathered(some)))
      }
      #expect(try fitted.transform(frame.gathered([])).rowCount == 0)
      // Column order and spare columns do not matter.
      let turned = try frame.selecting(frame.schema.names.reversed()).setting(
        Field("spare", .number), Column(.number([Double](repeating: 1, count: frame.rowCount))))
      let other = try fitted.transform(turned)
      for name in fitted.output.names { #expect(try other.column(name) == made.column(name)) }
      #expect(other.schema["spare"] != nil)
      // Any number of workers, and storage.
      let many = FitContext(seed: Seed(3), workers: Workers(count: 3))
      let parallel = try step.fitTransform(frame, target: target, in: many)
      let alone = try step.fitTransform(frame, target: target, in: serial)
      #expect(parallel.0 == fitted && alone.0 == fitted)
      #expect(parallel.1 == alone.1)
      let json = try Configuration.encode(fitted)
      let again = try Configuration.decode(T.Fitted.self, from: JSONValue(parsing: json.compact))
      #expect(again == fitted)
      #expect(try again.transform(frame) == made)
      let settings = try Configuration.decode(T.self, defaults: T(), settings: Configuration.encode(step))
      #expect(settings == step)
      // Row order changes nothing.
      let order = Array((0..<200).reversed())
      let shuffled = try step.fit(frame.gathered(order), target: target.gathered(order), in: serial)
      #expect(shuffled == fitted)
      // A lacking column is named.
      if let needed = fitted.input.names.first, T.Fitted.self != FittedDrop.self {
        #expect { try fitted.transform(frame.removing([needed])) } throws: { ($0 as? MLError)?.field == needed }
      }
    }
    try check(Self.steps()[index])
  }

  private func texts(_ frame: Frame) -> [[String]] {
    frame.columns.map { column in
      if column.kind == .vector { return rows(column).map { "\($0.sorted { $0.key < $1.key })" } }
      return (0..<column.count).map { column.text(at: $0) ?? "-" }
    }
  }

  @Test(arguments: TransformCatalog.all.indices) func cardsAreComplete(_ index: Int) throws {
    let type = TransformCatalog.all[index]
    #expect(!type.card.summary.isEmpty && !type.card.source.isEmpty)
    let keys = try Configuration.encode(type.init()).objectValue?.map(\.0) ?? []
    #expect(Set(keys) == Set(type.card.hyperparameters.map(\.name)))
    _ = try registry.transform(type.card.name, settings: Configuration.encode(type.init()))
    #expect { try registry.transform(type.card.name, settings: .object([("colums", [])])) } throws: {
      ($0 as? MLError)?.code == .invalidParameter
    }
  }

  @Test(arguments: TransformCatalog.all.indices) func emptyAndMissingAreHandled(_ index: Int) throws {
    func check<T: Transform>(_ type: T.Type) throws {
      let empty = try mixedFrame().gathered([])
      let none = Target.values([])
      _ = try T().fitTransform(empty, target: none, in: FitContext())
      let holes = try Frame([
        ("a", Column(.number([0, 0, 0]), validity: Validity(repeating: false, count: 3))),
        ("b", Column(categories: [nil, nil, nil])), ("c", Column(.number([.infinity, 1, -.infinity]))),
        ("d", Column(.text(["", "", ""]), validity: Validity(repeating: false, count: 3))),
        ("e", Column(.timestamp([0, 0, 0]), validity: Validity(repeating: false, count: 3))),
      ])
      let (fitted, made) = try T().fitTransform(holes, target: .values([1, 2, 3]), in: FitContext())
      let keepsInputs = T.card.capabilities.contains(.usesHistory)
      for field in fitted.output.fields
      where field.kind == .number && !(keepsInputs && fitted.input[field.name] != nil) {
        let values = try made.column(field.name).doubles ?? []
        #expect(values.allSatisfy { !$0.isInfinite })
      }
    }
    try check(TransformCatalog.all[index])
  }

  @Test func unknownColumnIsNamed() throws {
    #expect { try Scale(columns: ["nmber"]).fit(mixedFrame(), target: nil, in: FitContext()) } throws: {
      ($0 as? MLError)?.hint == "Did you mean 'number'?"
    }
    #expect { try Scale(columns: ["city"]).fit(mixedFrame(), target: nil, in: FitContext()) } throws: {
      ($0 as? MLError)?.field == "city"
    }
  }
}
