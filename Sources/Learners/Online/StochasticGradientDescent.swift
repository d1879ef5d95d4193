public import Basics
public import Modeling
import Frames

/// Linear classification or regression by minibatch steps, for data too large for exact methods.
///
/// Columns are standardised first; steps are AdaGrad's on minibatches drawn without repetition, anew each epoch. The
/// order depends on seed and on what rows hold, not on where they stand. Penalties act on standardised weights; those
/// of vector elements only when their element is seen. Ends when the mean loss of an epoch falls by less than
/// `tolerance`.
///
/// - Source: Bottou, *Large-scale machine learning with stochastic gradient descent*, 2010; Duchi, Hazan and Singer
///   2011.
public struct StochasticGradientDescent: Estimator {
  /// What a row costs.
  public enum Loss: String, Sendable, Hashable, Codable, CaseIterable {
    /// Logistic for classes, squared for numbers.
    case automatic = "auto"
    /// Log loss of classes.
    case logistic
    /// Margin of classes, one against the rest.
    case hinge
    /// Squared distance to numbers.
    case squared
    /// Squared near, even beyond one standard deviation of the target.
    case huber
  }

  /// Name, settings and source.
  public static let card = Card(
    name: "sgd", summary: "Linear model by minibatch steps: for more rows than exact methods can hold.",
    tasks: [.classification, .regression], capabilities: [.handlesVectors, .multiclass],
    hyperparameters: [
      .init("loss", "What a row costs.", .choice(Loss.allCases.map(\.rawValue)), search: .choice(["auto"])),
      .init(
        "penalty", "Strength of the penalty on the mean objective.", .real(0...1e6, logarithmic: false),
        search: .real(1e-7...1e-1, logarithmic: true)),
      .init("l1_ratio", "Share of the L1 norm in the penalty.", .real(0...1, logarithmic: false)),
      .init(
        "learning_rate", "Size of the first steps.", .real(1e-6...100, logarithmic: true),
        search: .real(0.01...1, logarithmic: true)),
      .init("epochs", "Times over all rows at most.", .integer(1...10_000, logarithmic: true)),
      .init(
        "batch_size", "Rows a step.", .integer(1...100_000, logarithmic: true),
        search: .integer(8...256, logarithmic: true)),
      .init("average", "Whether predictions use the mean of all weights along the way.", .boolean),
      .init("tolerance", "Least fall of the mean loss in an epoch.", .real(0...1, logarithmic: false)),
    ], source: "Bottou 2010; Duchi, Hazan and Singer 2011; scikit-learn SGDClassifier, SGDRegressor", searchRowLimit: 0)

  /// What a row costs.
  public var loss: Loss
  /// Strength of the penalty on the mean objective, in standardised units.
  public var penalty: Double
  /// Share of the L1 norm in the penalty.
  public var l1Ratio: Double
  /// Size of the first steps.
  public var learningRate: Double
  /// Times over all rows at most.
  public var epochs: Int
  /// Rows a step.
  public var batchSize: Int
  /// Whether predictions use the mean of all weights along the way.
  public var average: Bool
  /// Least fall of the mean loss in an epoch.
  public var tolerance: Double

  enum CodingKeys: String, CodingKey {
    case loss, penalty, epochs, average, tolerance
    case l1Ratio = "l1_ratio"
    case learningRate = "learning_rate"
    case batchSize = "batch_size"
  }

  /// Penalty 1e-4, twenty epochs of batches of 16.
  public init() {
    loss = .automatic
    penalty = 1e-4
    l1Ratio = 0
    learningRate = 0.3
    epochs = 20
    batchSize = 16
    average = false
    tolerance = 1e-5
  }

  /// Learns.
  ///
  /// - Throws: `.invalidParameter` for a loss that does not fit the target; `.invalidData` for one class, no rows,
  ///   missing, infinite or huge cells; `.schemaMismatch` for categories or texts.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> StochasticLinearModel {
    try context.checkCancellation()
    let settings = try settings(data)
    let rows = try StochasticRows(data, schema: data.frame.schema, widths: nil, classes: nil, owner: settings.owner)
    var model = StochasticLinearModel(
      schema: data.frame.schema, classes: data.target.classNames, widths: rows.widths, settings: settings)
    let keys = RowKeys.hashes(data.frame)
    let start = Self.order(keys, rows.target, context.seed)
    for row in start { model.observe(rows, row) }
    var before = Double.infinity
    for epoch in 0..<epochs {
      try context.checkCancellation()
      let order = Self.order(keys, rows.target, context.seed.derived(epoch + 1))
      var total = 0.0
      for start in stride(from: 0, to: order.count, by: batchSize) {
        if start & 4095 < batchSize { try context.checkCancellation() }
        let batch = Array(order[start..<min(start + batchSize, order.count)])
        total += model.step(rows, batch) * Double(batch.count)
      }
      let mean = total / Double(max(1, order.count))
      guard mean.isFinite, model.weights.allSatisfy(\.isFinite) else {
        throw StochasticLinearModel.diverged(settings.owner)
      }
      context.progress(FitProgress(iteration: epoch, iterationCount: epochs))
      if abs(before - mean) < tolerance { break }
      before = mean
    }
    return model
  }

  private func settings(_ data: TrainingData) throws -> StochasticSettings {
    let owner = Self.card.name
    let isClasses: Bool
    if case .classes = data.target {
      _ = try LinearTarget.classes(data, owner: owner)
      isClasses = true
    } else {
      _ = try LinearTarget.numbers(data, owner: owner)
      isClasses = false
    }
    let chosen: StochasticSettings.Loss
    switch (loss, isClasses) {
    case (.automatic, true), (.logistic, true): chosen = .logistic
    case (.hinge, true): chosen = .hinge
    case (.automatic, false), (.squared, false): chosen = .squared
    case (.huber, false): chosen = .huber
    default:
      throw MLError(
        .invalidParameter,
        "\(owner): 'loss' \(loss.rawValue) does not fit a target of \(isClasses ? "classes" : "numbers").",
        hint: "Use auto.", field: "loss")
    }
    return StochasticSettings(
      owner: owner, loss: chosen, penalty: penalty, l1Ratio: l1Ratio, learningRate: learningRate, batchSize: batchSize,
      isAveraged: average)
  }

  /// Rows by a hash of content, target and seed: rows alike stand together, whichever came first.
  private static func order(_ keys: [UInt64], _ target: Target, _ seed: Seed) -> [Int] {
    let truth = target.doubles
    let hashes = keys.indices.map { row in
      StableHash.combine(StableHash.combine(keys[row], StableHash.hash(truth[row])), seed.value)
    }
    return keys.indices.sorted { (hashes[$0], $0) < (hashes[$1], $1) }
  }
}
