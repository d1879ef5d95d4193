import Basics
import Frames

/// Which columns say when and whose, and which are looked back at; shared by the steps that look back.
struct TimeColumns: Sendable, Hashable, Codable {
  var time: Field
  var by: Field?
  /// Columns looked back at.
  var values: [Field]

  enum CodingKeys: String, CodingKey { case time, by, values }

  /// `nil` when nothing was named and the table has no moments or no numbers: there is nothing to look back at.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column, or when columns were named and there is no time column.
  init?(_ settings: (columns: [String], time: String, by: String), in schema: Schema, step: String) throws {
    let isNamed = !settings.columns.isEmpty || !settings.time.isEmpty || !settings.by.isEmpty
    guard let time = try ColumnRole.time.field(named: settings.time, in: schema, owner: step) else {
      guard isNamed else { return nil }
      throw MLError(
        .schemaMismatch, "\(step): needs a time column; none of \(schema.count) columns fits.",
        hint: "Name it in 'time'.", field: "time")
    }
    guard isNamed || time.kind == .timestamp else { return nil }
    let by = try ColumnRole.series.field(named: settings.by, in: schema, excluding: [time.name], owner: step)
    let kinds: Set<ColumnKind> = [.number, .integer, .boolean]
    let free = try Schema(schema.fields.filter { $0.name != time.name && $0.name != by?.name })
    values = try ColumnChoice.fields(settings.columns, in: free, kinds: kinds, step: step)
    guard isNamed || !values.isEmpty else { return nil }
    (self.time, self.by) = (time, by)
  }

  /// The columns named, those known later among them; empty: all.
  static func all(_ columns: [String], _ knownLater: [String]) -> [String] {
    columns.isEmpty ? [] : columns + knownLater.filter { !columns.contains($0) }
  }

  /// Throws `.schemaMismatch` unless all of `names` are looked back at.
  func requireValues(_ names: [String], step: String) throws {
    for name in names where !values.contains(where: { $0.name == name }) {
      throw MLError.unknown("number column", name, among: values.map(\.name), in: step, code: .schemaMismatch)
    }
  }

  /// Columns after a step: what was read, but for `removed`, then one number for each column and suffix.
  func output(_ suffixes: [String], without removed: [String], _ schema: Schema) throws -> Schema {
    var taken: Set<String> = []
    let made = values.flatMap { field in
      suffixes.map { Field(ColumnChoice.freeName("\(field.name)_\($0)", in: schema, taken: &taken), .number) }
    }
    return try Schema(fields.filter { !removed.contains($0.name) } + made)
  }

  /// All of them.
  var fields: [Field] { [time] + (by.map { [$0] } ?? []) + values }
}

/// What is known of one entity, one entry a moment, ascending: rows of one moment are joined by their mean.
struct Timeline: Sendable, Hashable, Codable {
  var moments: [Int64]
  /// `[columns][moments]`; NaN = not known.
  var values: [[Double]]

  enum CodingKeys: String, CodingKey { case moments, values }

  init(moments: [Int64], values: [[Double]]) {
    (self.moments, self.values) = (moments, values)
  }

  /// Reads, with missing entries as null.
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    moments = try container.decode([Int64].self, forKey: .moments)
    values = try container.decode([[Double?]].self, forKey: .values).map { $0.map { $0 ?? .nan } }
    guard values.allSatisfy({ $0.count == moments.count }), zip(moments, moments.dropFirst()).allSatisfy({ $0 < $1 })
    else { throw MLError(.invalidData, "history: moments and values must fit together, in time order.") }
  }

  /// Writes, with missing entries as null.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(moments, forKey: .moments)
    try container.encode(values.map { $0.map { $0.isNaN ? nil : $0 } }, forKey: .values)
  }

  static func == (a: Timeline, b: Timeline) -> Bool {
    a.moments == b.moments && a.values.map { $0.map(\.bitPattern) } == b.values.map { $0.map(\.bitPattern) }
  }

  func hash(into hasher: inout Hasher) { hasher.combine(moments) }

  /// The last `count` moments.
  func tail(_ count: Int) -> Timeline {
    let first = max(0, moments.count - count)
    return Timeline(moments: Array(moments[first...]), values: values.map { Array($0[first...]) })
  }

  /// The moments at or after `moment`, and no fewer than the last one.
  func tail(since moment: Int64) -> Timeline {
    tail(max(1, moments.count - (moments.firstIndex { $0 >= moment } ?? moments.count)))
  }

  /// Both, in time order; where both know a moment, `later` is believed.
  func merged(with later: Timeline) -> Timeline {
    var out = Timeline(moments: [], values: values.map { _ in [] })
    var (i, j) = (0, 0)
    while i < moments.count || j < later.moments.count {
      let isOld = j == later.moments.count || (i < moments.count && moments[i] < later.moments[j])
      out.moments.append(isOld ? moments[i] : later.moments[j])
      for column in values.indices { out.values[column].append(isOld ? values[column][i] : later.values[column][j]) }
      if isOld {
        i += 1
      } else {
        if i < moments.count, moments[i] == later.moments[j] { i += 1 }
        j += 1
      }
    }
    return out
  }

  /// Position of the first entry at or after `moment`.
  func position(of moment: Int64) -> Int {
    var (low, high) = (0, moments.count)
    while low < high {
      let middle = (low + high) / 2
      if moments[middle] < moment { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// Rows of a batch sorted into entities and moments.
struct TimedRows: Sendable {
  /// Entity of each row (empty without such a column); `nil` where it or the moment is missing.
  let keys: [String?]
  let moments: [Int64?]
  /// What the batch itself knows of each entity.
  let timelines: [String: Timeline]

  init(_ frame: Frame, _ columns: TimeColumns, step: String) throws {
    let moments = try frame.column(columns.time.name).moments
    let names = try columns.by.map { try frame.column($0.name).texts } ?? Array(repeating: "", count: frame.rowCount)
    let values = try columns.values.map { try frame.numbers($0.name, step: step) }
    if frame.rowCount > 0, try !ColumnRole.timeKinds.contains(frame.column(columns.time.name).kind) {
      throw MLError(
        .schemaMismatch,
        "\(step): column '\(columns.time.name)' must hold moments; got "
          + "\(try frame.column(columns.time.name).kind.rawValue).", field: columns.time.name)
    }
    keys = zip(names, moments).map { $1 == nil ? nil : $0 }
    self.moments = moments
    let known = keys
    let rows = known.indices.filter { known[$0] != nil }.sorted { a, b in
      let (x, y) = (known[a] ?? "", known[b] ?? "")
      if x != y { return x < y }
      return (moments[a] ?? 0) < (moments[b] ?? 0)
    }
    var out: [String: Timeline] = [:]
    var start = 0
    while start < rows.count {
      var end = start
      while end < rows.count, known[rows[end]] == known[rows[start]] { end += 1 }
      out[known[rows[start]] ?? ""] = Self.timeline(rows[start..<end], moments, values)
      start = end
    }
    timelines = out
  }

  private static func timeline(_ rows: ArraySlice<Int>, _ moments: [Int64?], _ values: [[Double]]) -> Timeline {
    var out = Timeline(moments: [], values: values.map { _ in [] })
    var start = rows.startIndex
    while start < rows.endIndex {
      let moment = moments[rows[start]] ?? 0
      var end = start
      while end < rows.endIndex, moments[rows[end]] == moment { end += 1 }
      out.moments.append(moment)
      for column in values.indices { out.values[column].append(mean(rows[start..<end].map { values[column][$0] })) }
      start = end
    }
    return out
  }

  /// Mean of what is finite, summed in ascending order so that row order does not show; NaN when nothing is.
  private static func mean(_ values: [Double]) -> Double {
    let finite = values.filter(\.isFinite).sorted()
    if finite.count <= 1 { return finite.first ?? .nan }
    let count = Double(finite.count)
    return finite.reduce(0) { $0 + $1 / count }
  }
}

/// The end of training that a step keeps, by entity, and what it makes of it and a batch.
struct TimeHistory: Sendable, Hashable, Codable {
  var columns: TimeColumns
  var timelines: [String: Timeline]

  enum CodingKeys: String, CodingKey { case columns, timelines }

  /// For every row, `body(entity's timeline, position)` where entries before `position` are strictly earlier than the
  /// row; with `includesRow`, the entry at the row's own moment counts too. Rows without a moment or entity get
  /// `nil`.
  func look<T: Sendable>(
    _ frame: Frame, step: String, includesRow: Bool, workers: Workers = .serial,
    _ body: @Sendable (Timeline, Int) -> T
  ) throws -> [T?] {
    let batch = try TimedRows(frame, columns, step: step)
    var merged: [String: Timeline] = [:]
    for (key, timeline) in batch.timelines {
      merged[key] = timelines[key].map { $0.merged(with: timeline) } ?? timeline
    }
    let all = merged
    return batch.keys.indices.map { row in
      guard let key = batch.keys[row], let moment = batch.moments[row], let timeline = all[key] else { return nil }
      return body(timeline, timeline.position(of: moment) + (includesRow ? 1 : 0))
    }
  }
}

extension Frame {
  /// The frame with `made` columns, which stand last in `output`; columns read and not announced are removed.
  func adding(_ made: [Column], input: Schema, output: Schema) throws -> Frame {
    let kept = try output.fields.dropLast(made.count).map { field -> (Field, Column) in
      let column = try self.column(field.name)
      var field = field
      field.kind = column.kind
      if case .category(_, let levels) = column.storage { field.categories = levels }
      return (field, column)
    }
    let announced = try Schema(kept.map(\.0) + output.fields.suffix(made.count))
    return try replacing(input, with: announced, kept.map(\.1) + made)
  }
}

extension ColumnRole {
  /// Kinds that hold moments.
  static var timeKinds: Set<ColumnKind> { [.timestamp, .integer, .number] }
}

/// A length of time or a number of rows, as a person writes it: `24`, `90s`, `30m`, `12h`, `7d`.
enum LookBack: Sendable, Hashable {
  /// So many moments of the entity.
  case rows(Int)
  /// Microseconds.
  case span(Int64)

  /// - Throws: `.invalidParameter` naming the setting.
  init(_ text: String, setting: String, step: String) throws {
    let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    if let count = Int(text), (1...100_000).contains(count) {
      self = .rows(count)
    } else if let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()),
      (1...1_000_000_000).contains(count), count * unit <= 100_000_000_000
    {
      self = .span(count * unit * 1_000_000)
    } else {
      throw MLError(
        .invalidParameter,
        "\(step): '\(setting)' must hold numbers of rows (1…100000) or durations such as 90s, 30m, 12h, 7d.",
        hint: "Write [\"3\", \"24h\"].", field: setting)
    }
  }
}
