import Basics
import Frames
import Kernels
import Modeling

/// One fit: the table in codes, the scores, and the loop over iterations.
final class BoostingRun {
  let settings: GradientBoostedTrees
  let context: FitContext
  let ranks: Ranks
  let objective: any Objective
  let features: TreeFeatures
  let classes: [String]
  let rows: TrainingRows
  let arena: HistogramArena
  let plan: GrowthPlan
  let baseline: [Double]
  let scores: SharedDoubles
  let gradients: SharedDoubles
  let hessians: SharedDoubles
  /// Iterations of the model that is continued.
  let firstIteration: Int
  let rowsBefore: Int
  var builder: EnsembleBuilder
  private(set) var validation: ValidationScores?

  /// Scores a row has.
  var width: Int { objective.scoreCount }

  /// Reads the table into codes.
  init(
    _ settings: GradientBoostedTrees, _ given: TrainingData, _ model: TreeEnsemble?, _ context: FitContext
  ) throws {
    self.settings = settings
    self.context = context
    ranks = Ranks(communicator: context.communicator)
    try BoostingObjective.check(given.target, settings.objective, "target")
    if let held = given.validation { try ValidationScores.check(held, given.target, settings) }
    var data = try ClassBalance.applied(given, settings, ranks)
    let groups = try GroupColumn.names(data.frame, settings)
    data.frame = GroupColumn.features(data.frame, settings)
    rows = try TrainingRows(data, groups, ranks)
    let goal = try BoostingObjective.objective(settings, rows.target, rows.groups, ranks)
    classes = rows.target.classNames
    let target = rows.target
    let prior = try model.map { try PriorModel($0, target, goal) }
    let frame = try prior?.aligned(rows.frame) ?? rows.frame
    var learnt = try TreeFeatures(frame, settings, hasWeights: rows.weights != nil, context.workers, ranks)
    if let prior { learnt.schema = try prior.schema(learnt.schema) }
    features = learnt
    try context.checkCancellation()
    let constraints = try TreeConstraints(settings, features, classCount: classes.count)
    var layout = features.histograms
    for (index, direction) in constraints.directions.enumerated() { layout[index].direction = direction }
    arena = HistogramArena(
      columns: try features.codes(frame, context.workers), features: layout, workers: context.workers)
    // Rows of equal scores are ranked by what they hold: their order in the table must not matter.
    objective = (goal as? LambdaRankObjective)?.ordered(by: arena.rowHashes) ?? goal
    plan = GrowthPlan(
      arena: arena, settings: settings, ranks: ranks, features: layout, constraints: constraints, context: context)
    let start = try Self.baseline(objective, rows, ranks)
    baseline = prior?.model.baseline ?? start
    rowsBefore = try ranks.rowsBefore(rows.count)
    firstIteration = prior?.model.iterationCount ?? 0
    scores = SharedDoubles(count: rows.count * baseline.count)
    gradients = SharedDoubles(count: scores.count)
    hessians = SharedDoubles(count: scores.count)
    builder = EnsembleBuilder(features: features, baseline: baseline, prior: prior?.model)
    try Self.start(scores, baseline, prior, frame)
    validation = try data.validation.map { try ValidationScores($0, self, prior: prior) }
  }

  private static func baseline(_ objective: any Objective, _ rows: TrainingRows, _ ranks: Ranks) throws -> [Double] {
    let weights = try rows.weights.map { try ranks.joined($0) }
    return objective.baseline(try ranks.joined(rows.target.doubles), weights: weights)
  }

  /// Scores before the first new tree.
  static func start(_ scores: SharedDoubles, _ baseline: [Double], _ prior: PriorModel?, _ frame: Frame) throws {
    if let prior {
      for (index, score) in try prior.model.scores(frame).enumerated() { scores[index] = score }
    } else {
      for row in 0..<(scores.count / max(1, baseline.count)) {
        for k in baseline.indices { scores[row * baseline.count + k] = baseline[k] }
      }
    }
  }

  /// Runs all iterations and returns the model of the best.
  func model() throws -> TreeEnsemble {
    var best = BestIteration(count: 0, value: try validation?.value() ?? .infinity)
    let done = try resume(&best)
    for iteration in done..<max(done, settings.iterationCount) {
      try context.checkCancellation()
      let hasGrown = try step(firstIteration + iteration)
      let held = try validation?.value()
      report(iteration, held)
      if let held, held < best.value { best = BestIteration(count: iteration + 1, value: held) }
      if !hasGrown, !isSampled { break }
      if held != nil, settings.earlyStoppingRounds > 0, iteration + 1 - best.count >= settings.earlyStoppingRounds {
        break
      }
      try save(best)
    }
    if validation != nil, settings.earlyStoppingRounds > 0 { builder.keep(iterations: best.count) }
    return try builder.model(objective: objective, classes: classes)
  }

  /// Whether another iteration may see other rows or columns.
  private var isSampled: Bool {
    settings.rowFraction < 1 || settings.columnFraction < 1 || settings.columnFractionPerNode < 1
  }

  private func report(_ iteration: Int, _ held: Double?) {
    let isDue = rows.count * width <= 20_000 || iteration % 25 == 0 || iteration + 1 == settings.iterationCount
    context.progress(
      FitProgress(
        iteration: iteration + 1, iterationCount: settings.iterationCount,
        trainingObjective: isDue ? trainingObjective() : nil,
        validationObjective: held))
  }

  private func trainingObjective() -> Double {
    scores.read(0..<scores.count) { scores in
      rows.numbers.read(0..<rows.count) { objective.value(scores: scores, target: $0, weights: rows.weights) }
    }
  }
}

/// The iteration after which validation rows were predicted best.
struct BestIteration: Sendable, Hashable {
  /// Iterations up to it.
  var count: Int
  /// Objective on validation rows.
  var value: Double
}
