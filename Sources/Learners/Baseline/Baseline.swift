public import Basics
public import Frames
public import Modeling

/// Predicts the same for every row: class shares, or the mean or median. What any model must beat.
public struct Baseline: Estimator {
  /// What a number target becomes.
  public enum Center: String, Sendable, Hashable, Codable, CaseIterable {
    /// Least squared error.
    case mean
    /// Least absolute error.
    case median
  }

  /// Name, settings and source.
  public static let card = Card(
    name: "baseline", summary: "Predicts the class shares, or the mean, for every row: what a model must beat.",
    tasks: [.classification, .regression],
    capabilities: [
      .handlesMissing, .handlesCategories, .handlesVectors, .multiclass, .weights, .scaleInvariant, .orderInvariant,
    ],
    hyperparameters: [
      .init("center", "What numbers are predicted by.", .choice(Center.allCases.map(\.rawValue)))
    ], source: "scikit-learn DummyClassifier(strategy='prior') and DummyRegressor")

  /// What numbers are predicted by.
  public var center: Center

  enum CodingKeys: String, CodingKey { case center }

  /// Mean.
  public init() { center = .mean }

  /// With a center.
  public init(center: Center) { self.center = center }

  /// Counts.
  ///
  /// - Throws: `.invalidData` when there are no rows.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> BaselineModel {
    try context.checkCancellation()
    guard data.target.count > 0 else { throw MLError(.invalidData, "baseline: needs at least one row; got none.") }
    switch data.target {
    case .classes(let codes, let names):
      guard !names.isEmpty else { throw MLError(.invalidData, "baseline: needs a target; got no classes.") }
      var shares = [Double](repeating: 0, count: names.count)
      for row in codes.indices { shares[Int(codes[row])] += data.weights?[row] ?? 1 }
      let total = shares.reduce(0, +)
      return BaselineModel(values: shares.map { $0 / total }, classes: names)
    case .values(let values):
      let value = center == .mean ? Self.mean(values, data.weights) : Self.median(values, data.weights)
      return BaselineModel(values: [value], classes: [])
    }
  }

  private static func mean(_ values: [Double], _ weights: [Double]?) -> Double {
    let total = weights?.reduce(0, +) ?? Double(values.count)
    var mean = 0.0
    for row in values.indices { mean += values[row] / total * (weights?[row] ?? 1) }
    return mean
  }

  /// Smallest value with at least half the weight at or below it; the middle of two when exactly half is.
  private static func median(_ values: [Double], _ weights: [Double]?) -> Double {
    let order = values.indices.filter { (weights?[$0] ?? 1) > 0 }.sorted { values[$0] < values[$1] }
    let half = (weights?.reduce(0, +) ?? Double(values.count)) / 2
    var below = 0.0
    for (position, row) in order.enumerated() {
      below += weights?[row] ?? 1
      if below > half { return values[row] }
      if below == half, position + 1 < order.count { return values[row] / 2 + values[order[position + 1]] / 2 }
    }
    return order.last.map { values[$0] } ?? 0
  }
}

/// What `Baseline` learnt: one number, or one probability a class.
public struct BaselineModel: FittedModel {
  /// It needs no columns.
  public var schema: Schema { .empty }
  /// The number, or the class shares.
  public let values: [Double]
  /// Class names; empty for a number.
  public let classes: [String]

  init(values: [Double], classes: [String]) {
    self.values = values
    self.classes = classes
  }

  /// The same for every row.
  public func predict(_ frame: Frame) throws -> Predictions {
    let all = (0..<frame.rowCount).flatMap { _ in values }
    return Predictions(classes.isEmpty ? .values(all) : .probabilities(all, classes: classes))
  }

  /// Adds the values.
  public func write(to archive: inout ArchiveWriter) throws {
    archive.add("values", doubles: values)
    archive.add("classes", strings: classes)
  }

  /// Reads what `write` wrote.
  public init(from archive: ArchiveReader) throws {
    values = try archive.doubles("values")
    classes = try archive.strings("classes")
    guard values.allSatisfy(\.isFinite), values.count == max(1, classes.count),
      classes.isEmpty || values.allSatisfy({ (0...1).contains($0) })
    else { throw archive.corrupt("holds a baseline whose parts do not fit together") }
  }
}
