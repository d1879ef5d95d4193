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
  let layout: [HistogramFeature]
  let scores: SharedDoubles
  let gradients: SharedDoubles
  let hessians: SharedDoubles
  var builder: EnsembleBuilder
  private var validation: ValidationScores?
  private let rowsBefore: Int

  /// Scores a row has.
  var width: Int { objective.scoreCount }

  /// Reads the table into codes.
  init(_ settings: GradientBoostedTrees, _ data: TrainingData, _ context: FitContext) throws {
    self.settings = settings
    self.context = context
    ranks = Ranks(communicator: context.communicator)
    rows = try TrainingRows(data, ranks)
    objective = try BoostingObjective.objective(settings, rows.target, ranks)
    classes = rows.target.classNames
    features = try TreeFeatures(rows.frame, settings, hasWeights: rows.weights != nil, context.workers, ranks)
    try context.checkCancellation()
    layout = features.histograms
    arena = HistogramArena(
      columns: try features.codes(rows.frame, context.workers), features: layout, workers: context.workers)
    let baseline = objective.baseline(
      try ranks.joined(rows.target.doubles), weights: try rows.weights.map(ranks.joined))
    rowsBefore = try ranks.rowsBefore(rows.count)
    scores = SharedDoubles(count: rows.count * baseline.count)
    gradients = SharedDoubles(count: scores.count)
    hessians = SharedDoubles(count: scores.count)
    builder = EnsembleBuilder(features: features, baseline: baseline)
    if let held = data.validation {
      validation = try ValidationScores(held, features, baseline, rows.target, context.workers, ranks)
    }
    for row in 0..<rows.count { for k in baseline.indices { scores[row * baseline.count + k] = baseline[k] } }
  }

  /// Runs all iterations and returns the model of the best.
  func model() throws -> TreeEnsemble {
    var best = (count: 0, value: try validation.map { try $0.value(objective) } ?? .infinity)
    for iteration in 0..<settings.iterationCount {
      try context.checkCancellation()
      let hasGrown = try step(iteration)
      let held = try validation.map { try $0.value(objective) }
      report(iteration, held)
      if let held, held < best.value { best = (iteration + 1, held) }
      if !hasGrown, settings.rowFraction == 1, settings.columnFraction == 1 { break }
      if held != nil, settings.earlyStoppingRounds > 0, iteration + 1 - best.count >= settings.earlyStoppingRounds {
        break
      }
    }
    if validation != nil, settings.earlyStoppingRounds > 0 { builder.keep(iterations: best.count) }
    return try builder.model(objective: objective, classes: classes)
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

  // MARK: one iteration

  /// Adds one tree a score. Returns whether any of them has a split.
  private func step(_ iteration: Int) throws -> Bool {
    let ranges = try differentiate()
    let sample = try RowSample(
      rows, arena, settings.rowFraction, context.seed.derived("rows").derived(iteration), ranks)
    var hasGrown = false
    for k in 0..<width {
      let grown = try grow(k, ranges[k], sample, iteration)
      let values = try leafValues(grown.tree, k, grown.units)
      apply(grown.tree, values, k, sample)
      builder.add(grown.tree, values)
      if !grown.tree.features.isEmpty { hasGrown = true }
    }
    return hasGrown
  }

  /// Largest absolute gradient and the range of hessians of one score.
  struct DerivativeRange: Sendable {
    var gradient = 0.0
    var hessian = 0.0
    var leastHessian = Double.infinity

    mutating func join(_ other: DerivativeRange) {
      gradient = max(gradient, other.gradient)
      hessian = max(hessian, other.hessian)
      leastHessian = min(leastHessian, other.leastHessian)
    }
  }

  /// Fills gradients and hessians, weights included.
  private func differentiate() throws -> [DerivativeRange] {
    let blocks = Workers.blocks(rows.count, minimum: 4096, maximumCount: 1024)
    let task = DerivativeTask(run: self)
    let parts = try context.workers.map(blocks.count) { task.run(blocks[$0]) }
    var ranges = [DerivativeRange](repeating: .init(), count: width)
    for part in parts { for k in 0..<width { ranges[k].join(part[k]) } }
    let largest = try ranks.largest(ranges.flatMap { [$0.gradient, $0.hessian, -$0.leastHessian] })
    return (0..<width).map {
      DerivativeRange(gradient: largest[3 * $0], hessian: largest[3 * $0 + 1], leastHessian: -largest[3 * $0 + 2])
    }
  }

  private func grow(_ k: Int, _ range: DerivativeRange, _ sample: RowSample, _ iteration: Int) throws -> (
    tree: GrownTree, units: GradientUnits
  ) {
    let rowCount = Int(try ranks.sums([Int64(sample.count)])[0])
    let (scale, units) = quantisation(range, count: rowCount, k, iteration)
    let blocks = Workers.blocks(sample.count, minimum: 8192)
    let sums = try context.workers.map(blocks.count) { [arena, gradients, hessians, width] index in
      arena.quantise(
        blocks[index], rows: sample.chosen, gradients: gradients, hessians: hessians, offset: k, stride: width,
        scale: scale)
    }
    let total = try ranks.sums([sums.reduce(0) { $0 + $1.gradient }, sums.reduce(0) { $0 + $1.hessian }])
    let seed = context.seed.derived("columns").derived(iteration * width + k)
    var grower = TreeGrower(
      arena, settings, ranks, units: units, features: layout,
      active: ColumnSample.active(layout.count, settings.columnFraction, seed))
    let tree = try grower.grow(
      entryCount: sample.count, rowCount: rowCount, total: GradientSum(gradient: total[0], hessian: total[1]))
    return (tree, units)
  }

  /// Scales so that the sums of all rows fit 31 bits and one row fits 16; rounds by hash where that leaves few bits.
  private func quantisation(_ range: DerivativeRange, count: Int, _ k: Int, _ iteration: Int) -> (
    Quantisation, GradientUnits
  ) {
    let most = Double(min(32767, (1 << 31 - 1) / max(1, count)) - 1)
    let gradient = range.gradient > 0 ? most / range.gradient : 1
    let isConstant = range.hessian == range.leastHessian
    let hessian = isConstant || range.hessian <= 0 ? 0 : most / range.hessian
    let seed = context.seed.derived("rounding").derived(iteration * width + k).value
    let dither = count > 65536 ? UInt32(truncatingIfNeeded: seed) | 1 : 0
    return (
      Quantisation(gradient: gradient, hessian: hessian, dither: dither, rowsBefore: rowsBefore),
      GradientUnits(
        gradient: 1 / gradient, hessian: hessian > 0 ? 1 / hessian : max(range.hessian, .leastNormalMagnitude))
    )
  }

  /// Values of the leaves, learning rate included.
  private func leafValues(_ tree: GrownTree, _ k: Int, _ units: GradientUnits) throws -> [Double] {
    if tree.features.isEmpty { return [0] }
    let traits = objective as? any BoostingTraits
    return try tree.leafSums.indices.map { leaf in
      let sum = tree.leafSums[leaf]
      let gradient = Double(sum.gradient) * units.gradient
      let shrunk = max(0, abs(gradient) - settings.l1)
      var step = shrunk / max(Double(sum.hessian) * units.hessian + settings.l2, .leastNormalMagnitude)
      if gradient > 0 { step = -step }
      if let level = traits?.leafQuantile { step = try residualQuantile(arena.rows(tree.leafEntries[leaf]), level) }
      if let most = traits?.largestStep { step = min(max(step, -most), most) }
      return step.isFinite ? settings.learningRate * step : 0
    }
  }

  private func residualQuantile(_ leafRows: [Int], _ level: Double) throws -> Double {
    let residuals = try ranks.joined(leafRows.map { rows.numbers[$0] - scores[$0] })
    let weights = try rows.weights.map { weights in try ranks.joined(leafRows.map { weights[$0] }) }
    return Averages.quantile(residuals, weights, level: level)
  }

  /// Adds a tree to the scores of all training and validation rows.
  private func apply(_ tree: GrownTree, _ values: [Double], _ k: Int, _ sample: RowSample) {
    if tree.features.isEmpty { return }
    let parts = tree.leafEntries.enumerated().flatMap { leaf, range in
      Workers.blocks(range.count, minimum: 65536).map {
        (leaf, ($0.lowerBound + range.lowerBound)..<($0.upperBound + range.lowerBound))
      }
    }
    let groups = Workers.blocks(
      parts.count, minimum: 1, maximumCount: rows.count < 16384 ? 1 : 4 * context.workers.count)
    context.workers.run(groups.count) { [arena, scores, width] group in
      for (leaf, range) in parts[groups[group]] {
        arena.add(values[leaf], to: scores, offset: k, stride: width, range: range)
      }
    }
    if let others = sample.others {
      let blocks = Workers.blocks(others.count, minimum: 4096)
      context.workers.run(blocks.count) { [arena, scores, width] index in
        arena.columns.route(
          tree.binned, rows: others, range: blocks[index], leafValues: values, scores: scores, stride: width, offset: k)
      }
    }
    validation?.add(tree, values, k, context.workers)
  }
}

/// Differentiates a block of rows.
struct DerivativeTask: Sendable {
  let objective: any Objective
  let rows: TrainingRows
  let scores: SharedDoubles
  let gradients: SharedDoubles
  let hessians: SharedDoubles

  init(run: BoostingRun) {
    objective = run.objective
    rows = run.rows
    scores = run.scores
    gradients = run.gradients
    hessians = run.hessians
  }

  func run(_ block: Range<Int>) -> [BoostingRun.DerivativeRange] {
    let width = objective.scoreCount
    let all = (block.lowerBound * width)..<(block.upperBound * width)
    // Diagonal softmax curvature understates the joint one; K / (K − 1) is what LightGBM takes.
    let factor = width > 1 ? Double(width) / Double(width - 1) : 1
    return gradients.write(all) { g in
      hessians.write(all) { h in
        scores.read(all) { s in
          rows.numbers.read(block) { objective.derivatives(scores: s, target: $0, gradients: &g, hessians: &h) }
        }
        var ranges = [BoostingRun.DerivativeRange](repeating: .init(), count: width)
        for row in 0..<block.count {
          let weight = rows.weights?[block.lowerBound + row] ?? 1
          for k in 0..<width {
            let index = row * width + k
            if weight != 1 { g[index] *= weight }
            if weight * factor != 1 { h[index] *= weight * factor }
            ranges[k].gradient = max(ranges[k].gradient, abs(g[index]))
            ranges[k].hessian = max(ranges[k].hessian, h[index])
            ranges[k].leastHessian = min(ranges[k].leastHessian, h[index])
          }
        }
        return ranges
      }
    }
  }
}
