package import Basics

/// How rows are told apart into those to learn from and those to judge by: `split` in `apus.yaml`, `--split` of
/// `apus train`. The sealed test rows and the folds of the search follow the same plan.
package struct SplitPlan: Sendable, Hashable {
  /// Ways to tell rows apart.
  package enum Method: String, Sendable, Hashable, CaseIterable {
    /// Proposed from the data, with the reason said.
    case auto
    /// By the hash of each row, whatever its class.
    case random
    /// Exact shares of every class, or of every fifth of a number target.
    case stratified
    /// Whole groups: no value of a column has rows on both sides.
    case group
    /// The latest rows judge; what is trained on lies before what is judged.
    case time
  }

  /// How rows are told apart.
  package var method = Method.auto
  /// Column of groups or of time, by name or `#n`; `nil` for the other methods.
  package var column: String?
  /// Distance before the judged rows that is left out of training, because targets there look into them.
  package var purge: SplitGap?
  /// Further distance kept free.
  package var embargo: SplitGap?
  /// Whether folds within folds estimate what the sealed rows are too few to tell; `nil`: for few rows.
  package var nested: Bool?
  /// Whether `auto` looks at the data: false when a model is trained again, so that sealed rows stay sealed.
  package var isProposed = true

  /// A split proposed from the data.
  package init() {}

  /// A split by `method` along `column`.
  package init(_ method: Method, _ column: String? = nil) {
    self.method = method
    self.column = column
  }

  /// Parses `auto`, `random`, `stratified`, `group:COLUMN` or `time:COLUMN`.
  ///
  /// - Parameter field: where the text stands, for messages.
  /// - Throws: `.invalidParameter` with what is accepted.
  package init(parsing text: String, field: String = "split") throws {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let column = parts.count > 1 ? parts[1] : nil
    guard let method = Method(rawValue: parts[0]) else {
      throw MLError.unknown(
        "split", parts[0], among: Method.allCases.map(\.rawValue), in: field, code: .invalidParameter)
    }
    self.init(method, column)
    try check(field)
  }

  /// Refuses a method without its column, a column without its method, and distances that mean nothing.
  ///
  /// - Throws: `.invalidParameter`.
  package func check(_ field: String) throws {
    let needsColumn = method == .group || method == .time
    if needsColumn, column?.isEmpty ?? true {
      throw MLError(
        .invalidParameter, "\(field): a split by \(method.rawValue) must name its column.",
        hint: "Write \(method.rawValue):COLUMN, or '\(method.rawValue): COLUMN' in apus.yaml.", field: field)
    }
    if !needsColumn, column != nil {
      throw MLError(
        .invalidParameter, "\(field): a split by \(method.rawValue) has no column.",
        hint: "Use group:COLUMN or time:COLUMN.", field: field)
    }
    guard purge != nil || embargo != nil else { return }
    guard method == .time else {
      throw MLError(
        .invalidParameter, "\(field): purge and embargo are distances in time; the split is by \(method.rawValue).",
        hint: "Use time:COLUMN, or leave them out.", field: field)
    }
    if let purge, let embargo, purge.isRows != embargo.isRows {
      throw MLError(
        .invalidParameter,
        "\(field): purge and embargo must both be rows or both be times; got \(purge) and \(embargo).",
        hint: "Write both in the same unit.", field: field)
    }
  }

  /// `{"by", "column", "purge", "embargo", "nested"}`, for the record.
  package var json: JSONValue {
    var out: JSONValue = [
      "by": .string(method.rawValue), "column": column.map { .string($0) } ?? .null,
      "purge": purge.map { .string("\($0)") } ?? .null, "embargo": embargo.map { .string("\($0)") } ?? .null,
      "nested": nested.map { .boolean($0) } ?? .null,
    ]
    if !isProposed { out["proposed"] = false }
    return out
  }

  /// Reads what `json` wrote; anything else is `auto`.
  package init(json: JSONValue?) {
    method = (json?["by"]?.stringValue).flatMap(Method.init(rawValue:)) ?? .auto
    column = json?["column"]?.stringValue
    purge = (json?["purge"]?.stringValue).flatMap { try? SplitGap(parsing: $0, field: "purge") }
    embargo = (json?["embargo"]?.stringValue).flatMap { try? SplitGap(parsing: $0, field: "embargo") }
    nested = json?["nested"]?.boolValue
    isProposed = json?["proposed"]?.boolValue ?? true
  }
}

/// A distance in time: so many rows, or so long.
package enum SplitGap: Sendable, Hashable, CustomStringConvertible {
  /// So many rows in order of time.
  case rows(Int)
  /// So many seconds.
  case seconds(Int)

  /// Parses `50`, `50 rows`, `90s`, `30m`, `12h`, `7d` or `2w`.
  ///
  /// - Throws: `.invalidParameter` with what is accepted.
  package init(parsing text: String, field: String) throws {
    let compact = text.lowercased().filter { !$0.isWhitespace }
    let digits = compact.prefix { $0.isASCII && $0.isNumber }
    let unit = String(compact.dropFirst(digits.count))
    let seconds = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
    if let count = Int(digits), count <= 1_000_000_000 {
      if ["", "row", "rows"].contains(unit) {
        self = .rows(count)
        return
      }
      if let scale = seconds[unit] {
        self = .seconds(count * scale)
        return
      }
    }
    throw MLError(
      .invalidParameter, "\(field): must be rows or a time; got '\(text)'.",
      hint: "Write '50 rows', or a time such as 12h or 7d.", field: field)
  }

  /// Whether it counts rows.
  package var isRows: Bool { if case .rows = self { true } else { false } }

  /// The distance itself, in rows or seconds.
  package var amount: Double {
    switch self {
    case .rows(let count): Double(count)
    case .seconds(let count): Double(count)
    }
  }

  /// As it is written in `apus.yaml`.
  package var description: String {
    switch self {
    case .rows(let count): return "\(count) rows"
    case .seconds(let count):
      for (unit, scale) in [("d", 86_400), ("h", 3600), ("m", 60)] where count > 0 && count % scale == 0 {
        return "\(count / scale)\(unit)"
      }
      return "\(count)s"
    }
  }
}
