import Basics
import Kernels
import Modeling

/// Where training stands between two epochs.
struct TrainingState {
  /// Epochs and steps done.
  var epoch = 0
  var step = 0
  /// Least objective on held-out rows, after which epoch, with which weights.
  var bestObjective = Double.infinity
  var bestEpoch = 0
  var bestValues: [Float] = []
  var bestStatistics: [Float] = []

  /// Notes the present weights as the best.
  mutating func keep(_ values: [Float], _ statistics: [Float], _ objective: Double) {
    bestObjective = objective
    bestEpoch = epoch
    bestValues = values
    bestStatistics = statistics
  }
}

extension NeuralTrainer {
  /// Saves the state where the context wants it.
  func save(_ network: some TrainableNetwork, _ state: TrainingState) throws {
    guard let checkpoints = context.checkpoints, checkpoints.isDue else { return }
    var archive = ArchiveWriter()
    archive.set("identity", .string(plan.identity))
    archive.set("epoch", .integer(Int64(state.epoch)))
    archive.set("step", .integer(Int64(state.step)))
    archive.set("best_epoch", .integer(Int64(state.bestEpoch)))
    archive.add("best_objective", doubles: [state.bestObjective])
    archive.add("best_values", floats: state.bestValues)
    archive.add("best_statistics", floats: state.bestStatistics)
    archive.add("values", floats: network.store.values.whole.values)
    archive.add("first", floats: network.store.first.whole.values)
    archive.add("second", floats: network.store.second.whole.values)
    archive.add("statistics", floats: network.statistics.whole.values)
    try checkpoints.save(archive)
  }

  /// The state saved last by the same training, put back into `network`; `nil` when there is none.
  ///
  /// - Throws: `.corruptFile` when it does not fit the network.
  func resumed(_ network: some TrainableNetwork) throws -> TrainingState? {
    guard let archive = try context.checkpoints?.latest(), try archive.string("identity") == plan.identity else {
      return nil
    }
    var state = TrainingState()
    state.epoch = try archive.integer("epoch")
    state.step = try archive.integer("step")
    state.bestEpoch = try archive.integer("best_epoch")
    state.bestValues = try archive.floats("best_values")
    state.bestStatistics = try archive.floats("best_statistics")
    let store = network.store
    let parts = [
      (store.values, try archive.floats("values")), (store.first, try archive.floats("first")),
      (store.second, try archive.floats("second")), (network.statistics, try archive.floats("statistics")),
    ]
    let best = try archive.doubles("best_objective")
    let hasBest = state.bestEpoch > 0
    guard parts.allSatisfy({ $0.count == $1.count && $1.allSatisfy(\.isFinite) }), best.count == 1, !best[0].isNaN,
      state.bestValues.count == (hasBest ? store.values.count : 0),
      state.bestStatistics.count == (hasBest ? network.statistics.count : 0),
      (0...plan.epochCount).contains(state.epoch), (0...state.epoch).contains(state.bestEpoch),
      state.step == state.epoch * plan.batchCount(network.rowCount)
    else { throw archive.corrupt("holds a state of training that does not fit this network") }
    for (buffer, values) in parts { buffer.whole.copy(values) }
    state.bestObjective = best[0]
    return state
  }
}
