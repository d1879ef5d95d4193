import Basics
import Frames

/// Which columns a step works on.
enum ColumnChoice {
  /// The fields called `named`, in that order, or every field of one of `kinds` when `named` is empty.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column, `.invalidParameter` naming one of another kind or twice.
  static func fields(_ named: [String], in schema: Schema, kinds: Set<ColumnKind>, step: String) throws -> [Field] {
    if named.isEmpty { return schema.fields.filter { kinds.contains($0.kind) } }
    guard Set(named).count == named.count else {
      throw MLError(.invalidParameter, "\(step): 'columns' must name each column once.", field: "columns")
    }
    return try named.map { name in
      guard let field = schema[name] else {
        throw MLError.unknown("column", name, among: schema.names, in: step, code: .schemaMismatch)
      }
      guard kinds.contains(field.kind) else {
        let accepted = ColumnKind.allCases.filter(kinds.contains).map(\.rawValue).joined(separator: ", ")
        throw MLError(
          .invalidParameter, "\(step): column '\(name)' must be one of \(accepted); got \(field.kind.rawValue).",
          hint: "Leave '\(name)' out of 'columns'.", field: name)
      }
      return field
    }
  }

  /// `wanted`, with a number behind it when the schema or `taken` has a column of that name.
  static func freeName(_ wanted: String, in schema: Schema, taken: inout Set<String>) -> String {
    var name = wanted
    var count = 2
    while schema.index(of: name) != nil || taken.contains(name) {
      name = "\(wanted)_\(count)"
      count += 1
    }
    taken.insert(name)
    return name
  }
}

extension Frame {
  /// Column `name` as numbers, missing as NaN.
  ///
  /// - Throws: `.schemaMismatch` when it is lacking or has no numbers.
  func numbers(_ name: String, step: String) throws -> [Double] { try column(name).numbers(name, step: step) }
}

extension Column {
  /// The cells as numbers, missing as NaN.
  ///
  /// - Throws: `.schemaMismatch` when it has none.
  func numbers(_ name: String, step: String) throws -> [Double] {
    guard let values = doubles else {
      throw MLError(
        .schemaMismatch, "\(step): column '\(name)' must hold numbers; got \(kind.rawValue).", field: name)
    }
    return values
  }
}
