package import Basics
package import Modeling
import Frames
import Kernels

/// A network laid open for one minibatch of all rows: the objective and its derivatives at any weights. For checks
/// against differences and against other implementations; no fit goes through it.
///
/// Weights in order: rows of categories, rows of vector elements, then each layer's weights `[input, output]`, gain
/// where it is normalised, bias; of convolutions `[row, column, input, output]`, gain, shift.
package struct NeuralProbe {
  private let network: any TrainableNetwork
  private let target: NeuralTarget
  private let plan: TrainingPlan
  private let step = StepSeed(seed: Seed(3), index: 0)

  /// Starting weights.
  package var weights: [Float] { network.store.values.whole.values }

  /// Lays open what `settings` would train on `data`, with starting weights drawn from `seed`.
  package init(_ settings: MultilayerPerceptron, _ data: TrainingData, seed: Seed) throws {
    let encoder = try TableEncoder(
      data.frame, weights: data.weights, embeddingWidth: settings.embeddingWidth, owner: "probe", workers: .serial)
    let output = try NeuralOutput(data.target, weights: data.weights, owner: "probe")
    let network = TableNetwork(
      settings.shape(encoder, output), try encoder.encode(data.frame, workers: .serial), batchLimit: data.target.count,
      dropout: settings.dropout, workers: .serial)
    network.initialise(seed, bias: output.startingBias(data.target, weights: data.weights))
    self.network = network
    target = output.training(data.target, weights: data.weights)
    plan = settings.plan(data.target.count)
  }

  /// Lays open what `settings` would train on `data`, with starting weights drawn from `seed`.
  package init(_ settings: ConvolutionalNetwork, _ data: TrainingData, seed: Seed) throws {
    let encoder = try ImageEncoder(
      data.frame, asked: (settings.imageHeight, settings.imageWidth, settings.channelCount), owner: "probe",
      workers: .serial)
    let output = try NeuralOutput(data.target, weights: data.weights, owner: "probe")
    let network = ConvolutionTraining(
      settings.shape(encoder, output), images: try encoder.encode(data.frame, workers: .serial),
      batchLimit: data.target.count, dropout: settings.dropout,
      augmentation: .init(shift: 0, flips: false, seed: Seed(0)), workers: .serial)
    network.initialise(seed, bias: output.startingBias(data.target, weights: data.weights))
    self.network = network
    target = output.training(data.target, weights: data.weights)
    plan = settings.plan(data.target.count)
  }

  /// Objective and derivatives at `weights`, in training mode.
  package func derivatives(at weights: [Float]) -> (objective: Double, gradient: [Float]) {
    network.store.values.whole.copy(weights)
    network.store.gradients.whole.fill(0)
    let rows = (0..<Int32(network.rowCount)).map { $0 }
    let scores = network.forward(rows[...], epoch: 0, step)
    let sum = target.loss(
      scores, rows: rows[...], smoothing: plan.smoothing, gradient: network.outputGradient(rows.count))
    network.backward(rows[...], step)
    return (sum / Double(rows.count), network.store.gradients.whole.values)
  }

  /// Weights after `count` steps from `weights` at the largest learning rate.
  package func stepped(from weights: [Float], count: Int) -> [Float] {
    network.store.first.whole.fill(0)
    network.store.second.whole.fill(0)
    var weights = weights
    for index in 1...max(1, count) {
      _ = derivatives(at: weights)
      network.store.step(
        StepRule(optimizer: plan.optimizer, rate: plan.learningRate, decay: plan.weightDecay, index: index), .serial)
      weights = self.weights
    }
    return weights
  }
}
