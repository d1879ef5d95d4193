public import Basics
public import Frames
public import Modeling

/// A small change of a row after which the model says something else.
public struct Counterfactual: Sendable, Hashable {
  /// One changed cell.
  public struct Change: Sendable, Hashable {
    /// Column.
    public var column: String
    /// Value of the row; `nil` when missing.
    public var from: String?
    /// Value it would have to be.
    public var to: String?
  }

  /// Changed cells, in schema order.
  public var changes: [Change]
  /// Sum over changed cells: gap over the column's median absolute deviation for numbers, 1 for others.
  public var distance: Double
  /// What the model says of the changed row: probability of the wanted class, or the number.
  public var value: Double
  /// The changed row.
  public var row: Frame

  /// `{"changes": [{"column", "from", "to"}], "distance", "value"}`.
  public var json: JSONValue {
    [
      "changes": .array(
        changes.map {
          [
            "column": .string($0.column), "from": $0.from.map(JSONValue.string) ?? .null,
            "to": $0.to.map(JSONValue.string) ?? .null,
          ]
        }), "distance": .finite(distance), "value": .finite(value),
    ]
  }
}

/// What must come out.
public enum CounterfactualGoal: Sendable, Hashable {
  /// The model decides for this class.
  case decided(String)
  /// The predicted number lies in this range.
  case range(ClosedRange<Double>)
}

/// Searches for the smallest change that flips what a model says.
///
/// Values are taken from rows that were seen, so every cell is possible by itself. The search goes both ways: from
/// the row, changing the cell that brings most for its distance until the goal is reached; and from the nearest seen
/// rows that reach it already, giving back one cell after the other. What is found is then pulled back towards the
/// row, value by value. The result is locally smallest: no cell can be given back or moved nearer.
///
/// - Source: Wachter, Mittelstadt and Russell, *Counterfactual explanations without opening the black box*, 2018
///   (distance); Brughmans, Leyman and Martens, *NICE*, Data Min. Knowl. Disc. 2023 (search from seen rows).
public struct CounterfactualSearch: Sendable {
  /// Which way a number may go.
  public enum Direction: String, Sendable, Hashable, Codable {
    /// Only up.
    case increasing
    /// Only down.
    case decreasing
  }

  /// Columns that stay as they are (age, origin).
  public var immutable: Set<String> = []
  /// Number columns that may go one way only.
  public var directions: [String: Direction] = [:]
  /// Ranges that number columns must stay in.
  public var ranges: [String: ClosedRange<Double>] = [:]
  /// Cells changed at most.
  public var maximumChangeCount = 5
  /// Values of a column that are tried at most.
  public var valueCount = 30
  /// Seen rows that the search starts from.
  public var startCount = 5

  /// A search with the defaults.
  public init() {}

  /// The smallest change found for row `row` of `frame`.
  ///
  /// - Parameters:
  ///   - seen: rows whose values may be taken; some hundreds suffice.
  ///   - score: predictions for a frame.
  /// - Returns: `nil` when no allowed change was found; no changes when the row reaches the goal as it is.
  /// - Throws: `.invalidParameter` for an unknown class or row, `.schemaMismatch`, and what `score` throws.
  public func find(
    _ row: Int, of frame: Frame, seen: Frame, goal: CounterfactualGoal, score: (Frame) throws -> Predictions
  ) throws -> Counterfactual? {
    guard (0..<frame.rowCount).contains(row) else {
      throw MLError(.invalidParameter, "counterfactual: row \(row) is not one of \(frame.rowCount).", field: "row")
    }
    let own = frame.gathered([row])
    let walk = try CounterfactualWalk(own, seen.selecting(own.schema.names), self, goal)
    return try walk.run(score)
  }
}

/// States are lists of pool rows, one a column; pool row 0 is the row itself.
private struct CounterfactualWalk {
  typealias State = [Int]

  private let rows: CompositeRows
  private let settings: CounterfactualSearch
  private let goal: CounterfactualGoal
  /// Pool rows whose cell a column may take.
  private let allowed: [[Bool]]
  private let candidates: [[Int]]
  /// Distance of the cell of every pool row to that of row 0, by column.
  private let steps: [[Double]]

  init(_ own: Frame, _ seen: Frame, _ settings: CounterfactualSearch, _ goal: CounterfactualGoal) throws {
    let pool = try Frame.concatenated([own, seen])
    rows = CompositeRows(pool: pool)
    self.settings = settings
    self.goal = goal
    var (allowed, candidates, steps): ([[Bool]], [[Int]], [[Double]]) = ([], [], [])
    for (field, column) in zip(pool.schema.fields, pool.columns) {
      let distance = Self.distances(column)
      let isAllowed = (0..<pool.rowCount).map { $0 == 0 || Self.isAllowed(column, field.name, $0, settings) }
      steps.append(distance)
      allowed.append(isAllowed)
      let open = (1..<max(1, pool.rowCount)).filter { isAllowed[$0] && distance[$0] > 0 }
      candidates.append(CompositeRows.distinct(column, among: open, limit: settings.valueCount))
    }
    (self.allowed, self.candidates, self.steps) = (allowed, candidates, steps)
  }

  private static func isAllowed(
    _ column: Column, _ name: String, _ row: Int, _ settings: CounterfactualSearch
  ) -> Bool {
    guard !settings.immutable.contains(name), column.kind != .vector, column.isPresent(row) else { return false }
    guard let values = column.doubles else { return true }
    if let range = settings.ranges[name], !range.contains(values[row]) { return false }
    guard let direction = settings.directions[name], !values[0].isNaN else { return true }
    return direction == .increasing ? values[row] >= values[0] : values[row] <= values[0]
  }

  private static func distances(_ column: Column) -> [Double] {
    guard column.kind == .number || column.kind == .integer || column.kind == .timestamp, let values = column.doubles
    else {
      let own = column.text(at: 0)
      return (0..<column.count).map { column.text(at: $0) == own ? 0 : 1 }
    }
    let known = values.dropFirst().filter(\.isFinite).sorted()
    let middle = known.isEmpty ? 0 : Bootstrap.quantile(known, 0.5)
    let gaps = known.map { abs($0 - middle) }.sorted()
    let median = gaps.isEmpty ? 0 : Bootstrap.quantile(gaps, 0.5)
    let mean = gaps.isEmpty ? 0 : gaps.reduce(0, +) / Double(gaps.count)
    let scale = median > 0 ? median : mean > 0 ? mean : 1
    return values.map {
      $0 == values[0] || ($0.isNaN && values[0].isNaN)
        ? 0 : $0.isNaN || values[0].isNaN ? 1 : abs($0 - values[0]) / scale
    }
  }

  /// How near each state is to the goal (at least 0 = reached) and what is shown of it.
  private func judged(
    _ states: [State], _ score: (Frame) throws -> Predictions
  ) throws -> [(reach: Double, value: Double)] {
    guard let first = states.first else { return [] }
    let predictions = try score(rows.frame(first.indices.map { column in states.map { $0[column] } }))
    switch goal {
    case .decided(let name):
      let outputs = ModelOutputs(predictions)
      let wanted = try outputs.index(of: name, owner: "counterfactual")
      let (codes, width) = (predictions.classCodes, outputs.names.count)
      guard !codes.isEmpty else {
        throw MLError(.invalidData, "counterfactual: a class can only be wanted of a model that decides classes.")
      }
      return states.indices.map { row in
        let own = outputs.values[row * width + wanted]
        return (Int(codes[row]) == wanted ? 1 + own : own - 1, own)
      }
    case .range(let range):
      guard let values = predictions.values else {
        throw MLError(.invalidData, "counterfactual: a range can only be wanted of a model that predicts numbers.")
      }
      return values.map { (range.contains($0) ? 1 : -max(range.lowerBound - $0, $0 - range.upperBound), $0) }
    }
  }

  private func distance(_ state: State) -> Double {
    state.indices.reduce(0) { $0 + steps[$1][state[$1]] }
  }

  private func changeCount(_ state: State) -> Int { state.indices.count { steps[$0][state[$0]] > 0 } }

  func run(_ score: (Frame) throws -> Predictions) throws -> Counterfactual? {
    let start = State(repeating: 0, count: rows.pool.columns.count)
    let there = try judged([start], score)
    guard let first = there.first else { return nil }
    if first.reach >= 0 { return try shown(start, first.value) }
    var found = try [climbed(start, first.reach, score)].compactMap { $0 }
    found += try descended(score)
    let pulled = try found.map { try pulledBack($0, score) }.filter { changeCount($0) <= settings.maximumChangeCount }
    guard let best = pulled.min(by: { isBefore($0, $1) }), let value = try judged([best], score).first else {
      return nil
    }
    return try shown(best, value.value)
  }

  private func isBefore(_ a: State, _ b: State) -> Bool {
    let (x, y) = (distance(a), distance(b))
    return x != y ? x < y : a.lexicographicallyPrecedes(b)
  }

  /// Changes the cell that brings most for its distance, until the goal is reached.
  private func climbed(
    _ start: State, _ reach: Double, _ score: (Frame) throws -> Predictions
  ) throws -> State? {
    var (state, current) = (start, reach)
    for _ in 0..<settings.maximumChangeCount {
      var next: [State] = []
      for column in candidates.indices where steps[column][state[column]] == 0 {
        for source in candidates[column] {
          var changed = state
          changed[column] = source
          next.append(changed)
        }
      }
      guard !next.isEmpty else { return nil }
      let judged = try judged(next, score)
      let reached = next.indices.filter { judged[$0].reach >= 0 }.map { next[$0] }
      if let best = reached.min(by: { isBefore($0, $1) }) { return best }
      let from = distance(state)
      let gains = next.indices.map { (judged[$0].reach - current) / max(1e-9, distance(next[$0]) - from) }
      guard let best = next.indices.max(by: { gains[$0] < gains[$1] }), judged[best].reach > current else { return nil }
      (state, current) = (next[best], judged[best].reach)
    }
    return nil
  }

  /// The nearest seen rows that reach the goal, with forbidden cells given back.
  private func descended(_ score: (Frame) throws -> Predictions) throws -> [State] {
    let states = (1..<max(1, rows.pool.rowCount)).map { source in
      allowed.indices.map { allowed[$0][source] ? source : 0 }
    }
    guard !states.isEmpty else { return [] }
    let judged = try judged(states, score)
    let reached = states.indices.filter { judged[$0].reach >= 0 }.map { states[$0] }
    return Array(reached.sorted { isBefore($0, $1) }.prefix(settings.startCount))
  }

  /// Gives back or moves nearer one cell after the other while the goal stays reached, the largest saving first.
  private func pulledBack(_ found: State, _ score: (Frame) throws -> Predictions) throws -> State {
    var state = found
    while true {
      var next: [State] = []
      for column in state.indices {
        let far = steps[column][state[column]]
        guard far > 0 else { continue }
        for source in [0] + candidates[column] where steps[column][source] < far {
          var changed = state
          changed[column] = source
          next.append(changed)
        }
      }
      guard !next.isEmpty else { return state }
      let judged = try judged(next, score)
      let reached = next.indices.filter { judged[$0].reach >= 0 }.map { next[$0] }
      guard let best = reached.min(by: { isBefore($0, $1) }) else { return state }
      state = best
    }
  }

  private func shown(_ state: State, _ value: Double) throws -> Counterfactual {
    let changed = try rows.frame(state.map { [$0] })
    let changes = state.indices.filter { steps[$0][state[$0]] > 0 }.map { column in
      Counterfactual.Change(
        column: rows.pool.schema.names[column], from: rows.pool.columns[column].text(at: 0),
        to: rows.pool.columns[column].text(at: state[column]))
    }
    return Counterfactual(changes: changes, distance: distance(state), value: value, row: changed)
  }
}
