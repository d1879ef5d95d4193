import Basics
import Frames
import Modeling
import Synchronization

/// Where a fitted step finds its columns and where what it makes goes: worked out once for each schema it meets.
///
/// Holds the last route only; equal to any other, so that it takes no part in comparing steps.
final class FrameRoute: Sendable, Hashable {
  /// A route for frames of one schema.
  final class Route: Sendable {
    let schema: Schema
    /// Positions of the columns the step reads.
    let inputs: [Int]
    /// Schema after the step.
    let result: Schema
    /// Of each column of `result`: its position before, or `~index` of what the step made.
    let sources: [Int]
    let madeCount: Int

    /// Fields of `input` leave, those of `output` take their places (same name) or follow.
    init(_ schema: Schema, reading names: [String], _ input: Schema, _ output: Schema) throws {
      self.schema = schema
      inputs = try names.map { name in
        guard let index = schema.index(of: name) else {
          throw MLError.unknown("column", name, among: schema.names, in: "frame", code: .schemaMismatch)
        }
        return index
      }
      var fields: [Field] = []
      var sources: [Int] = []
      for (position, field) in schema.fields.enumerated() {
        if let index = output.index(of: field.name) {
          fields.append(output.fields[index])
          sources.append(~index)
        } else if input.index(of: field.name) == nil {
          fields.append(field)
          sources.append(position)
        }
      }
      for (index, field) in output.fields.enumerated() where schema.index(of: field.name) == nil {
        fields.append(field)
        sources.append(~index)
      }
      result = try Schema(fields)
      self.sources = sources
      madeCount = output.count
    }
  }

  private let last = Mutex<Route?>(nil)

  /// The route of `frame` through a step that reads `names`.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column.
  func route(
    of frame: Frame, reading names: @autoclosure () -> [String], _ input: Schema, _ output: Schema
  ) throws -> Route {
    if let known = last.withLock({ $0 }), known.schema.isCopy(of: frame.schema) { return known }
    let made = try Route(frame.schema, reading: names(), input, output)
    last.withLock { $0 = made }
    return made
  }

  static func == (a: FrameRoute, b: FrameRoute) -> Bool { true }
  func hash(into hasher: inout Hasher) {}
}

extension Frame {
  /// The frame after a step that made `made`.
  ///
  /// - Throws: `.corruptFile` when the step's columns are not those it announced.
  func replacing(_ route: FrameRoute.Route, _ made: [Column]) throws -> Frame {
    guard made.count == route.madeCount else {
      throw MLError(.corruptFile, "preparation: a step made \(made.count) columns; must be \(route.madeCount).")
    }
    var columns: [Column] = []
    columns.reserveCapacity(route.sources.count)
    for source in route.sources { columns.append(source >= 0 ? self.columns[source] : made[~source]) }
    return try Frame(route.result, columns, rowCount: rowCount)
  }

  /// The frame after a step, for one use.
  func replacing(_ input: Schema, with output: Schema, _ made: [Column]) throws -> Frame {
    try replacing(FrameRoute.Route(schema, reading: [], input, output), made)
  }
}

extension FittedTransform {
  /// `count` columns or groups of them, made on `workers` where there are any: a pool costs more than the few cells of
  /// one request.
  func columns<Made: Sendable>(
    _ count: Int, on workers: Workers?, _ make: @Sendable (Int) throws -> Made
  ) throws -> [Made] {
    try workers?.map(count, make) ?? (0..<count).map(make)
  }
}
