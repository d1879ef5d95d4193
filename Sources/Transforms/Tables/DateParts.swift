public import Basics
public import Frames
public import Modeling

/// Takes timestamps apart into numbers: `_year _month _day _weekday` (1 = Monday) `_hour`, the time of day on a circle
/// (`_time_sin _time_cos`, by minutes) and `_days` since the first training instant. All in UTC.
///
/// Only parts that vary over training rows are made, `_days` always. A missing instant has missing parts.
public struct DateParts: Transform {
  /// Name, settings and source.
  public static let card = Card(
    name: "date-parts", summary: "Takes timestamps apart into year, month, weekday, hour and days passed.",
    hyperparameters: [.init("columns", "Columns to take apart; empty: all timestamps.", .texts)],
    source: "Hinnant, chrono-compatible low-level date algorithms")

  /// Columns to take apart; empty: all timestamps.
  public var columns: [String]

  enum CodingKeys: String, CodingKey { case columns }

  /// All timestamps.
  public init() { columns = [] }

  /// Takes `columns` apart (empty: all timestamps).
  public init(columns: [String]) { self.columns = columns }

  /// Learns the first instant and which parts vary.
  public func fit(_ frame: Frame, target: Target?, in context: FitContext) throws -> FittedDateParts {
    let fields = try ColumnChoice.fields(columns, in: frame.schema, kinds: [.timestamp], step: Self.card.name)
    var taken: Set<String> = []
    let entries = try fields.map { field in
      let instants = try FittedDateParts.instants(frame.column(field.name), field.name).compactMap { $0 }
      let origin = instants.min() ?? 0
      let parts = DatePart.allCases.filter { part in
        guard part != .days, let first = instants.first else { return part == .days }
        let value = part.value(first, since: origin)
        return instants.contains { part.value($0, since: origin) != value }
      }
      return FittedDateParts.Entry(
        name: field.name, origin: origin,
        parts: parts.map {
          .init(
            part: $0,
            name: ColumnChoice.freeName("\(field.name)_\($0.rawValue)", in: frame.schema, taken: &taken))
        })
    }
    return try FittedDateParts(fields, entries)
  }
}

/// A number read off an instant.
enum DatePart: String, Sendable, Hashable, Codable, CaseIterable {
  case year, month, day, weekday, hour
  case timeSine = "time_sin"
  case timeCosine = "time_cos"
  case days

  func value(_ microseconds: Int64, since origin: Int64) -> Double {
    let day: Int64 = 86_400_000_000
    let date = Int((microseconds >= 0 ? microseconds : microseconds - day + 1) / day)
    let minutes = Double((microseconds - Int64(date) * day) / 60_000_000)
    switch self {
    case .year: return Double(Timestamp.civil(days: date).year)
    case .month: return Double(Timestamp.civil(days: date).month)
    case .day: return Double(Timestamp.civil(days: date).day)
    case .weekday: return Double(((date + 3) % 7 + 7) % 7 + 1)
    case .hour: return (minutes / 60).rounded(.down)
    case .timeSine: return Mathematics.sin(minutes * (2 * .pi / 1440))
    case .timeCosine: return Mathematics.cos(minutes * (2 * .pi / 1440))
    case .days: return (Double(microseconds) - Double(origin)) / Double(day)
    }
  }
}

/// Parts learnt by `DateParts`.
public struct FittedDateParts: FittedTransform {
  struct Part: Sendable, Hashable, Codable {
    var part: DatePart
    var name: String
    enum CodingKeys: String, CodingKey { case part, name }
  }
  struct Entry: Sendable, Hashable, Codable {
    var name: String
    var origin: Int64
    var parts: [Part]
    enum CodingKeys: String, CodingKey { case name, origin, parts }
  }

  /// Columns it reads.
  public let input: Schema
  /// The parts, as numbers.
  public let output: Schema
  let entries: [Entry]

  private let route = FrameRoute()

  enum CodingKeys: String, CodingKey { case input, output, entries }

  init(_ fields: [Field], _ entries: [Entry]) throws {
    input = try Schema(fields)
    let mayBeMissing = fields.map(\.mayBeMissing)
    output = try Schema(
      zip(entries, mayBeMissing).flatMap { entry, missing in
        entry.parts.map { Field($0.name, .number, mayBeMissing: missing) }
      })
    self.entries = entries
  }

  /// Takes every instant apart.
  public func transform(_ frame: Frame) throws -> Frame {
    let route = try route.route(of: frame, reading: entries.map(\.name), input, output)
    let made = try zip(entries, route.inputs).flatMap { entry, position -> [Column] in
      let instants = try Self.instants(frame.columns[position], entry.name)
      return entry.parts.map { part in
        Column(numbers: instants.map { $0.map { part.part.value($0, since: entry.origin) } ?? .nan })
      }
    }
    return try frame.replacing(route, made)
  }

  static func instants(_ column: Column, _ name: String) throws -> [Int64?] {
    guard case .timestamp(let values) = column.storage else {
      throw MLError(
        .schemaMismatch, "preparation: column '\(name)' must hold timestamps; got \(column.kind.rawValue).", field: name
      )
    }
    return values.indices.map { column.isPresent($0) ? values[$0] : nil }
  }
}
