public import Basics
public import Frames
public import Modeling

/// Fills missing cells with a value learnt from training rows; optionally adds a column that says where.
///
/// Numbers, integers and booleans become numbers; infinite cells become the nearest finite value seen in training. A
/// column without any training value is filled with 0. Category columns are filled only by `most-frequent`.
public struct Impute: Transform {
  /// What missing cells become.
  public enum Strategy: String, Sendable, Hashable, Codable, CaseIterable {
    /// Middle value; the default.
    case median
    /// Arithmetic mean.
    case mean
    /// `value`.
    case constant
    /// The commonest value, ties to the smallest.
    case mostFrequent = "most-frequent"
  }

  /// Name, settings and source.
  public static let card = Card(
    name: "impute", summary: "Fills missing cells with a value learnt from training rows.",
    hyperparameters: [
      .init("columns", "Columns to fill; empty: all it applies to.", .texts),
      .init("strategy", "What missing cells become.", .choice(Strategy.allCases.map(\.rawValue))),
      .init("value", "The filling of strategy constant.", .real(-1e300...1e300, logarithmic: false)),
      .init("indicator", "Adds a column of yes and no for each column with missing training cells.", .boolean),
    ], source: "scikit-learn SimpleImputer and MissingIndicator")

  /// Columns to fill; empty: all it applies to.
  public var columns: [String]
  /// What missing cells become.
  public var strategy: Strategy
  /// The filling of `.constant`.
  public var value: Double
  /// Whether to add a 0/1 column for each column with missing training cells.
  public var indicator: Bool

  enum CodingKeys: String, CodingKey { case columns, strategy, value, indicator }

  /// Median of every number column.
  public init() { self.init(columns: []) }

  /// Fills `columns` (empty: all it applies to).
  public init(columns: [String] = [], strategy: Strategy = .median, value: Double = 0, indicator: Bool = false) {
    self.columns = columns
    self.strategy = strategy
    self.value = value
    self.indicator = indicator
  }

  /// Learns one filling a column.
  public func fit(_ frame: Frame, target: Target?, in context: FitContext) throws -> FittedImpute {
    var kinds: Set<ColumnKind> = [.number, .integer, .boolean]
    if strategy == .mostFrequent { kinds.insert(.category) }
    let fields = try ColumnChoice.fields(columns, in: frame.schema, kinds: kinds, step: Self.card.name)
    var taken: Set<String> = []
    let names = fields.map { ColumnChoice.freeName("\($0.name)_missing", in: frame.schema, taken: &taken) }
    let entries = try context.workers.map(fields.count) { index in
      let column = try frame.column(fields[index].name)
      let shows = indicator && column.missingCount > 0
      return self.entry(fields[index], column, indicator: shows ? names[index] : nil)
    }
    return try FittedImpute(fields, entries)
  }

  /// Fits, and applies what was learnt on the threads of the context.
  public func fitTransform(_ frame: Frame, target: Target?, in context: FitContext) throws -> (FittedImpute, Frame) {
    let fitted = try fit(frame, target: target, in: context)
    return (fitted, try fitted.transform(frame, on: context.workers))
  }

  private func entry(_ field: Field, _ column: Column, indicator: String?) -> FittedImpute.Entry {
    guard let all = column.doubles else {
      let counts = LevelCounts(column)
      let most = counts.counts.max() ?? 0
      let level = counts.counts.firstIndex(of: most).map { counts.names[$0] }
      return .init(name: field.name, filling: 0, lowest: 0, highest: 0, level: level, indicator: indicator)
    }
    let finite = OrderStatistics.finite(all)
    let (lowest, highest) = OrderStatistics.range(finite)
    return .init(
      name: field.name, filling: filling(finite), lowest: lowest, highest: highest, level: nil, indicator: indicator)
  }

  private func filling(_ finite: [Double]) -> Double {
    guard !finite.isEmpty else { return strategy == .constant ? value : 0 }
    switch strategy {
    case .constant: return value
    case .median: return OrderStatistics.quantiles(finite, [0.5])[0]
    case .mean:
      var sum = ExactSum()
      for number in finite { sum.add(number) }
      return sum.value / Double(finite.count)
    case .mostFrequent:
      var best = (value: 0.0, count: 0)
      var run = (value: 0.0, count: 0)
      for number in finite.sorted() {
        run = number == run.value && run.count > 0 ? (number, run.count + 1) : (number, 1)
        if run.count > best.count { best = run }
      }
      return best.value
    }
  }
}

/// Fillings learnt by `Impute`.
public struct FittedImpute: FittedTransform {
  struct Entry: Sendable, Hashable, Codable {
    var name: String
    var filling: Double
    var lowest: Double
    var highest: Double
    var level: String?
    var indicator: String?
    enum CodingKeys: String, CodingKey { case name, filling, lowest, highest, level, indicator }
  }

  /// Columns it reads.
  public let input: Schema
  /// The same columns, none missing, and indicators.
  public let output: Schema
  let entries: [Entry]

  private let route = FrameRoute()

  enum CodingKeys: String, CodingKey { case input, output, entries }

  init(_ fields: [Field], _ entries: [Entry]) throws {
    var made = fields.map { field in
      var copy = field
      copy.kind = field.kind == .category ? .category : .number
      copy.mayBeMissing = false
      return copy
    }
    made += entries.compactMap(\.indicator).map { Field($0, .boolean, mayBeMissing: false) }
    input = try Schema(fields)
    output = try Schema(made)
    self.entries = entries
  }

  /// Fills every missing cell.
  public func transform(_ frame: Frame) throws -> Frame { try transform(frame, on: nil) }

  func transform(_ frame: Frame, on workers: Workers?) throws -> Frame {
    let route = try route.route(of: frame, reading: entries.map(\.name), input, output)
    let filled = try columns(entries.count, on: workers) { index in
      let column = frame.columns[route.inputs[index]]
      return column.kind == .category ? entries[index].filled(column) : try entries[index].filled(numbers: column)
    }
    var indicators: [Column] = []
    for (entry, position) in zip(entries, route.inputs) {
      guard let name = entry.indicator, let place = output.index(of: name) else { continue }
      let column = frame.columns[position]
      let marks = (0..<column.count).map { !column.isPresent($0) }
      // Archives written before marks were yes and no hold them as numbers.
      let isNumber = output.fields[place].kind == .number
      indicators.append(Column(isNumber ? .number(marks.map { $0 ? 1 : 0 }) : .boolean(marks)))
    }
    return try frame.replacing(route, filled + indicators)
  }
}

extension FittedImpute.Entry {
  fileprivate func filled(numbers column: Column) throws -> Column {
    var values = try column.numbers(name, step: Impute.card.name)
    for row in values.indices where !values[row].isFinite {
      values[row] = values[row].isNaN ? filling : values[row] > 0 ? highest : lowest
    }
    return Column(.number(values))
  }

  fileprivate func filled(_ column: Column) -> Column {
    guard let level, let validity = column.validity, case .category(var codes, var levels) = column.storage else {
      return column
    }
    let code = levels.firstIndex(of: level) ?? levels.count
    if code == levels.count { levels.append(level) }
    for row in codes.indices where !validity[row] { codes[row] = Int32(code) }
    return Column(.category(codes: codes, levels: levels))
  }
}
