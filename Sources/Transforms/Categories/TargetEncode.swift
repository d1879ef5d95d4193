public import Basics
public import Frames
public import Modeling

/// Replaces each category by the smoothed mean target of its training rows, one number for regression and for two
/// classes (of the second), `K − 1` for `K` classes (one for each but the first).
///
/// For a category with `n` rows that sum to `s`, prior `p` and smoothing `m`: `(s + m·p) / (n + m)`; categories not
/// seen in training get `p`, missing cells are a category of their own when seen. `fitTransform` shows no row its own
/// target: each fold is encoded from the others. The prior is that of all rows, a constant, so it cannot leak either.
///
/// - Source: Micci-Barreca, *A preprocessing scheme for high-cardinality categorical attributes*, 2001; cross fitting
///   as in scikit-learn TargetEncoder.
public struct TargetEncode: Transform {
  /// Name, settings and source.
  public static let card = Card(
    name: "target-encode", summary: "Replaces each category by the smoothed mean target of its rows, out of fold.",
    hyperparameters: [
      .init("columns", "Columns to encode; empty: all category columns.", .texts),
      .init(
        "smoothing", "Rows the prior counts for.", .real(0...1e6, logarithmic: false),
        search: .real(1...100, logarithmic: true)),
      .init("folds", "Folds of the training rows.", .integer(2...100, logarithmic: false)),
    ], source: "Micci-Barreca 2001; scikit-learn TargetEncoder")

  /// Columns to encode; empty: all category columns.
  public var columns: [String]
  /// Rows the prior counts for.
  public var smoothing: Double
  /// Folds of the training rows.
  public var folds: Int

  enum CodingKeys: String, CodingKey { case columns, smoothing, folds }

  /// Ten rows of smoothing, five folds.
  public init() { self.init(columns: []) }

  /// Encodes `columns` (empty: all category columns).
  public init(columns: [String] = [], smoothing: Double = 10, folds: Int = 5) {
    self.columns = columns
    self.smoothing = smoothing
    self.folds = folds
  }

  /// Learns the encoding from all rows.
  public func fit(_ frame: Frame, target: Target?, in context: FitContext) throws -> FittedTargetEncode {
    try tallies(frame, target, context).fitted
  }

  /// Learns the encoding from all rows; encodes each row from the folds it is not in.
  public func fitTransform(
    _ frame: Frame, target: Target?, in context: FitContext
  ) throws -> (FittedTargetEncode, Frame) {
    let (fitted, responses, tallies) = try tallies(frame, target, context)
    guard let target, !tallies.isEmpty else { return (fitted, try fitted.transform(frame)) }
    let assigned = RowFolds.folds(frame, target: target.doubles, count: folds, seed: context.seed)
    let parts = try context.workers.map(tallies.count) { index in
      tallies[index].outOfFold(responses, assigned, foldCount: folds, smoothing: smoothing)
    }
    let made = parts.flatMap { $0.map { Column(.number($0)) } }
    return (fitted, try frame.replacing(fitted.input, with: fitted.output, made))
  }

  private func tallies(
    _ frame: Frame, _ target: Target?, _ context: FitContext
  ) throws -> (fitted: FittedTargetEncode, responses: [FixedPointResponse], tallies: [LevelTally]) {
    let fields = try ColumnChoice.fields(columns, in: frame.schema, kinds: [.category], step: Self.card.name)
    guard let target else {
      throw MLError(.invalidData, "target-encode: needs a target; got none.", hint: "Use one-hot instead.")
    }
    let responses = FixedPointResponse.all(of: target)
    let tallies = try context.workers.map(fields.count) { index in
      LevelTally(try frame.column(fields[index].name), responses)
    }
    let entries = zip(fields, tallies).map { $1.entry($0.name, responses, smoothing: smoothing) }
    return (try FittedTargetEncode(fields, entries, target.classNames, schema: frame.schema), responses, tallies)
  }
}

/// One number a row to average, as integers so that sums do not depend on order.
struct FixedPointResponse: Sendable {
  let values: [Int64]
  let unit: Double
  let prior: Double

  init(_ numbers: [Double]) {
    let largest = numbers.reduce(0) { max($0, abs($1)) }
    let room = 62 - Int((Double(max(1, numbers.count)) + 1).exponent + 1)
    let exponent = largest > 0 ? Int(largest.exponent) + 1 : 0
    let unit = Mathematics.scaled(1, exponent: max(-1000, exponent - room))
    values = numbers.map { Int64(($0 / unit).rounded()) }
    self.unit = unit
    prior = numbers.isEmpty ? 0 : Double(values.reduce(0, +)) * unit / Double(numbers.count)
  }

  static func all(of target: Target) -> [FixedPointResponse] {
    switch target {
    case .values(let values): return [FixedPointResponse(values)]
    case .classes(let codes, let names):
      return (1..<max(2, names.count)).map { k in FixedPointResponse(codes.map { Int($0) == k ? 1 : 0 }) }
    }
  }
}

/// Rows and summed responses of each category of a column.
struct LevelTally: Sendable {
  let levels: LevelTable
  let codes: [Int32]
  let counts: [Int]
  /// `[response][category]`, the last category being missing cells.
  let sums: [[Int64]]

  init(_ column: Column, _ responses: [FixedPointResponse]) {
    let levels = LevelTable(LevelCounts(column).names)
    let missing = Int32(levels.levels.count)
    let codes = levels.codes(of: column).map { $0 >= 0 ? $0 : missing }
    var counts = [Int](repeating: 0, count: levels.levels.count + 1)
    for code in codes { counts[Int(code)] += 1 }
    self.levels = levels
    self.codes = codes
    self.counts = counts
    let categoryCount = counts.count
    sums = responses.map { response in
      var sums = [Int64](repeating: 0, count: categoryCount)
      for row in codes.indices { sums[Int(codes[row])] += response.values[row] }
      return sums
    }
  }

  func entry(_ name: String, _ responses: [FixedPointResponse], smoothing: Double) -> FittedTargetEncode.Entry {
    let outputs = zip(responses, sums).map { response, sums in
      let all = zip(counts, sums).map { Self.encoded($0, $1, response, smoothing) }
      return FittedTargetEncode.Values(prior: response.prior, levels: Array(all.dropLast()), missing: all.last ?? 0)
    }
    return .init(name: name, levels: levels, outputs: outputs)
  }

  func outOfFold(
    _ responses: [FixedPointResponse], _ folds: [Int], foldCount: Int, smoothing: Double
  ) -> [[Double]] {
    var foldCounts = [Int](repeating: 0, count: counts.count * foldCount)
    for row in codes.indices { foldCounts[Int(codes[row]) * foldCount + folds[row]] += 1 }
    return zip(responses, sums).map { response, sums in
      var foldSums = [Int64](repeating: 0, count: foldCounts.count)
      for row in codes.indices { foldSums[Int(codes[row]) * foldCount + folds[row]] += response.values[row] }
      let table = foldCounts.indices.map { cell in
        let level = cell / foldCount
        return Self.encoded(counts[level] - foldCounts[cell], sums[level] - foldSums[cell], response, smoothing)
      }
      return codes.indices.map { table[Int(codes[$0]) * foldCount + folds[$0]] }
    }
  }

  private static func encoded(
    _ count: Int, _ sum: Int64, _ response: FixedPointResponse, _ smoothing: Double
  ) -> Double {
    guard count > 0 else { return response.prior }
    return (Double(sum) * response.unit + smoothing * response.prior) / (Double(count) + smoothing)
  }
}

/// Encodings learnt by `TargetEncode`.
public struct FittedTargetEncode: FittedTransform {
  struct Values: Sendable, Hashable, Codable {
    var prior: Double
    var levels: [Double]
    var missing: Double
    enum CodingKeys: String, CodingKey { case prior, levels, missing }
  }
  struct Entry: Sendable, Hashable, Codable {
    var name: String
    var levels: LevelTable
    var outputs: [Values]
    enum CodingKeys: String, CodingKey { case name, levels, outputs }
  }

  /// Columns it reads.
  public let input: Schema
  /// A number column of the same name, or for more than two classes one a class but the first, `column_class`.
  public let output: Schema
  let entries: [Entry]

  private let route = FrameRoute()

  enum CodingKeys: String, CodingKey { case input, output, entries }

  init(_ fields: [Field], _ entries: [Entry], _ classes: [String], schema: Schema) throws {
    input = try Schema(fields)
    var taken: Set<String> = []
    let made = entries.flatMap { entry -> [Field] in
      guard entry.outputs.count > 1 else { return [Field(entry.name, .number, mayBeMissing: false)] }
      return classes.dropFirst().map { name in
        Field(
          ColumnChoice.freeName("\(entry.name)_\(name)", in: schema, taken: &taken), .number, mayBeMissing: false)
      }
    }
    output = try Schema(made)
    self.entries = entries
  }

  /// Encodes every cell from all training rows.
  public func transform(_ frame: Frame) throws -> Frame {
    let route = try route.route(of: frame, reading: entries.map(\.name), input, output)
    let made = zip(entries, route.inputs).flatMap { entry, position -> [Column] in
      let codes = entry.levels.codes(of: frame.columns[position])
      return entry.outputs.map { values in
        Column(
          .number(
            codes.map { code in
              if code == LevelTable.missing { return values.missing }
              return values.levels.indices.contains(Int(code)) ? values.levels[Int(code)] : values.prior
            }))
      }
    }
    return try frame.replacing(route, made)
  }
}
