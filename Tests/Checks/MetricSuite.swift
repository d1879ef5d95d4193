import Basics
public import Modeling

/// A metric and the table it is checked on.
public struct MetricSubject: Sendable, CustomStringConvertible {
  /// The metric.
  public let type: any Metric.Type
  /// The table; only its targets matter.
  public let table: CheckTable

  /// Registered name and table.
  public var description: String { "\(type.card.name) × \(table.name)" }

  /// One subject for each table of a task that the card names.
  public static func subjects(of type: any Metric.Type) -> [MetricSubject] {
    CheckTables.tables(for: type.card.tasks)
      .filter { $0.trainTarget.classNames.count <= 2 || type.card.capabilities.contains(.multiclass) }
      .map { MetricSubject(type: type, table: $0) }
  }
}

/// What every metric promises; the list is the catalog suite for metrics.
public enum MetricSuite {
  /// All checks.
  public static let checks: [Check<MetricSubject>] = [
    Check("contract: card is complete") { try cardIsComplete($0.type) },
    Check("contract: other tasks are refused") { try otherTasks($0.type, $0.table) },
    Check("contract: other counts are refused") { try otherCounts($0.type, $0.table) },
    Check("data: row order does not matter") { try rowOrder($0.type, $0.table) },
    Check("data: weights = repetition") { try weights($0.type, $0.table) },
    Check("data: no rows, one row, one class: undefined or finite") { try fewRows($0.type, $0.table) },
    Check("learning: truth scores better than noise") { try truthIsBetter($0.type, $0.table) },
  ]

  static func cardIsComplete<M: Metric>(_ type: M.Type) throws {
    let card = type.card
    let isName = card.name.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "_") }
    try require(isName && !card.name.isEmpty, card.name, "name must be snake_case: it is a key of reports")
    try require(card.summary.count > 10 && card.summary.hasSuffix("."), card.name, "summary must be a sentence")
    try require(!card.source.isEmpty && !card.tasks.isEmpty, card.name, "source or tasks are lacking")
  }

  /// Predictions that know the truth to `skill` (1 = all of it, 0 = nothing), the rest by chance.
  static func predictions(for target: Target, skill: Double) -> Predictions {
    var random = Seed(17).generator
    switch target {
    case .classes(let codes, let names):
      var out: [Double] = []
      for code in codes {
        var raw = names.indices.map { _ in 0.05 + random.uniform() }
        let sum = raw.reduce(0, +)
        for k in raw.indices { raw[k] = (1 - skill) * raw[k] / sum + (k == Int(code) ? skill : 0) }
        let total = raw.reduce(0, +)
        out += raw.map { $0 / total }
      }
      return Predictions(.probabilities(out, classes: names))
    case .values(let values):
      return Predictions(.values(values.map { $0 + (1 - skill) * 10 * random.normal() }))
    }
  }

  static func otherTasks<M: Metric>(_ type: M.Type, _ table: CheckTable) throws {
    for other in CheckTables.all where other.columns == nil && !type.card.tasks.contains(other.task) {
      let error = try refusal(type.card.name, of: "a \(other.name) target") {
        _ = try M().value(predictions(for: other.testTarget, skill: 0.5), other.testTarget, weights: nil)
      }
      try require(error.code == .invalidData, type.card.name, "must be invalid-data; got \(error.code.rawValue)")
    }
  }

  static func otherCounts<M: Metric>(_ type: M.Type, _ table: CheckTable) throws {
    let target = table.testTarget
    let short = predictions(for: target.gathered([0, 1, 2]), skill: 0.5)
    let full = predictions(for: target, skill: 0.5)
    for (what, attempt) in [("three predictions", (short, nil)), ("three weights", (full, [1, 1, 1]))]
      as [(String, (Predictions, [Double]?))]
    {
      let error = try refusal(type.card.name, of: "\(what) for \(target.count) rows") {
        _ = try M().value(attempt.0, target, weights: attempt.1)
      }
      try require(error.code == .shapeMismatch, type.card.name, "\(what): got \(error.code.rawValue)")
    }
  }

  static func rowOrder<M: Metric>(_ type: M.Type, _ table: CheckTable) throws {
    let order = Array((0..<table.testTarget.count).reversed())
    let straight = predictions(for: table.testTarget, skill: 0.4)
    let a = try M().value(straight, table.testTarget, weights: nil)
    let b = try M().value(straight.gathered(order), table.testTarget.gathered(order), weights: nil)
    try requireClose(a, b, type.card.name, "row order")
  }

  static func weights<M: Metric>(_ type: M.Type, _ table: CheckTable) throws {
    let target = table.testTarget
    let made = predictions(for: target, skill: 0.4)
    let counts = (0..<target.count).map { $0 % 3 }
    let rows = counts.indices.flatMap { Array(repeating: $0, count: counts[$0]) }
    let repeated = try M().value(made.gathered(rows), target.gathered(rows), weights: nil)
    let weighted = try M().value(made, target, weights: counts.map(Double.init))
    try requireClose(repeated, weighted, type.card.name, "weights 0, 1 and 2 against repetition")
    let none = try M().value(made, target, weights: nil)
    try requireClose(
      none, try M().value(made, target, weights: counts.map { _ in 1 }), type.card.name, "weight 1 against none")
    try requireClose(
      none, try M().value(made, target, weights: counts.map { _ in 0.25 }), type.card.name, "equal weights against none"
    )
  }

  static func fewRows<M: Metric>(_ type: M.Type, _ table: CheckTable) throws {
    for rows in [[], [0], [0, 0, 0], [0, 1]] {
      let target = table.testTarget.gathered(rows)
      let value = try allowingRefusal(type.card.name, "\(rows.count) rows") {
        try M().value(predictions(for: target, skill: 0.5), target, weights: nil)
      }
      guard let known = value, let number = known else { continue }
      try require(number.isFinite, type.card.name, "\(rows.count) rows: \(number) instead of undefined")
      try require(!rows.isEmpty, type.card.name, "a value of no rows: \(number)")
    }
  }

  static func truthIsBetter<M: Metric>(_ type: M.Type, _ table: CheckTable) throws {
    let values = try [1, 0.6, 0].map { skill in
      try M().value(predictions(for: table.testTarget, skill: skill), table.testTarget, weights: nil)
    }
    guard let best = values[0], let middle = values[1], let worst = values[2] else {
      throw CheckFailure(type.card.name, "undefined on \(table.testTarget.count) rows of all classes")
    }
    let isOrdered = M.higherIsBetter ? best >= middle && middle > worst : best <= middle && middle < worst
    try require(isOrdered, type.card.name, "perfect \(best), good \(middle), chance \(worst) are in the wrong order")
  }

  private static func requireClose(_ a: Double?, _ b: Double?, _ entry: String, _ what: String) throws {
    try require((a == nil) == (b == nil), entry, "\(what): \(String(describing: a)) and \(String(describing: b))")
    guard let a, let b else { return }
    try require(abs(a - b) <= 1e-9 * max(1, abs(a)), entry, "\(what): \(a) and \(b)")
  }
}
