package import Basics

/// What a model must keep to besides its goal: how long a row may take, how large it may be, which way it may bend.
package struct TrainingConstraints: Sendable, Hashable {
  /// Microseconds that scoring a single row may take, as the median over rows.
  package var rowMicroseconds: Double?
  /// Bytes the archive may have.
  package var sizeBytes: Int?
  /// Columns the prediction must follow in one direction, in the order written.
  package var monotone: [Direction] = []

  /// A column and the way the prediction goes with it.
  package struct Direction: Sendable, Hashable {
    /// Column.
    package var column: String
    /// Whether the prediction may only rise with it; else it may only fall.
    package var isIncreasing: Bool
    /// Pairs the two.
    package init(column: String, isIncreasing: Bool) {
      self.column = column
      self.isIncreasing = isIncreasing
    }
    /// `increasing` or `decreasing`.
    package var word: String { isIncreasing ? "increasing" : "decreasing" }
  }

  /// None.
  package init() {}

  /// Whether nothing is asked.
  package var isEmpty: Bool { self == TrainingConstraints() }

  /// `{"latency_microseconds", "size_bytes", "monotone": {column: "increasing"}}`, what is not asked left out.
  package var json: JSONValue {
    var json: JSONValue = .object([])
    if let rowMicroseconds { json["latency_microseconds"] = .number(rowMicroseconds) }
    if let sizeBytes { json["size_bytes"] = .integer(Int64(sizeBytes)) }
    if !monotone.isEmpty { json["monotone"] = .object(monotone.map { ($0.column, .string($0.word)) }) }
    return json
  }

  /// Reads what `json` wrote.
  package init(json: JSONValue?) {
    rowMicroseconds = json?["latency_microseconds"]?.doubleValue
    sizeBytes = json?["size_bytes"]?.integerValue.map { Int($0) }
    monotone = (json?["monotone"]?.objectValue ?? []).map {
      Direction(column: $0.0, isIncreasing: $0.1.stringValue == "increasing")
    }
  }
}

// MARK: Reading what people write

extension TrainingConstraints {
  /// Microseconds of `50us`, `50µs`, `0.2 ms` or `1s`.
  ///
  /// - Throws: `.invalidParameter` with what is accepted.
  package static func microseconds(_ text: String) throws -> Double {
    let units = ["ns": 1e-3, "us": 1.0, "µs": 1.0, "μs": 1.0, "ms": 1e3, "s": 1e6]
    guard let (number, unit) = parts(text), let factor = units[unit] else {
      throw MLError(
        .invalidParameter, "latency: must be a time above 0 with its unit; got '\(text)'.",
        hint: "Write 50us, 0.2ms or 1s.", field: "latency")
    }
    return number * factor
  }

  /// Bytes of `5MB`, `300 kB`, `2MiB` or `1000000`.
  ///
  /// - Throws: `.invalidParameter` with what is accepted.
  package static func bytes(_ text: String) throws -> Int {
    let units = [
      "": 1.0, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "kib": 1024, "mib": 1_048_576, "gib": 1_073_741_824,
    ]
    guard let (number, unit) = parts(text), let factor = units[unit], number * factor >= 1, number * factor < 1e15
    else {
      throw MLError(
        .invalidParameter, "size: must be a number of bytes above 0; got '\(text)'.", hint: "Write 5MB or 300kB.",
        field: "size")
    }
    return Int(number * factor)
  }

  private static func parts(_ text: String) -> (Double, String)? {
    let compact = text.lowercased().filter { !$0.isWhitespace }
    let digits = compact.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let number = Double(String(digits)), number > 0, number.isFinite else { return nil }
    return (number, String(compact.dropFirst(digits.count)))
  }

  /// Whether `word` means rising: `+`, `increasing`, `up`; falling: `-`, `decreasing`, `down`.
  ///
  /// - Throws: `.invalidParameter` for anything else.
  package static func isIncreasing(_ word: String, column: String) throws -> Bool {
    switch word.lowercased() {
    case "+", "increasing", "up": return true
    case "-", "−", "decreasing", "down": return false
    default:
      throw MLError(
        .invalidParameter, "monotone: '\(column)' must be + or -, increasing or decreasing; got '\(word)'.",
        hint: "Write income:+,age:- on the command line.", field: "monotone")
    }
  }

  /// Columns of `income:+,age:-`; a name may hold a colon, the last one counts.
  ///
  /// - Throws: `.invalidParameter` naming the part that does not fit.
  package static func directions(_ text: String) throws -> [Direction] {
    try text.split(separator: ",").map { part in
      let entry = part.trimmingPrefix { $0.isWhitespace }
      guard let colon = entry.lastIndex(of: ":"), colon != entry.startIndex else {
        throw MLError(
          .invalidParameter, "monotone: must be columns with a direction; got '\(entry)'.",
          hint: "Write income:+,age:-.", field: "monotone")
      }
      let column = String(entry[..<colon])
      let word = entry[entry.index(after: colon)...].filter { !$0.isWhitespace }
      return Direction(column: column, isIncreasing: try isIncreasing(String(word), column: column))
    }
  }

  /// Adds a direction.
  ///
  /// - Throws: `.invalidParameter` when the column already has the other one.
  package mutating func add(_ direction: Direction) throws {
    if let known = monotone.first(where: { $0.column == direction.column }) {
      guard known == direction else {
        throw MLError(
          .invalidParameter, "monotone: column '\(direction.column)' must not be both increasing and decreasing.",
          hint: "Name it once.", field: "monotone")
      }
      return
    }
    monotone.append(direction)
  }

  // MARK: For people

  /// `50 µs`, `1.2 ms`.
  static func text(microseconds: Double) -> String {
    let (value, unit) =
      microseconds < 1000
      ? (microseconds, "µs") : microseconds < 1e6 ? (microseconds / 1e3, "ms") : (microseconds / 1e6, "s")
    return "\(short(value)) \(unit)"
  }

  /// `5 MB`, `310 kB`.
  static func text(bytes: Int) -> String {
    let value = Double(bytes)
    if value < 1e3 { return "\(bytes) bytes" }
    return value < 1e6
      ? "\(short(value / 1e3)) kB" : value < 1e9 ? "\(short(value / 1e6)) MB" : "\(short(value / 1e9)) GB"
  }

  private static func short(_ value: Double) -> String {
    NumberText.shortest(value < 10 ? (value * 100).rounded() / 100 : (value * 10).rounded() / 10)
  }
}
