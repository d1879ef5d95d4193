public import Basics
public import Modeling
import Frames

/// Logistic regression that learns one row at a time, in the order of the rows, and can be updated for ever.
///
/// The order of rows matters by design: later ones count more while rates are high.
///
/// - Source: Duchi, Hazan and Singer, *Adaptive subgradient methods for online learning*, JMLR 12, 2011.
public struct OnlineLogisticRegression: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "online-logistic-regression",
    summary: "Classifier that learns row by row and goes on learning from the stream.",
    tasks: [.classification], capabilities: [.handlesVectors, .multiclass],
    hyperparameters: [
      .init(
        "learning_rate", "Size of the first steps; each weight's steps shrink as it learns.",
        .real(1e-6...100, logarithmic: true), search: .real(0.01...1, logarithmic: true)),
      .init(
        "penalty", "Strength of the L2 penalty on the mean objective.", .real(0...1e6, logarithmic: false),
        search: .real(1e-8...1e-2, logarithmic: true)),
      .init(
        "passes", "Times a first fit goes over its rows.", .integer(1...1000, logarithmic: true),
        search: .integer(1...10, logarithmic: true)),
    ], source: "Duchi, Hazan and Singer 2011", searchRowLimit: 0)

  /// Size of the first steps.
  public var learningRate: Double
  /// Strength of the L2 penalty on the mean objective, in standardised units.
  public var penalty: Double
  /// Times a first fit goes over its rows; updates go over theirs once.
  public var passes: Int

  enum CodingKeys: String, CodingKey {
    case penalty, passes
    case learningRate = "learning_rate"
  }

  /// Rate 0.3, penalty 1e-6, three passes.
  public init() { self.init(learningRate: 0.3) }

  /// With settings.
  public init(learningRate: Double, penalty: Double = 1e-6, passes: Int = 3) {
    self.learningRate = learningRate
    self.penalty = penalty
    self.passes = passes
  }

  /// Learns from the rows in their order.
  ///
  /// - Throws: `.invalidData` for a target of the other kind, no rows, missing, infinite or huge cells;
  ///   `.schemaMismatch` for categories or texts.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> StochasticLinearModel {
    try context.checkCancellation()
    let owner = Self.card.name
    _ = try LinearTarget.classes(data, owner: owner)
    let settings = StochasticSettings(
      owner: owner, loss: .logistic, penalty: penalty, l1Ratio: 0, learningRate: learningRate, batchSize: 1,
      isAveraged: false)
    let rows = try StochasticRows(data, schema: data.frame.schema, widths: nil, classes: nil, owner: owner)
    var model = StochasticLinearModel(
      schema: data.frame.schema, classes: data.target.classNames, widths: rows.widths, settings: settings)
    for pass in 0..<passes {
      try context.checkCancellation()
      context.progress(FitProgress(iteration: pass, iterationCount: passes))
      for row in 0..<rows.rowCount {
        if row & 1023 == 0 { try context.checkCancellation() }
        if pass == 0 { model.observe(rows, row) }
        _ = model.step(rows, [row])
      }
    }
    guard model.weights.allSatisfy(\.isFinite) else { throw StochasticLinearModel.diverged(owner) }
    return model
  }
}
