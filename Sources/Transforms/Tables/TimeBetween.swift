public import Basics
public import Frames
public import Modeling

/// Seconds from each timestamp of a row to each in a later column: `FIRST_to_SECOND_seconds` for every pair of columns,
/// below 0 where the second comes first.
///
/// The timestamps stay. A pair with a missing instant is missing.
public struct TimeBetween: Transform {
  /// Name, settings and source.
  public static let card = Card(
    name: "time-between", summary: "Seconds between the timestamps of a row.",
    hyperparameters: [.init("columns", "Columns to take in pairs; empty: all timestamps.", .texts)],
    source: "Kanter and Veeramachaneni, Deep feature synthesis, 2015 (time differences)")

  /// Columns to take in pairs; empty: all timestamps.
  public var columns: [String]

  enum CodingKeys: String, CodingKey { case columns }

  /// All timestamps.
  public init() { columns = [] }

  /// Takes `columns` in pairs (empty: all timestamps).
  public init(columns: [String]) { self.columns = columns }

  /// Settles the names of what is made.
  public func fit(_ frame: Frame, target: Target?, in context: FitContext) throws -> FittedTimeBetween {
    let fields = try ColumnChoice.fields(columns, in: frame.schema, kinds: [.timestamp], step: Self.card.name)
    var taken: Set<String> = []
    let pairs = fields.indices.flatMap { first in
      fields.indices.filter { $0 > first }.map { second in
        let name = "\(fields[first].name)_to_\(fields[second].name)_seconds"
        return FittedTimeBetween.Pair(
          first: first, second: second, name: ColumnChoice.freeName(name, in: frame.schema, taken: &taken))
      }
    }
    return try FittedTimeBetween(fields, pairs)
  }
}

/// Pairs settled by `TimeBetween`.
public struct FittedTimeBetween: FittedTransform {
  struct Pair: Sendable, Hashable, Codable {
    /// Positions among the columns read.
    var first: Int
    var second: Int
    var name: String
    enum CodingKeys: String, CodingKey { case first, second, name }
  }

  /// Columns it reads.
  public let input: Schema
  /// The same columns, and the seconds.
  public let output: Schema
  let pairs: [Pair]

  private let route = FrameRoute()

  enum CodingKeys: String, CodingKey { case input, output, pairs }

  init(_ fields: [Field], _ pairs: [Pair]) throws {
    input = try Schema(fields)
    output = try Schema(
      fields
        + pairs.map {
          Field($0.name, .number, mayBeMissing: fields[$0.first].mayBeMissing || fields[$0.second].mayBeMissing)
        })
    self.pairs = pairs
  }

  /// Adds the seconds.
  public func transform(_ frame: Frame) throws -> Frame {
    let route = try route.route(of: frame, reading: input.names, input, output)
    let kept = route.inputs.map { frame.columns[$0] }
    let instants = try zip(kept, input.names).map { try FittedDateParts.instants($0, $1) }
    let made = pairs.map { pair in
      Column(
        numbers: zip(instants[pair.first], instants[pair.second]).map { first, second in
          guard let first, let second else { return .nan }
          return (Double(second) - Double(first)) / 1e6
        })
    }
    return try frame.replacing(route, kept + made)
  }
}
