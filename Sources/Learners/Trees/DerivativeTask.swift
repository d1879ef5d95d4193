import Basics
import Kernels
import Modeling

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

/// Differentiates the objective at all rows.
struct DerivativeTask: Sendable {
  private let objective: any Objective
  private let rows: TrainingRows
  private let scores: SharedDoubles
  private let gradients: SharedDoubles
  private let hessians: SharedDoubles

  init(run: BoostingRun) {
    objective = run.objective
    rows = run.rows
    scores = run.scores
    gradients = run.gradients
    hessians = run.hessians
  }

  /// Fills gradients and hessians, weights included; returns their ranges, one a score.
  func all(_ workers: Workers) throws -> [DerivativeRange] {
    if let grouped = objective as? any GroupedObjective {
      let groups = Workers.blocks(grouped.groupCount, minimum: 16, maximumCount: 1024)
      workers.run(groups.count) { block in
        for group in groups[block] {
          grouped.derivatives(
            group: group, scores: scores, target: rows.numbers, gradients: gradients, hessians: hessians)
        }
      }
    }
    let blocks = Workers.blocks(rows.count, minimum: 4096, maximumCount: 1024)
    let parts = try workers.map(blocks.count) { run(blocks[$0]) }
    var ranges = [DerivativeRange](repeating: .init(), count: objective.scoreCount)
    for part in parts { for k in ranges.indices { ranges[k].join(part[k]) } }
    return ranges
  }

  private func run(_ block: Range<Int>) -> [DerivativeRange] {
    let width = objective.scoreCount
    let all = (block.lowerBound * width)..<(block.upperBound * width)
    // Diagonal softmax curvature understates the joint one; K / (K − 1) is what LightGBM takes.
    let factor = width > 1 ? Double(width) / Double(width - 1) : 1
    return gradients.write(all) { g in
      hessians.write(all) { h in
        if !(objective is any GroupedObjective) {
          scores.read(all) { s in
            rows.numbers.read(block) { objective.derivatives(scores: s, target: $0, gradients: &g, hessians: &h) }
          }
        }
        if let weights = rows.weights { weigh(weights, block, width, &g, &h) }
        return ranges(block.count, width, factor, g.span, &h)
      }
    }
  }

  private func weigh(
    _ weights: [Double], _ block: Range<Int>, _ width: Int, _ g: inout MutableSpan<Double>,
    _ h: inout MutableSpan<Double>
  ) {
    for row in 0..<block.count {
      let weight = weights[block.lowerBound + row]
      for index in (row * width)..<((row + 1) * width) {
        g[index] *= weight
        h[index] *= weight
      }
    }
  }

  private func ranges(
    _ count: Int, _ width: Int, _ factor: Double, _ g: Span<Double>, _ h: inout MutableSpan<Double>
  ) -> [DerivativeRange] {
    if width == 1 {
      let range = VectorMath.range(gradients: g, hessians: h.span)
      return [DerivativeRange(gradient: range.gradient, hessian: range.hessian, leastHessian: range.leastHessian)]
    }
    return (0..<width).map { k in
      var range = DerivativeRange()
      for index in stride(from: k, to: count * width, by: width) {
        if factor != 1 { h[index] *= factor }
        range.gradient = max(range.gradient, abs(g[index]))
        range.hessian = max(range.hessian, h[index])
        range.leastHessian = min(range.leastHessian, h[index])
      }
      return range
    }
  }
}
