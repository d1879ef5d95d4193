import Basics
public import Modeling
import Frames
import Kernels

/// A small convolutional network for images: blocks of a 3 × 3 convolution, batch normalisation, ReLU and 2 × 2
/// max-pooling, each with twice the filters of the one before, then a dense layer.
///
/// Pixels are the number columns in their order, or one column of vectors: row by row, pixel by pixel, channel by
/// channel. They are standardised by channel inside; a missing pixel counts as the mean. Row weights scale a row's
/// share of the objective. With validation rows the weights of the best epoch are kept. The same seed gives the same
/// bytes for any number of threads on one instruction set.
///
/// - Source: LeCun et al., *Gradient-based learning applied to document recognition*, 1998; Simonyan and Zisserman,
///   *Very deep convolutional networks*, ICLR 2015.
public struct ConvolutionalNetwork: ContinuableEstimator, IterativeEstimator {
  /// Pixels of a row; 0 = by itself: a square image, or one line.
  public var imageWidth = 0
  /// Rows of pixels; 0 = by itself.
  public var imageHeight = 0
  /// Numbers of a pixel; 0 = one.
  public var channelCount = 0
  /// Blocks; 0 = by the size of the image.
  public var blockCount = 0
  /// Filters of the first block.
  public var filterCount = 32
  /// Width of the dense layer behind the blocks; 0 = none.
  public var denseWidth = 128
  /// Share of the dense layer's numbers set to zero in training.
  public var dropout = 0.3
  /// Pixels by which images are moved at random in training, at most.
  public var shift = 0
  /// Whether images are mirrored at random in training.
  public var horizontalFlip = false
  /// Passes over the images at most; 0 = by their number.
  public var epochCount = 0
  /// Images of a minibatch; 0 = by their number.
  public var batchSize = 0
  /// Rule of the steps.
  public var optimizer = NeuralOptimizer.adamw
  /// Largest learning rate.
  public var learningRate = 3e-3
  /// Weight decay.
  public var weightDecay = 0.01
  /// How the learning rate falls.
  public var schedule = LearningSchedule.cosine
  /// Share of the steps in which the learning rate rises.
  public var warmupFraction = 0.1
  /// Epochs without improvement on validation rows before stopping; 0 = never, the last weights are kept.
  public var earlyStoppingRounds = 8
  /// Share of each image's class that is spread over all classes.
  public var labelSmoothing = 0.0
  /// Whether classes count alike however many images they have.
  public var classWeight = ClassWeight.none

  /// The defaults.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case dropout, shift, optimizer, schedule
    case imageWidth = "image_width"
    case imageHeight = "image_height"
    case channelCount = "channel_count"
    case blockCount = "block_count"
    case filterCount = "filter_count"
    case denseWidth = "dense_width"
    case horizontalFlip = "horizontal_flip"
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
  public func withIterationCount(_ count: Int) -> ConvolutionalNetwork {
    var copy = self
    copy.epochCount = max(1, count)
    copy.earlyStoppingRounds = 0
    return copy
  }

  /// Learns from `data`.
  ///
  /// - Throws: `.invalidParameter` naming a setting or a size that does not fit; `.invalidData` for columns that are
  ///   not pixels, no rows, training that diverges; `.cancelled`.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> ConvolutionalModel {
    try run(data, continuing: nil, context)
  }

  /// Learns on from the weights of `model`, whose size and scales stay as they are.
  ///
  /// - Throws: `.schemaMismatch` when `data` does not have the model's columns or classes.
  public func fit(
    _ data: TrainingData, continuing model: ConvolutionalModel, in context: FitContext
  ) throws -> ConvolutionalModel {
    guard data.target.classNames == model.output.classes else {
      throw MLError(
        .schemaMismatch, "\(Self.card.name): the target must have the classes of the model that is continued.",
        hint: "Train a new model.")
    }
    return try run(data, continuing: model, context)
  }

  private func run(
    _ data: TrainingData, continuing model: ConvolutionalModel?, _ context: FitContext
  ) throws -> ConvolutionalModel {
    try validate()
    try context.checkCancellation()
    let data = try classWeight == .balanced ? data.balancingClasses() : data
    let rows = try data.withoutZeroWeights()
    let owner = Self.card.name
    let encoder =
      try model?.encoder
      ?? ImageEncoder(
        rows.frame, asked: (imageHeight, imageWidth, channelCount), owner: owner, workers: context.workers)
    let output = try model?.output ?? NeuralOutput(rows.target, weights: rows.weights, owner: owner)
    let shape = model?.shape ?? self.shape(encoder, output)
    let images = try encoder.encode(rows.frame, workers: context.workers)
    try context.checkCancellation()
    let plan = plan(rows.target.count)
    let network = ConvolutionTraining(
      shape, images: images, batchLimit: min(plan.batchSize, rows.target.count), dropout: dropout,
      augmentation: .init(shift: shift, flips: horizontalFlip, seed: context.seed.derived("augmentation")),
      workers: context.workers)
    if let model {
      network.store.values.whole.copy(model.values)
      network.statistics.whole.copy(model.statistics)
    } else {
      network.initialise(context.seed.derived("weights"), bias: output.startingBias(rows.target, weights: rows.weights))
    }
    let trainer = NeuralTrainer(
      plan: plan, context: context, target: output.training(rows.target, weights: rows.weights))
    let outcome = try trainer.run(network, validate: try validation(data, encoder, output, shape, context))
    return ConvolutionalModel(
      encoder: encoder, output: output, shape: shape, values: outcome.values, statistics: outcome.statistics,
      iterationCount: (model?.iterationCount ?? 0) + outcome.epochCount)
  }

  /// Objective on validation rows as a function of weights and running averages.
  private func validation(
    _ data: TrainingData, _ encoder: ImageEncoder, _ output: NeuralOutput, _ shape: ConvolutionShape,
    _ context: FitContext
  ) throws -> (([Float], [Float]) -> Double)? {
    guard let held = data.validation, held.target.count > 0 else { return nil }
    guard held.target.classNames == output.classes else {
      throw MLError(.schemaMismatch, "\(Self.card.name): validation rows must have the classes of the training rows.")
    }
    let images = try encoder.encode(held.frame, workers: context.workers)
    let target = output.training(held.target, weights: nil)
    let all = (0..<Int32(held.target.count)).map { $0 }
    return { values, statistics in
      let scores = ConvolutionScorer(shape, values: values, statistics: statistics)
        .scores(images, workers: context.workers)
      return target.loss(scores.whole, rows: all[...], smoothing: 0, gradient: nil) / Double(all.count)
    }
  }

  func shape(_ encoder: ImageEncoder, _ output: NeuralOutput) -> ConvolutionShape {
    let blocks =
      blockCount > 0
      ? blockCount : ConvolutionShape.automaticBlockCount(height: encoder.height, width: encoder.width)
    return ConvolutionShape(
      height: encoder.height, width: encoder.width, channels: encoder.channels,
      filters: (0..<blocks).map { filterCount << $0 }, denseWidth: denseWidth, outputWidth: output.width)
  }

  func plan(_ rowCount: Int) -> TrainingPlan {
    let batch = batchSize > 0 ? batchSize : min(128, TrainingPlan.automaticBatch(rowCount))
    let epochs =
      epochCount > 0
      ? epochCount : TrainingPlan.automaticEpochs(rowCount, batchSize: batch, steps: 3000, limit: 40)
    return TrainingPlan(
      epochCount: epochs, batchSize: batch, optimizer: optimizer, learningRate: learningRate,
      weightDecay: weightDecay, schedule: schedule, warmupFraction: warmupFraction, patience: earlyStoppingRounds,
      smoothing: labelSmoothing, identity: "\(Self.card.name) \(self) \(rowCount)", owner: Self.card.name)
  }

  private func validate() throws {
    let settings = try Configuration.encode(self)
    for parameter in Self.card.hyperparameters {
      try parameter.validate(settings[parameter.name] ?? .null, owner: Self.card.name)
    }
  }
}
