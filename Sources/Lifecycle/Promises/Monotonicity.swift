import Basics
import Frames
import Learners
import Modeling
import Tuning

/// Predictions that follow a column in one direction: who can promise it, and whether it is kept.
enum Monotonicity {
  /// What makes an algorithm monotone.
  enum Promise: Sendable, Hashable {
    /// Settings `increasing` and `decreasing`.
    case settings
    /// A linear score: a weight of the wrong sign is set to 0, which is where the constrained optimum lies.
    case sign
    /// Its predictions never change.
    case constant
  }

  /// What an algorithm can promise; `nil`: nothing.
  ///
  /// - Parameter isPlanned: whether preparation keeps number columns apart from one another; steps listed by hand may
  ///   mix them, and then a linear score promises nothing.
  static func promise(of type: any Estimator.Type, isPlanned: Bool) -> Promise? {
    let settings = Set(type.card.hyperparameters.map(\.name))
    if settings.isSuperset(of: ["increasing", "decreasing"]) { return .settings }
    if type.card.name == Portfolio.baseline { return .constant }
    func isLinear<E: Estimator>(_: E.Type) -> Bool { E.Model.self == LinearModel.self }
    return isPlanned && isLinear(type) ? .sign : nil
  }

  /// `estimator` with the directions among its settings, where it has such settings.
  static func held(
    _ estimator: any Estimator, to directions: [TrainingConstraints.Direction], _ registry: Registry
  ) throws -> any Estimator {
    let type = Swift.type(of: estimator)
    guard !directions.isEmpty, promise(of: type, isPlanned: false) == .settings else { return estimator }
    var settings = try Configuration.encode(estimator)
    for (key, isIncreasing) in [("increasing", true), ("decreasing", false)] {
      let names = directions.filter { $0.isIncreasing == isIncreasing }.map(\.column)
      settings[key] = .array(names.map { .string($0) })
    }
    return try registry.estimator(type.card.name, settings: settings)
  }
}

/// Rows whose one column is led through its values to see which way predictions go.
struct MonotoneProbe: Sendable {
  private let rows: Frame
  private let grids: [(direction: TrainingConstraints.Direction, values: [Double])]

  /// Values each column is led through at most.
  static let gridCount = 25
  /// Change against the direction that is only rounding, as a share of the prediction.
  static let rounding = 1e-9

  /// How a direction is kept.
  struct Outcome: Sendable, Hashable {
    var direction: TrainingConstraints.Direction
    /// Rows looked at.
    var rowCount: Int
    /// Values each was led through.
    var valueCount: Int
    /// Largest step the wrong way between neighbouring values.
    var worst: Double
    var isKept: Bool

    var json: JSONValue {
      [
        "column": .string(direction.column), "direction": .string(direction.word), "rows": .integer(Int64(rowCount)),
        "values": .integer(Int64(valueCount)), "largest_violation": .number(worst), "kept": .boolean(isKept),
      ]
    }
  }

  /// Takes up to `rowCount` rows spread over `frame`; columns are led through quantiles of what `frame` holds.
  init(_ frame: Frame, _ directions: [TrainingConstraints.Direction], rowCount: Int) throws {
    let step = max(1, frame.rowCount / max(1, rowCount))
    rows = frame.gathered(Array(stride(from: 0, to: frame.rowCount, by: step).prefix(rowCount)))
    grids = try directions.map { direction in
      let column = try frame.column(direction.column)
      let known = (column.doubles ?? []).enumerated().filter { column.isPresent($0.offset) && $0.element.isFinite }
      return (direction, Self.quantiles(known.map(\.element)))
    }
  }

  private static func quantiles(_ values: [Double]) -> [Double] {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return [] }
    var out: [Double] = []
    for place in 0..<gridCount {
      let value = sorted[place * (sorted.count - 1) / (gridCount - 1)]
      if out.last != value { out.append(value) }
    }
    return out
  }

  /// Leads every column through its values; the other columns stay as they are.
  func outcomes(_ score: (Frame) throws -> Predictions) throws -> [Outcome] {
    try grids.map { direction, values in
      var outcome = Outcome(
        direction: direction, rowCount: rows.rowCount, valueCount: values.count, worst: 0, isKept: true)
      guard values.count > 1, rows.rowCount > 0 else { return outcome }
      let repeated = (0..<rows.rowCount).flatMap { [Int](repeating: $0, count: values.count) }
      let frame = try Self.setting(
        direction.column, (0..<rows.rowCount).flatMap { _ in values }, rows.gathered(repeated))
      let predictions = try score(frame)
      let said = predictions.values ?? predictions.probabilities(ofClass: 1) ?? []
      for index in said.indices where index % values.count > 0 {
        let step = said[index] - said[index - 1]
        let wrong = direction.isIncreasing ? -step : step
        guard wrong > 0 else { continue }
        outcome.worst = max(outcome.worst, wrong)
        if wrong > Self.rounding * max(1, abs(said[index])) { outcome.isKept = false }
      }
      return outcome
    }
  }

  private static func setting(_ name: String, _ values: [Double], _ frame: Frame) throws -> Frame {
    let kind = try frame.column(name).kind
    let column: Column =
      switch kind {
      case .integer: Column(.integer(values.map { Int64($0) }))
      case .boolean: Column(.boolean(values.map { $0 != 0 }))
      default: Column(.number(values))
      }
    return try frame.setting(Field(name, kind), column)
  }
}
