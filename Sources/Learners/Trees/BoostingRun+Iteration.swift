import Basics
import Kernels
import Modeling

/// One iteration.
extension BoostingRun {
  /// Adds one tree a score. Returns whether any of them has a split.
  func step(_ iteration: Int) throws -> Bool {
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

  /// Fills gradients and hessians; their ranges over all ranks.
  private func differentiate() throws -> [DerivativeRange] {
    let ranges = try DerivativeTask(run: self).all(context.workers)
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
    var grower = TreeGrower(plan, units: units, columns: seed)
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
    if let level = traits?.leafQuantile {
      return try LeafQuantiles(run: self, tree, level).values().map { $0 * settings.learningRate }
    }
    return tree.leafSums.indices.map { leaf in
      let sum = tree.leafSums[leaf]
      let gradient = Double(sum.gradient) * units.gradient
      let shrunk = max(0, abs(gradient) - settings.l1)
      var step = shrunk / max(Double(sum.hessian) * units.hessian + settings.l2, .leastNormalMagnitude)
      if gradient > 0 { step = -step }
      if let most = traits?.largestStep { step = min(max(step, -most), most) }
      step = tree.leafBounds[leaf].held(step)
      return step.isFinite ? settings.learningRate * step : 0
    }
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
