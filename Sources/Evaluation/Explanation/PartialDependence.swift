public import Basics
public import Frames
public import Modeling

/// What the model says on average when one column is set to each of its values, everything else as it is.
///
/// - Source: Friedman, *Greedy function approximation*, Ann. Statist. 29(5), 2001; Goldstein et al., *Peeking inside
///   the black box* (individual curves), 2015.
public struct PartialDependence: Sendable, Hashable {
  /// One value of the column.
  public struct Point: Sendable, Hashable {
    /// The value as a person would read it.
    public var value: String
    /// The value as a number; `nil` for categories and missing.
    public var number: Double?
    /// Mean prediction.
    public var mean: Double
    /// Prediction below which a tenth of rows lie.
    public var low: Double
    /// Prediction below which nine tenths of rows lie.
    public var high: Double
  }

  /// Column.
  public var column: String
  /// Class whose probability is shown; empty for numbers.
  public var output: String
  /// Values by size, then missing.
  public var points: [Point]
  /// Predictions of single rows at each point, `[rows shown][points]`.
  public var individual: [[Double]]

  /// `{"column", "output", "points": [{"value", "number", "mean", "low", "high"}], "individual": [[…]]}`.
  public var json: JSONValue {
    [
      "column": .string(column), "output": .string(output),
      "points": .array(
        points.map {
          [
            "value": .string($0.value), "number": .finite($0.number), "mean": .finite($0.mean), "low": .finite($0.low),
            "high": .finite($0.high),
          ]
        }), "individual": .array(individual.map { .array($0.map { .finite($0) }) }),
    ]
  }

  /// Curve of one column.
  ///
  /// Where columns hang together it shows rows that never occur; see `AccumulatedEffects`.
  ///
  /// - Parameters:
  ///   - output: class name; `nil` = the positive class, or the number.
  ///   - pointCount: values at most, evenly chosen by rank.
  ///   - individualCount: rows whose own curves are kept, chosen by the hash of their key.
  ///   - score: predictions for a frame.
  /// - Throws: `.schemaMismatch` for an unknown column, `.invalidParameter` for text, vectors and unknown classes,
  ///   `.invalidData` without rows, and what `score` throws.
  public static func make(
    _ column: String, _ frame: Frame, output: String? = nil, pointCount: Int = 20, individualCount: Int = 30,
    rowKeys: [UInt64]? = nil, score: (Frame) throws -> Predictions
  ) throws -> PartialDependence {
    let own = try frame.column(column)
    guard own.kind != .text, own.kind != .vector else {
      throw MLError(
        .invalidParameter, "partial dependence: column '\(column)' of kind \(own.kind.rawValue) has no order.",
        field: column)
    }
    guard frame.rowCount > 0 else { throw MLError(.invalidData, "partial dependence: needs rows; got 0.") }
    var sources = CompositeRows.distinct(own, among: Array(0..<own.count), limit: max(2, pointCount))
    if let missing = (0..<own.count).first(where: { !own.isPresent($0) }) { sources.append(missing) }
    let keys = RowIdentity.distinct(rowKeys, target: nil, rowCount: frame.rowCount)
    let shown = keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.prefix(individualCount)
    let numbers = own.doubles
    var out = PartialDependence(
      column: column, output: "", points: [], individual: [[Double]](repeating: [], count: shown.count))
    for source in sources {
      let constant = own.gathered([Int](repeating: source, count: frame.rowCount))
      let field = frame.schema[column] ?? Field(of: constant, name: column)
      let said = ModelOutputs(try score(frame.setting(field, constant)))
      let index = try said.index(of: output, owner: "partial dependence")
      let values = said.column(index)
      out.output = said.names[index]
      let sorted = values.sorted()
      let number = numbers.flatMap { $0[source].isNaN ? nil : $0[source] }
      out.points.append(
        Point(
          value: own.text(at: source) ?? RowGroups.missing, number: number,
          mean: values.reduce(0, +) / Double(values.count), low: Bootstrap.quantile(sorted, 0.1),
          high: Bootstrap.quantile(sorted, 0.9)))
      for (place, row) in shown.enumerated() { out.individual[place].append(values[row]) }
    }
    return out
  }
}
