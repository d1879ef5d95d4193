import Basics
import Kernels
import Modeling

/// A network in training.
protocol TrainableNetwork: AnyObject {
  var store: ParameterStore { get }
  /// Running averages of normalisations.
  var statistics: NeuralBuffer { get }
  /// Rows there are to learn from.
  var rowCount: Int { get }
  /// Scores of a minibatch.
  func forward(_ rows: ArraySlice<Int32>, epoch: Int, _ step: StepSeed) -> NeuralRegion
  /// Where derivatives by those scores go.
  func outputGradient(_ rowCount: Int) -> NeuralRegion
  /// Gradients of all weights.
  func backward(_ rows: ArraySlice<Int32>, _ step: StepSeed)
}

/// How a network is trained, whatever it looks like.
struct TrainingPlan: Sendable {
  var epochCount: Int
  var batchSize: Int
  var optimizer: NeuralOptimizer
  var learningRate: Double
  var weightDecay: Double
  var schedule: LearningSchedule
  var warmupFraction: Double
  var patience: Int
  var smoothing: Double
  /// What a checkpoint must have been made with.
  var identity: String
  var owner: String

  /// Minibatches of an epoch: sizes differ by one row at most.
  func batchCount(_ rowCount: Int) -> Int { max(1, (rowCount + batchSize - 1) / batchSize) }

  /// Learning rate of step `index` of `count`: warm-up, then the schedule.
  func rate(_ index: Int, of count: Int) -> Double {
    let warm = warmupFraction * Double(count)
    let position = Double(index)
    if position < warm { return learningRate * (position + 1) / (warm + 1) }
    guard schedule == .cosine else { return learningRate }
    let share = min(1, (position - warm) / max(1, Double(count) - warm))
    return learningRate * 0.5 * (1 + Mathematics.cos(share * .pi))
  }

  /// Rows of a minibatch when the setting is 0.
  static func automaticBatch(_ rowCount: Int) -> Int {
    rowCount < 1_000 ? 32 : rowCount < 4_000 ? 64 : rowCount < 16_000 ? 128 : 256
  }

  /// Epochs when the setting is 0: about as many steps whatever the number of rows.
  static func automaticEpochs(_ rowCount: Int, batchSize: Int, steps: Int, limit: Int) -> Int {
    max(8, min(limit, steps * batchSize / max(1, rowCount)))
  }
}

/// How the learning rate falls.
public enum LearningSchedule: String, Sendable, Hashable, Codable, CaseIterable {
  /// Along half a cosine to zero (Loshchilov and Hutter, *SGDR*, ICLR 2017).
  case cosine
  /// Not at all.
  case constant
}

/// Runs the epochs: minibatches in an order drawn from the seed, validation after each, the best weights kept.
struct NeuralTrainer {
  let plan: TrainingPlan
  let context: FitContext
  let target: NeuralTarget

  /// What training came to.
  struct Outcome {
    var values: [Float]
    var statistics: [Float]
    var epochCount: Int
  }

  /// Trains `network`; `validate` gives the objective on held-out rows, if there are any.
  ///
  /// - Throws: `.cancelled`; `.invalidData` when weights stop being numbers.
  func run(
    _ network: some TrainableNetwork, validate: (([Float], [Float]) -> Double)?
  ) throws -> Outcome {
    var state = try resumed(network) ?? TrainingState()
    let batchCount = plan.batchCount(network.rowCount)
    while state.epoch < plan.epochCount, !isOver(state, validate != nil) {
      try context.checkCancellation()
      let objective = try epoch(network, &state, batchCount)
      let values = network.store.values.whole.values
      guard objective.isFinite, values.allSatisfy(\.isFinite) else {
        throw MLError(
          .invalidData, "\(plan.owner): training diverged in epoch \(state.epoch + 1).",
          hint: "Lower 'learning_rate'.", field: "learning_rate")
      }
      state.epoch += 1
      let held = validate.map { $0(values, network.statistics.whole.values) }
      if let held, held < state.bestObjective {
        state.keep(values, network.statistics.whole.values, held)
      }
      context.progress(
        FitProgress(
          iteration: state.epoch, iterationCount: plan.epochCount, trainingObjective: objective,
          validationObjective: held))
      try save(network, state)
    }
    if state.bestEpoch > 0, plan.patience > 0 {
      return Outcome(values: state.bestValues, statistics: state.bestStatistics, epochCount: state.bestEpoch)
    }
    return Outcome(
      values: network.store.values.whole.values, statistics: network.statistics.whole.values, epochCount: state.epoch)
  }

  private func isOver(_ state: TrainingState, _ validates: Bool) -> Bool {
    validates && plan.patience > 0 && state.epoch - state.bestEpoch >= plan.patience
  }

  /// One pass over the rows; returns the mean objective.
  private func epoch(_ network: some TrainableNetwork, _ state: inout TrainingState, _ batchCount: Int) throws -> Double
  {
    let order = Self.order(network.rowCount, context.seed.derived("order").derived(state.epoch))
    var sum = 0.0
    for batch in 0..<batchCount {
      try context.checkCancellation()
      let start = order.count * batch / batchCount
      let rows = order[start..<(order.count * (batch + 1) / batchCount)]
      let step = StepSeed(seed: context.seed.derived("dropout"), index: state.step)
      let scores = network.forward(rows, epoch: state.epoch, step)
      let gradient = network.outputGradient(rows.count)
      sum += target.loss(scores, rows: rows, smoothing: plan.smoothing, gradient: gradient)
      network.backward(rows, step)
      let rate = plan.rate(state.step, of: plan.epochCount * batchCount)
      state.step += 1
      network.store.step(
        StepRule(optimizer: plan.optimizer, rate: rate, decay: plan.weightDecay, index: state.step), context.workers)
    }
    return sum / Double(order.count)
  }

  /// Rows in an order that the seed draws.
  static func order(_ count: Int, _ seed: Seed) -> [Int32] {
    var order = (0..<Int32(count)).map { $0 }
    var stream = seed.generator
    for index in stride(from: count - 1, to: 0, by: -1) { order.swapAt(index, stream.index(below: index + 1)) }
    return order
  }
}
