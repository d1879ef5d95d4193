import Basics
import Frames
public import Modeling

/// A step of preparation and the table it is checked on, with every kind of column.
public struct TransformSubject: Sendable, CustomStringConvertible {
  /// The step.
  public let type: any Transform.Type
  /// The table.
  public let table: CheckTable

  /// Registered name and table.
  public var description: String { "\(type.card.name) × \(table.name)" }

  /// One subject for each table.
  public static func subjects(of type: any Transform.Type) -> [TransformSubject] {
    CheckTables.all.filter { $0.columns == nil }.map { TransformSubject(type: type, table: $0) }
  }
}

/// What every step of preparation promises; the list is the catalog suite for transforms.
public enum TransformSuite {
  /// All checks, in the order of the style guide.
  public static let checks: [Check<TransformSubject>] = [
    Check("contract: card is complete") { try cardIsComplete($0.type) },
    Check("contract: settings round-trip") { try settingsRoundTrip($0.type) },
    Check("contract: bad settings are refused by name") { try badSettings($0.type) },
    Check("contract: eight threads transform as one does") { try concurrent($0.type, $0.table) },
    Check("schema: output is as announced") { try outputAsAnnounced($0.type, $0.table) },
    Check("schema: other columns pass through") { try passThrough($0.type, $0.table) },
    Check("schema: a lacking column is named") { try lackingColumn($0.type, $0.table) },
    Check("determinism: fitting twice, any workers, any row order") { try refitting($0.type, $0.table) },
    Check("determinism: cancelled before it began or done") { try cancellation($0.type, $0.table) },
    Check("data: each row alone") { try rowsAlone($0.type, $0.table) },
    Check("data: known rows are stable") { try knownRows($0.type, $0.table) },
    Check("data: unseen categories, missing and infinite cells") { try oddRows($0.type, $0.table) },
    Check("data: odd training tables") { try oddTraining($0.type, $0.table) },
    Check("storage: fitted step round-trips") { try storage($0.type, $0.table) },
  ]

  // MARK: Contract and schema

  static func fitted<T: Transform>(_ type: T.Type, _ table: CheckTable, workers: Workers = .serial) throws -> T.Fitted {
    try T().fit(table.train, target: table.trainTarget, in: FitContext(seed: Seed(3), workers: workers))
  }

  static func cardIsComplete<T: Transform>(_ type: T.Type) throws { try CardChecks.isComplete(type, defaults: T()) }

  static func settingsRoundTrip<T: Transform>(_ type: T.Type) throws { try CardChecks.roundTrips(type, defaults: T()) }

  static func badSettings<T: Transform>(_ type: T.Type) throws {
    try CardChecks.refusesBadSettings(type, defaults: T())
  }

  static func concurrent<T: Transform>(_ type: T.Type, _ table: CheckTable) throws {
    let step = try fitted(type, table)
    let expected = try step.transform(table.test)
    let all = try Workers(count: 8).map(8) { _ in try step.transform(table.test) }
    try require(all.allSatisfy { $0 == expected }, type.card.name, "threads disagree")
  }

  static func outputAsAnnounced<T: Transform>(_ type: T.Type, _ table: CheckTable) throws {
    let name = type.card.name
    let step = try fitted(type, table)
    for frame in [table.test, table.train, table.test.gathered([])] {
      let made = try step.transform(frame)
      try require(made.rowCount == frame.rowCount, name, "\(made.rowCount) rows from \(frame.rowCount)")
      for field in step.output.fields {
        guard let own = made.schema[field.name] else {
          throw CheckFailure(name, "announced '\(field.name)' is lacking")
        }
        try require(own.kind == field.kind, name, "'\(field.name)' is \(own.kind), announced as \(field.kind)")
        let hasMissing = try made.column(field.name).missingCount > 0
        try require(
          field.mayBeMissing || !hasMissing, name, "'\(field.name)' has missing cells, announced as having none")
      }
      for field in step.input.fields where step.output[field.name] == nil {
        try require(made.schema[field.name] == nil, name, "'\(field.name)' is read and not announced, yet still there")
      }
    }
  }

  static func passThrough<T: Transform>(_ type: T.Type, _ table: CheckTable) throws {
    let name = type.card.name
    let step = try fitted(type, table)
    let made = try step.transform(table.test)
    let others = table.test.schema.names.filter { step.input[$0] == nil && step.output[$0] == nil }
    try require(made.schema.names.filter(others.contains) == others, name, "order of other columns changes")
    for other in others {
      try require(try made.column(other) == table.test.column(other), name, "'\(other)' is changed")
    }
    let expected = Set(others).union(step.output.names)
    try require(Set(made.schema.names) == expected, name, "columns \(made.schema.names), expected \(expected.sorted())")
  }

  static func lackingColumn<T: Transform>(_ type: T.Type, _ table: CheckTable) throws {
    let name = type.card.name
    let step = try fitted(type, table)
    for column in step.input.names {
      do {
        let made = try step.transform(table.test.removing([column]))
        try require(step.output.names.allSatisfy { made.schema[$0] != nil }, name, "works without '\(column)', wrongly")
      } catch let error as MLError {
        try require(error.code == .schemaMismatch, name, "without '\(column)': got \(error.code.rawValue)")
        try require(error.message.contains(column), name, "'\(column)' is not named: \(error.message)")
      }
    }
  }

  // MARK: Determinism and data

  static func refitting<T: Transform>(_ type: T.Type, _ table: CheckTable) throws {
    let name = type.card.name
    let frame = table.train
    let first = try Configuration.encode(fitted(type, table)).sorted
    try require(try Configuration.encode(fitted(type, table)).sorted == first, name, "fitting twice differs")
    try require(table.train == frame, name, "the input frame has changed")
    for count in [2, 8] {
      let parallel = try Configuration.encode(fitted(type, table, workers: Workers(count: count))).sorted
      try require(parallel == first, name, "\(count) workers learn otherwise than one")
    }
    let order = Array((0..<frame.rowCount).reversed())
    let context = FitContext(seed: Seed(3))
    let (_, straight) = try T().fitTransform(frame, target: table.trainTarget, in: context)
    let (turned, made) = try T().fitTransform(
      frame.gathered(order), target: table.trainTarget.gathered(order), in: context)
    try require(try Configuration.encode(turned).sorted == first, name, "row order matters to the fit")
    try require(made.gathered(order) == straight, name, "row order matters to fitTransform")
  }

  static func cancellation<T: Transform>(_ type: T.Type, _ table: CheckTable) throws {
    let early = Cancellation()
    early.cancel()
    do {
      _ = try T().fit(table.train, target: table.trainTarget, in: FitContext(cancellation: early))
    } catch let error as MLError {
      try require(error.code == .cancelled, type.card.name, "must throw cancelled; got \(error.code.rawValue)")
    }
  }

  static func rowsAlone<T: Transform>(_ type: T.Type, _ table: CheckTable) throws {
    let step = try fitted(type, table)
    let whole = try step.transform(table.test)
    let isAlone = !type.card.capabilities.contains(.usesHistory)
    for row in stride(from: 0, to: table.test.rowCount, by: 9) where isAlone {
      let alone = try step.transform(table.test.gathered([row]))
      try require(
        alone.columns == whole.gathered([row]).columns, type.card.name, "row \(row) alone comes out otherwise")
    }
    let order = Array((0..<table.test.rowCount).reversed())
    let reversed = try step.transform(table.test.gathered(order))
    try require(reversed.gathered(order) == whole, type.card.name, "row order matters to transform")
  }

  static func knownRows<T: Transform>(_ type: T.Type, _ table: CheckTable) throws {
    let name = type.card.name
    let context = FitContext(seed: Seed(3))
    let (step, made) = try T().fitTransform(table.train, target: table.trainTarget, in: context)
    try require(try step.transform(table.train) == step.transform(table.train), name, "transforming twice differs")
    try require(made.schema == (try step.transform(table.train).schema), name, "fitTransform has another schema")
    try require(made.rowCount == table.train.rowCount, name, "fitTransform changes the number of rows")
    try requireFinite(made, name, "training rows")
    try requireFinite(step.transform(table.test), name, "test rows")
  }

  static func oddRows<T: Transform>(_ type: T.Type, _ table: CheckTable) throws {
    let name = type.card.name
    let step = try fitted(type, table)
    for (what, frame) in try OddTables.rows(from: table.test) + missingEverywhere(table.test) {
      guard let made = try allowingRefusal(name, what, { try step.transform(frame) }) else { continue }
      try require(made.rowCount == frame.rowCount, name, "\(what): rows are lost")
      if !what.contains("infinite"), !what.contains("huge") { try requireFinite(made, name, what) }
    }
  }

  private static func missingEverywhere(_ frame: Frame) throws -> [(String, Frame)] {
    let none = Validity(repeating: false, count: frame.rowCount)
    return try frame.schema.fields.map { field in
      var open = field
      open.mayBeMissing = true
      return (
        "no value in '\(field.name)'", try frame.setting(open, Column(frame.column(field.name).storage, validity: none))
      )
    }
  }

  static func oddTraining<T: Transform>(_ type: T.Type, _ table: CheckTable) throws {
    let name = type.card.name
    for odd in try OddTables.training(from: table, [.handlesMissing]) {
      let made = try allowingRefusal(name, odd.name) {
        let context = FitContext(seed: Seed(3))
        return try T().fitTransform(odd.train, target: odd.trainTarget, in: context).0.transform(odd.test)
      }
      guard let made else { continue }
      try require(made.rowCount == odd.test.rowCount, name, "\(odd.name): rows are lost")
      if !odd.name.contains("infin") { try requireFinite(made, name, odd.name) }
    }
  }

  static func storage<T: Transform>(_ type: T.Type, _ table: CheckTable) throws {
    let step = try fitted(type, table)
    let json = try Configuration.encode(step)
    let text = try JSONValue(parsing: json.compact)
    let back = try Configuration.decode(T.Fitted.self, from: text)
    try require(back == step, type.card.name, "a loaded step is not equal")
    try require(try back.transform(table.test) == step.transform(table.test), type.card.name, "transforms otherwise")
    try require(try Configuration.encode(back).sorted == json.sorted, type.card.name, "is written otherwise")
  }

  /// No present number is NaN or infinite.
  private static func requireFinite(_ frame: Frame, _ entry: String, _ what: String) throws {
    for (field, column) in zip(frame.schema.fields, frame.columns) {
      switch column.storage {
      case .number(let values):
        try require(values.allSatisfy(\.isFinite), entry, "\(what): '\(field.name)' has a value that is not finite")
      case .vector(let matrix):
        try require(
          matrix.values.allSatisfy(\.isFinite), entry, "\(what): '\(field.name)' has a value that is not finite")
      default: break
      }
    }
  }
}
