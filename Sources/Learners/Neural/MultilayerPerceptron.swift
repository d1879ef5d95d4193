import Basics
public import Modeling
import Frames
import Kernels

/// A network of fully connected layers for tables: numbers are standardised inside, categories get learnt vectors,
/// sparse vectors go straight into the first layer.
///
/// A missing number counts as the mean, and a further input says that it was missing; missing and unseen categories
/// have vectors of their own. Standardised numbers are held to ±20. Classes: softmax and cross-entropy; numbers:
/// squared error of the standardised target. Row weights scale a row's share of the objective and rows of weight 0
/// are left out, but a weight of 3 is not exactly the row three times, because minibatches are drawn from rows. The
/// objective reported for an epoch is the mean over its minibatches, dropout and smoothing included.
///
/// With validation rows the weights of the best epoch are kept. The same seed gives the same bytes for any number of
/// threads on one instruction set.
///
/// - Source: Rumelhart, Hinton and Williams, Nature 323, 1986; Guo and Berkhahn, *Entity embeddings*, 2016.
public struct MultilayerPerceptron: ContinuableEstimator, IterativeEstimator {
  /// Hidden layers.
  public var hiddenLayerCount = 2
  /// Width of the first hidden layer.
  public var hiddenWidth = 128
  /// Each further hidden layer is so much narrower.
  public var widthTaper = 1.0
  /// How hidden layers bend their scores.
  public var activation = HiddenActivation.relu
  /// Whether hidden layers are batch-normalised.
  public var batchNormalisation = false
  /// Share of hidden numbers set to zero in training.
  public var dropout = 0.1
  /// Numbers a category becomes; 0 = by the number of its levels.
  public var embeddingWidth = 0
  /// Passes over the rows at most; 0 = about 1,800 steps for classes and 6,000 for numbers, 8 to 100 passes.
  public var epochCount = 0
  /// Rows of a minibatch; 0 = by their number.
  public var batchSize = 0
  /// Rule of the steps.
  public var optimizer = NeuralOptimizer.adamw
  /// Largest learning rate.
  public var learningRate = 2e-3
  /// Weight decay.
  public var weightDecay = 0.01
  /// How the learning rate falls.
  public var schedule = LearningSchedule.cosine
  /// Share of the steps in which the learning rate rises.
  public var warmupFraction = 0.05
  /// Epochs without improvement on validation rows before stopping; 0 = never, the last weights are kept.
  public var earlyStoppingRounds = 15
  /// Share of each row's class that is spread over all classes.
  public var labelSmoothing = 0.0
  /// Whether classes count alike however many rows they have.
  public var classWeight = ClassWeight.none

  /// The defaults.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case activation, dropout, optimizer, schedule
    case hiddenLayerCount = "hidden_layer_count"
    case hiddenWidth = "hidden_width"
    case widthTaper = "width_taper"
    case batchNormalisation = "batch_normalisation"
    case embeddingWidth = "embedding_width"
    case epochCount = "epoch_count"
    case batchSize = "batch_size"
    case learningRate = "learning_rate"
    case weightDecay = "weight_decay"
    case warmupFraction = "warmup_fraction"
    case earlyStoppingRounds = "early_stopping_rounds"
    case labelSmoothing = "label_smoothing"
    case classWeight = "class_weight"
  }

  /// The same settings with exactly `count` epochs and no early stopping.
  public func withIterationCount(_ count: Int) -> MultilayerPerceptron {
    var copy = self
    copy.epochCount = max(1, count)
    copy.earlyStoppingRounds = 0
    return copy
  }

  /// Learns from `data`.
  ///
  /// - Throws: `.invalidParameter` naming a setting; `.invalidData` for text columns, no rows, no columns, training
  ///   that diverges; `.cancelled`.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> MultilayerPerceptronModel {
    try run(data, continuing: nil, context)
  }

  /// Learns on from the weights of `model`, whose columns, scales and categories stay as they are.
  ///
  /// - Throws: `.schemaMismatch` when `data` does not have the model's columns or classes.
  public func fit(
    _ data: TrainingData, continuing model: MultilayerPerceptronModel, in context: FitContext
  ) throws -> MultilayerPerceptronModel {
    guard data.target.classNames == model.output.classes else {
      throw MLError(
        .schemaMismatch, "\(Self.card.name): the target must have the classes of the model that is continued.",
        hint: "Train a new model.")
    }
    return try run(data, continuing: model, context)
  }

  private func run(
    _ data: TrainingData, continuing model: MultilayerPerceptronModel?, _ context: FitContext
  ) throws -> MultilayerPerceptronModel {
    try validate()
    try context.checkCancellation()
    let data = try classWeight == .balanced ? data.balancingClasses() : data
    let rows = try data.withoutZeroWeights()
    let owner = Self.card.name
    let encoder =
      try model?.encoder
      ?? TableEncoder(
        rows.frame, weights: rows.weights, embeddingWidth: embeddingWidth, owner: owner, workers: context.workers)
    let output = try model?.output ?? NeuralOutput(rows.target, weights: rows.weights, owner: owner)
    let shape = model?.shape ?? self.shape(encoder, output)
    let encoded = try encoder.encode(rows.frame, workers: context.workers)
    try context.checkCancellation()
    let plan = plan(rows.target.count, isForClasses: !output.classes.isEmpty)
    let network = TableNetwork(
      shape, encoded, batchLimit: min(plan.batchSize, rows.target.count), dropout: dropout, workers: context.workers)
    if let model {
      network.store.values.whole.copy(model.values)
      network.statistics.whole.copy(model.statistics)
    } else {
      network.initialise(context.seed.derived("weights"), bias: output.startingBias(rows.target, weights: rows.weights))
    }
    let trainer = NeuralTrainer(
      plan: plan, context: context, target: output.training(rows.target, weights: rows.weights))
    let outcome = try trainer.run(
      network, validate: try validation(data, encoder, output, shape, context))
    return MultilayerPerceptronModel(
      encoder: encoder, output: output, shape: shape, values: shape.fillingUnknown(outcome.values, encoded),
      statistics: outcome.statistics,
      settings: self, iterationCount: (model?.iterationCount ?? 0) + outcome.epochCount)
  }

  /// Objective on validation rows as a function of weights and running averages.
  private func validation(
    _ data: TrainingData, _ encoder: TableEncoder, _ output: NeuralOutput, _ shape: TableShape, _ context: FitContext
  ) throws -> (([Float], [Float]) -> Double)? {
    guard let held = data.validation, held.target.count > 0 else { return nil }
    guard held.target.classNames == output.classes else {
      throw MLError(.schemaMismatch, "\(Self.card.name): validation rows must have the classes of the training rows.")
    }
    let rows = try encoder.encode(held.frame, workers: context.workers)
    let target = output.training(held.target, weights: nil)
    let all = (0..<Int32(rows.rowCount)).map { $0 }
    return { values, statistics in
      let scorer = TableScorer(shape, values: values, statistics: statistics)
      var sum = 0.0
      scorer.forEachBatch(rows) { range, scores in
        sum += target.loss(scores, rows: all[range], smoothing: 0, gradient: nil)
      }
      return sum / Double(rows.rowCount)
    }
  }

  func shape(_ encoder: TableEncoder, _ output: NeuralOutput) -> TableShape {
    let widths = (0..<hiddenLayerCount).map { index in
      max(1, Int((Double(hiddenWidth) * Mathematics.pow(widthTaper, Double(index))).rounded()))
    }
    return TableShape(
      numberWidth: encoder.numberWidth,
      categories: encoder.categories.map { .init(rowCount: $0.rowCount, width: $0.width) },
      vectorWidths: encoder.vectors.map(\.width), hidden: widths, outputWidth: output.width, activation: activation,
      isNormalised: batchNormalisation)
  }

  func plan(_ rowCount: Int, isForClasses: Bool = true) -> TrainingPlan {
    let batch = batchSize > 0 ? batchSize : TrainingPlan.automaticBatch(rowCount)
    let epochs =
      epochCount > 0
      ? epochCount
      : TrainingPlan.automaticEpochs(rowCount, batchSize: batch, steps: isForClasses ? 1800 : 6000, limit: 100)
    return TrainingPlan(
      epochCount: epochs, batchSize: batch, optimizer: optimizer, learningRate: learningRate,
      weightDecay: weightDecay, schedule: schedule, warmupFraction: warmupFraction, patience: earlyStoppingRounds,
      smoothing: labelSmoothing, identity: "\(Self.card.name) \(self) \(rowCount)", owner: Self.card.name)
  }

  /// Checks every setting against the card.
  func validate() throws {
    let settings = try Configuration.encode(self)
    for parameter in Self.card.hyperparameters {
      try parameter.validate(settings[parameter.name] ?? .null, owner: Self.card.name)
    }
  }
}

extension TrainingData {
  /// Without the rows of weight 0.
  func withoutZeroWeights() throws -> TrainingData {
    guard let weights, weights.contains(0) else { return self }
    return try gathered(weights.indices.filter { weights[$0] > 0 })
  }
}
