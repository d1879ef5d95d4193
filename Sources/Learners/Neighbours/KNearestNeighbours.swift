public import Basics
public import Modeling
import Frames
import Kernels

/// Votes or averages of the nearest training rows, found exactly.
///
/// Columns are standardised inside unless told otherwise (yes and no stay 1 apart). Rows at equal distance count in
/// training order. Class probabilities are shares of the votes with `smoothing` further votes spread by the class
/// shares of training, so that none is 0; with `smoothing` 0 they are those of scikit-learn. A row of weight 3 votes as
/// three rows would: the nearest rows count until their weights add up to `neighbour_count`. The search goes by a k-d
/// tree for few columns, by trying all rows for many, whichever is quicker; the result is the same.
///
/// - Source: Cover and Hart, *Nearest neighbor pattern classification*, 1967; agrees with scikit-learn KNeighbors.
public struct KNearestNeighbours: Estimator {
  /// What distance means.
  public enum Metric: String, Sendable, Hashable, Codable, CaseIterable {
    /// Straight line.
    case euclidean
    /// Sum of absolute differences.
    case manhattan
    /// One minus the cosine of the angle.
    case cosine

    var distance: RowDistance {
      switch self {
      case .euclidean: .squared
      case .manhattan: .manhattan
      case .cosine: .cosine
      }
    }
  }

  /// How much each neighbour counts.
  public enum Voting: String, Sendable, Hashable, Codable, CaseIterable {
    /// All alike.
    case uniform
    /// By one over the distance; rows at distance 0 alone where there are any.
    case distance
  }

  /// Name, settings and source.
  public static let card = Card(
    name: "k-nearest-neighbours", summary: "Lets the most similar training rows vote; needs no shape assumed.",
    tasks: [.classification, .regression], capabilities: [.multiclass, .weights],
    hyperparameters: [
      .init(
        "neighbour_count", "Rows that vote.", .integer(1...10_000, logarithmic: true),
        search: .integer(1...100, logarithmic: true)),
      .init("metric", "What distance means.", .choice(Metric.allCases.map(\.rawValue))),
      .init("voting", "How much each neighbour counts.", .choice(Voting.allCases.map(\.rawValue))),
      .init("standardise", "Whether columns are put on one scale first.", .boolean),
      .init("smoothing", "Votes spread by the class shares of training.", .real(0...1000, logarithmic: false)),
    ], source: "Cover and Hart 1967; scikit-learn KNeighborsClassifier, KNeighborsRegressor",
    presets: [["neighbour_count": 15], ["neighbour_count": 50]], searchRowLimit: 20_000)

  /// Rows that vote.
  public var neighbourCount = 5
  /// What distance means.
  public var metric = Metric.euclidean
  /// How much each neighbour counts.
  public var voting = Voting.uniform
  /// Whether columns are put on one scale first.
  public var standardise = true
  /// Votes spread by the class shares of training.
  public var smoothing = 1.0

  enum CodingKeys: String, CodingKey {
    case metric, voting, standardise, smoothing
    case neighbourCount = "neighbour_count"
  }

  /// Five neighbours, alike, by Euclidean distance.
  public init() {}

  /// Keeps the rows.
  ///
  /// - Throws: `.invalidData` for no rows, missing or infinite cells; `.schemaMismatch` for categories, texts, vectors.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> NeighbourModel {
    try context.checkCancellation()
    let owner = Self.card.name
    let data = try data.withoutWeightlessRows()
    if data.target.isAbsent { throw MLError(.invalidData, "\(owner): needs a target; got none.") }
    let scaling: RowScale.Scaling = standardise ? .standard : .none
    let scale = try RowScale(
      data.frame, weights: data.weights, scaling: scaling, owner: owner, workers: context.workers)
    var rows = try scale.rows(of: data.frame, owner: owner, workers: context.workers)
    if metric == .cosine { NeighbourModel.normalise(&rows, width: scale.width) }
    try context.checkCancellation()
    return NeighbourModel(settings: self, scale: scale, rows: rows, target: data.target, weights: data.weights)
  }
}

extension TrainingData {
  /// The same data without rows of weight 0.
  func withoutWeightlessRows() throws -> TrainingData {
    guard let weights, weights.contains(0) else { return self }
    return try gathered(weights.indices.filter { weights[$0] > 0 })
  }
}
