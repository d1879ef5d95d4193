import Basics
import Frames
import Modeling

/// Tables at the edge of what can be learnt from: each must be learnt, or refused with an error that says why.
enum OddTables {
  /// Tables to train on.
  static func training(from table: CheckTable, _ capabilities: Set<Capability>) throws -> [CheckTable] {
    var out = try [
      rows(table, [], "no rows"), rows(table, [3], "one row"), rows(table, [3, 4], "two rows"),
      rows(table, Array(repeating: 5, count: 30), "one row thirty times"), columns(table, [], "no columns"),
      columns(table, [table.train.schema["signal"] == nil ? table.train.schema.names[0] : "signal"], "one column"),
    ]
    guard table.train.schema["signal"] != nil else { return out + targets(table) }
    out += try [
      numbers(table, "constant column") { _ in 7 }, numbers(table, "huge numbers") { $0 * 1e300 },
      numbers(table, "tiny numbers") { $0 * 1e-300 }, numbers(table, "infinite numbers") { $0 > 1 ? .infinity : $0 },
      numbers(table, "negative infinity") { $0 < -1 ? -.infinity : $0 },
    ]
    out.append(try twins(table))
    if capabilities.contains(.handlesMissing) {
      out.append(try numbers(table, "column without a value") { _ in .nan })
      out.append(try numbers(table, "infinite and missing numbers") { $0 > 1 ? .infinity : $0 < 0 ? .nan : $0 })
    }
    return out + targets(table)
  }

  /// Rows to predict that training never showed.
  static func rows(from frame: Frame) throws -> [(String, Frame)] {
    var out: [(String, Frame)] = []
    guard frame.schema["signal"] != nil else { return try strangers(from: frame) }
    for (what, value) in [("infinite", Double.infinity), ("huge", -1e308), ("missing", Double.nan)] {
      let values = Column(numbers: Array(repeating: value, count: frame.rowCount))
      out.append(("\(what) number", try frame.setting(Field("signal", .number), values)))
    }
    let texts = Column(.text(Array(repeating: "x", count: frame.rowCount)))
    out.append(("text for a number", try frame.setting(Field("signal", .text), texts)))
    let whole = Column(.integer(Array(repeating: 3, count: frame.rowCount)))
    out.append(("integers for numbers", try frame.setting(Field("signal", .integer), whole)))
    if frame.schema["color"] != nil {
      let unseen = Column(categories: Array(repeating: "violet", count: frame.rowCount), levels: CheckTables.colors)
      out.append(("unseen category", try frame.setting(Field(of: unseen, name: "color"), unseen)))
    }
    return out
  }

  /// Users, items and moments that training never showed, and missing ones.
  private static func strangers(from frame: Frame) throws -> [(String, Frame)] {
    var out: [(String, Frame)] = []
    for field in frame.schema.fields {
      let missing = frame.rowCount
      let changes: [(String, Column)] =
        switch field.kind {
        case .timestamp:
          [
            ("moments long past", Column(.timestamp(Array(repeating: 0, count: missing)))),
            ("moments far ahead", Column(.timestamp(Array(repeating: 1_900_000_000_000_000, count: missing)))),
            ("one moment", Column(.timestamp(Array(repeating: 1_702_000_000_000_000, count: missing)))),
          ]
        default:
          [
            ("unseen \(field.name)", Column(categories: Array(repeating: "stranger", count: missing), levels: [])),
            ("missing \(field.name)", Column(categories: Array(repeating: nil, count: missing), levels: ["u1"])),
          ]
        }
      for (what, column) in changes {
        out.append((what, try frame.setting(Field(of: column, name: field.name), column)))
      }
    }
    return out
  }

  private static func rows(_ table: CheckTable, _ rows: [Int], _ name: String) -> CheckTable {
    table.with(name: name, train: table.train.gathered(rows), trainTarget: table.trainTarget.gathered(rows))
  }

  private static func columns(_ table: CheckTable, _ names: [String], _ name: String) throws -> CheckTable {
    table.with(name: name, train: try table.train.selecting(names), test: try table.test.selecting(names))
  }

  private static func numbers(
    _ table: CheckTable, _ name: String, _ change: (Double) -> Double
  ) throws -> CheckTable {
    let changed = try table.mapFrames { frame in
      let values = (try frame.column("signal").doubles ?? []).map(change)
      let column = Column(numbers: values)
      return try frame.setting(Field(of: column, name: "signal"), column)
    }
    return changed.with(name: name)
  }

  /// Every number column twice: sums of squares without an inverse.
  private static func twins(_ table: CheckTable) throws -> CheckTable {
    let doubled = try table.mapFrames { frame in
      try frame.schema.names.filter { (table.columns ?? CheckTables.plainColumns).contains($0) }.reduce(frame) {
        let column = try $0.column($1)
        return try $0.setting(Field(of: column, name: $1 + "-again"), column)
      }
    }
    return doubled.with(name: "columns twice")
  }

  private static func targets(_ table: CheckTable) -> [CheckTable] {
    func with(_ name: String, _ train: Target) -> CheckTable {
      table.with(name: name, trainTarget: train)
    }
    switch table.trainTarget {
    case .classes(_, let names) where names.isEmpty: return []
    case .classes(let codes, let names):
      return [
        with("one class", .classes(codes: codes.map { _ in 0 }, names: Array(names.prefix(1)))),
        with("one class present", .classes(codes: codes.map { _ in 1 }, names: names)),
        with("a class of one row", .classes(codes: codes.indices.map { $0 == 9 ? 1 : 0 }, names: names)),
      ]
    case .values(let values):
      return [
        with("constant target", .values(values.map { _ in 5 })),
        with("huge target", .values(values.map { $0 * 1e150 })),
        with("tiny target", .values(values.map { $0 * 1e-150 })),
      ]
    }
  }
}
