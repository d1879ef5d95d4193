import Basics
import Modeling

extension ProjectReader {
  /// Keys of `split`.
  static let splitKeys = ["test", "by", "group", "time", "purge", "embargo", "nested"]

  /// `split: {test, by, group, time, purge, embargo, nested}`, or in short as on the command line: `group:COLUMN`.
  mutating func split(_ value: JSONValue) throws {
    if let text = value.stringValue {
      file.split = try SplitPlan(parsing: text, field: place("split"))
      return
    }
    var method: SplitPlan.Method?
    var columns: [SplitPlan.Method: String] = [:]
    for (key, value) in try object(value, "split") {
      let path = "split.\(key)"
      switch key {
      case "test":
        guard let share = value.doubleValue, share > 0, share < 0.9 else {
          throw expected("a share between 0 and 0.9", path)
        }
        file.testFraction = share
      case "by":
        let name = try text(value, path)
        let known = SplitPlan.Method.allCases.map(\.rawValue)
        guard let found = SplitPlan.Method(rawValue: name) else { throw unknown(name, known, path: path) }
        method = found
      case "group": columns[.group] = try scalarText(value, path)
      case "time": columns[.time] = try scalarText(value, path)
      case "purge": file.split.purge = try SplitGap(parsing: scalarText(value, path), field: place(path))
      case "embargo": file.split.embargo = try SplitGap(parsing: scalarText(value, path), field: place(path))
      case "nested": file.split.nested = try truth(value, path)
      default: throw unknown(key, Self.splitKeys, path: path)
      }
    }
    try finish(method, columns)
  }

  /// Brings method and column together; a column by itself says the method.
  private mutating func finish(_ method: SplitPlan.Method?, _ columns: [SplitPlan.Method: String]) throws {
    guard columns.count < 2 else {
      throw MLError(
        .invalidParameter, "\(place("split")): rows are split by a group or by time, not by both.",
        hint: "Keep one of 'group' and 'time'.", field: "split")
    }
    file.split.method = method ?? columns.first?.key ?? .auto
    if let (kind, column) = columns.first {
      guard kind == file.split.method else {
        throw MLError(
          .invalidParameter,
          "\(place("split")): names a column of '\(kind.rawValue)' but splits by \(file.split.method.rawValue).",
          hint: "Write 'by: \(kind.rawValue)', or remove '\(kind.rawValue)'.", field: "split")
      }
      file.split.column = column
    }
    try file.split.check(place("split"))
  }

  /// `train.class_weight`: `none` or `balanced`.
  mutating func classWeight(_ value: JSONValue, _ path: String) throws {
    let name = try text(value, path)
    guard let weight = ClassWeight(rawValue: name) else {
      throw unknown(name, ClassWeight.allCases.map(\.rawValue), path: path)
    }
    file.training.classWeight = weight
  }

  private func place(_ path: String) -> String {
    "\(document.origin), \(document.lines[path].map { "line \($0)" } ?? "'\(path)'")"
  }
}
