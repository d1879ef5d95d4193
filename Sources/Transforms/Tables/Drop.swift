public import Basics
public import Frames
public import Modeling

/// Leaves out named columns.
public struct Drop: Transform {
  /// Name, settings and source.
  public static let card = Card(
    name: "drop", summary: "Leaves out named columns.",
    hyperparameters: [.init("columns", "Columns to leave out.", .texts)], source: "Apus")

  /// Columns to leave out.
  public var columns: [String]

  enum CodingKeys: String, CodingKey { case columns }

  /// Leaves out nothing.
  public init() { columns = [] }

  /// Leaves out `columns`.
  public init(columns: [String]) { self.columns = columns }

  /// Checks that the columns are there.
  public func fit(_ frame: Frame, target: Target?, in context: FitContext) throws -> FittedDrop {
    guard !columns.isEmpty else { return try FittedDrop([]) }
    return try FittedDrop(
      ColumnChoice.fields(columns, in: frame.schema, kinds: Set(ColumnKind.allCases), step: Self.card.name))
  }
}

/// Columns that a step leaves out.
public struct FittedDrop: FittedTransform {
  /// The columns left out.
  public let input: Schema
  /// Nothing.
  public var output: Schema { .empty }

  private let route = FrameRoute()

  enum CodingKeys: String, CodingKey { case input }

  init(_ fields: [Field]) throws { input = try Schema(fields) }

  /// The other columns; a frame that never had the dropped ones is as good.
  public func transform(_ frame: Frame) throws -> Frame {
    try frame.replacing(route.route(of: frame, reading: [], input, output), [])
  }
}
