public import Basics
public import Frames
public import Modeling

/// Watches series as they come: how unusual are the latest value and the latest short and long averages, against
/// those of the recent past?
///
/// For each number column and each span of `1`, `longest_span / 3` and `longest_span` rows: the distance of the mean
/// of the last values from the median of such means over the last `history` rows, in units of the larger of the two
/// robust spreads (half-widths of the middle half · 1.4826, middle 90 % / 3.29) plus a thousandth of the median. The
/// score is the largest of these, each times `√span`: a long average that is off says more than one value. Scores are
/// 0 until 50 rows are known. Missing cells are passed over.
///
/// Rows are taken in the order of the time column; without one they have no order, and only single values (span 1)
/// are judged. `predict` judges each row alone, as if it came next after what is known; `absorb` judges a stream row
/// by row, each by those before it, and learns it. Row weights are not used.
///
/// - Source: moving medians and quartiles after Hampel, *The influence curve and its role in robust estimation*,
///   1974; averages of several lengths after Roberts, *Control chart tests based on geometric moving averages*,
///   Technometrics 1(3), 1959.
public struct StreamingAnomaly: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "streaming-anomaly", summary: "Watches series as they come, at several time scales, and keeps learning.",
    tasks: [.anomaly], capabilities: [.handlesMissing],
    hyperparameters: [
      .init(
        "history", "Rows that are the recent past.", .integer(60...100_000, logarithmic: true),
        search: .integer(200...5000, logarithmic: true)),
      .init(
        "longest_span", "Rows of the longest average.", .integer(1...10_000, logarithmic: true),
        search: .integer(6...200, logarithmic: true)),
      .init("time", "Column of moments; empty: the first timestamp, or none.", .column),
      .init("contamination", "Share of training rows that count as anomalous.", .real(0...0.5, logarithmic: false)),
    ], source: "Hampel 1974; Roberts, Control chart tests based on geometric moving averages, Technometrics 1959",
    searchRowLimit: 0)

  /// Rows that are the recent past.
  public var history = 2000
  /// Rows of the longest average.
  public var longestSpan = 72
  /// Column of moments; empty: the first timestamp, or none.
  public var time = ""
  /// Share of training rows that count as anomalous.
  public var contamination = 0.01

  enum CodingKeys: String, CodingKey {
    case history, time, contamination
    case longestSpan = "longest_span"
  }

  /// Two thousand rows of the past, averages up to 72.
  public init() {}

  /// Goes through the rows once.
  ///
  /// - Throws: `.schemaMismatch` for columns without numbers, `.invalidData` without rows or number columns,
  ///    `.cancelled`.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> StreamingAnomalyModel {
    try context.checkCancellation()
    try Configuration.validate(self)
    let owner = Self.card.name
    let schema = data.frame.schema
    let moment =
      time.isEmpty
      ? schema.fields.first { $0.kind == .timestamp } : try ColumnRole.time.field(named: time, in: schema, owner: owner)
    let numbers = schema.fields.filter { $0.name != moment?.name }
    guard !numbers.isEmpty, data.frame.rowCount > 0 else {
      throw MLError(.invalidData, "\(owner): needs at least one row and one number column; got none.")
    }
    let spans = moment == nil ? [1] : Set([1, max(1, longestSpan / 3), longestSpan]).sorted()
    let column = StreamColumn(spans: spans, limit: history)
    var model = StreamingAnomalyModel(
      moment: moment, numbers: numbers, columns: Array(repeating: column, count: numbers.count), threshold: 0)
    let scores = try model.absorb(data.frame, in: context)
    model.threshold = RobustColumns.quantile(scores, nil, 1 - contamination)
    return model
  }
}

/// The recent past of each column, and what counts as unusual.
public struct StreamingAnomalyModel: AnomalyModel, UpdatableModel {
  /// The time column, if there is one, and the number columns.
  public let schema: Schema
  /// Score at or above which the share `contamination` of the training rows lay.
  public internal(set) var threshold: Double
  let moment: Field?
  var columns: [StreamColumn]
  private var numbers: [Field] { Array(schema.fields.dropFirst(moment == nil ? 0 : 1)) }

  init(moment: Field?, numbers: [Field], columns: [StreamColumn], threshold: Double) {
    let fields = (moment.map { [$0] } ?? []) + numbers
    let names = Set(fields.map(\.name))
    schema = (try? Schema(fields.filter { names.contains($0.name) })) ?? .empty
    (self.moment, self.columns, self.threshold) = (moment, columns, threshold)
  }

  /// Each row alone, as if it came next.
  public func predict(_ frame: Frame) throws -> Predictions {
    let values = try read(frame)
    if let moment { _ = try frame.column(moment.name) }
    return Predictions(
      .values(
        (0..<frame.rowCount).map { row in columns.indices.reduce(0) { max($0, columns[$1].score(values[$1][row])) } }))
  }

  /// Judges rows in time order, each by those before it, and learns them.
  ///
  /// - Returns: One score a row, in the order of `frame`.
  /// - Throws: `.schemaMismatch` naming a lacking column, `.cancelled`.
  public mutating func absorb(_ frame: Frame, in context: FitContext) throws -> [Double] {
    let values = try read(frame)
    var order = Array(0..<frame.rowCount)
    if let moment {
      let moments = try frame.column(moment.name).moments
      order = order.filter { moments[$0] != nil }
        .sorted { ((moments[$0] ?? 0), $0) < ((moments[$1] ?? 0), $1) }
    }
    var scores = [Double](repeating: 0, count: frame.rowCount)
    for (place, row) in order.enumerated() {
      if place % 1024 == 0 { try context.checkCancellation() }
      for column in columns.indices {
        scores[row] = max(scores[row], columns[column].score(values[column][row]))
        columns[column].add(values[column][row])
      }
    }
    return scores
  }

  /// Learns further rows, in time order.
  public mutating func update(with data: TrainingData, in context: FitContext) throws {
    _ = try absorb(data.frame, in: context)
  }

  private func read(_ frame: Frame) throws -> [[Double]] {
    try RobustColumns.values(frame, Schema(numbers), owner: StreamingAnomaly.card.name)
  }

  /// Adds the recent past.
  public func write(to archive: inout ArchiveWriter) throws {
    archive.set("schema", try Configuration.encode(schema))
    archive.set("has_time", .boolean(moment != nil))
    archive.set("threshold", .number(threshold))
    archive.add("spans", int64s: (columns.first?.spans ?? []).map(Int64.init))
    archive.set("limit", .integer(Int64(columns.first?.limit ?? 0)))
    let parts = columns.flatMap { [Array($0.recent.suffix($0.spans.last ?? 1))] + $0.pasts.map(\.inOrder) }
    archive.add("lengths", int64s: parts.map { Int64($0.count) })
    archive.add("numbers", doubles: parts.flatMap { $0 })
  }

  /// Reads what `write` wrote.
  public init(from archive: ArchiveReader) throws {
    schema = try Configuration.decode(Schema.self, from: archive.value("schema"))
    threshold = try archive.double("threshold")
    let spans = try archive.int64s("spans").map(Int.init)
    let limit = try archive.integer("limit")
    let lengths = try archive.int64s("lengths")
    let numbers = try archive.doubles("numbers")
    guard case .boolean(let hasTime) = try archive.value("has_time"), threshold.isFinite,
      spans.allSatisfy({ (1...10_000).contains($0) }), (1...3).contains(spans.count),
      zip(spans, spans.dropFirst()).allSatisfy({ $0 < $1 }), (1...1_000_000).contains(limit),
      numbers.allSatisfy(\.isFinite), lengths.allSatisfy({ $0 >= 0 && $0 <= Int64(numbers.count) }),
      lengths.reduce(0, +) == Int64(numbers.count), schema.count > (hasTime ? 1 : 0),
      lengths.count == (schema.count - (hasTime ? 1 : 0)) * (spans.count + 1)
    else { throw archive.corrupt("holds a stream whose parts do not fit together") }
    moment = hasTime ? schema.fields[0] : nil
    var parts: [[Double]] = []
    var first = 0
    for length in lengths {
      parts.append(Array(numbers[first..<(first + Int(length))]))
      first += Int(length)
    }
    columns = stride(from: 0, to: parts.count, by: spans.count + 1).map { start in
      StreamColumn(
        spans: spans, limit: limit, recent: parts[start].suffix(spans.last ?? 1),
        pasts: (1...spans.count).map { SortedPast(Array(parts[start + $0].suffix(limit)), limit: limit) })
    }
  }
}
