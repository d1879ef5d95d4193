import Basics
import Kernels
import Modeling

/// Lloyd's algorithm: rows go to their nearest center, centers to the mean of their rows, until centers rest.
///
/// Rows go in fixed blocks whose sums are joined in order, so any worker count gives the same bits. A center without
/// rows takes the row that is farthest from its own.
///
/// - Source: Lloyd, *Least squares quantization in PCM*, 1982.
struct Lloyd: Sendable {
  let rows: ClusterRows
  let workers: Workers
  let maximumIterations: Int
  /// Ends when centers move less than this squared distance in all; 0: not at all.
  let tolerance: Double
  private let squares: Double

  /// Where a run ended.
  struct Result: Sendable {
    /// Row-major, as far apart as rows.
    var centers: [Double]
    /// Sum of weights of each center.
    var masses: [Double]
    /// Weighted sum of squared distances to the nearest center.
    var inertia: Double
    var iterationCount: Int
  }

  /// - Parameter relativeTolerance: a share of the mean variance of the columns.
  init(_ rows: ClusterRows, workers: Workers, maximumIterations: Int, relativeTolerance: Double) {
    self.rows = rows
    self.workers = workers
    self.maximumIterations = maximumIterations
    var squares = 0.0
    var total = 0.0
    let values = rows.values.span
    for row in 0..<rows.rowCount {
      var sum = 0.0
      for place in (row * rows.stride)..<((row + 1) * rows.stride) { sum += values[place] * values[place] }
      let weight = rows.weights?[row] ?? 1
      squares += weight * sum
      total += weight
    }
    self.squares = squares
    tolerance = total > 0 ? relativeTolerance * squares / total / Double(rows.width) : 0
  }

  /// Runs from `start`; `report` hears the inertia of every pass and may throw to stop.
  func run(from start: [Double], _ report: (Int, Double) throws -> Void) throws -> Result {
    let stride = rows.stride
    let count = start.count / stride
    var centers = start
    var lowest = Double.infinity
    var iteration = 0
    while true {
      iteration += 1
      let pass = try self.pass(PackedCenters(centers, count: count, width: rows.width, stride: stride))
      lowest = min(lowest, max(0, squares + pass.score))
      try report(iteration, lowest)
      let moved = moved(centers, pass)
      var shift = 0.0
      for place in centers.indices { shift += (moved[place] - centers[place]) * (moved[place] - centers[place]) }
      centers = moved
      if shift <= tolerance || iteration >= maximumIterations { break }
    }
    let last = try pass(PackedCenters(centers, count: count, width: rows.width, stride: stride))
    return Result(
      centers: centers, masses: last.masses, inertia: try inertia(of: centers, count), iterationCount: iteration)
  }

  private func pass(_ centers: PackedCenters) throws -> ClusterSums {
    let blocks = Workers.blocks(rows.rowCount, minimum: 4096)
    let parts = try workers.map(blocks.count) { block in
      var labels = [Int32](repeating: 0, count: blocks[block].count)
      var span = labels.mutableSpan
      return rows.assign(blocks[block], to: centers, labels: &span)
    }
    guard var total = parts.first else { preconditionFailure("rows were counted") }
    for part in parts.dropFirst() {
      for place in total.sums.indices { total.sums[place] += part.sums[place] }
      for place in total.masses.indices { total.masses[place] += part.masses[place] }
      total.score += part.score
    }
    return total
  }

  private func moved(_ centers: [Double], _ pass: ClusterSums) -> [Double] {
    let stride = rows.stride
    var out = centers
    var empty: [Int] = []
    for k in pass.masses.indices {
      guard pass.masses[k] > 0 else {
        empty.append(k)
        continue
      }
      for d in 0..<stride { out[k * stride + d] = pass.sums[k * stride + d] / pass.masses[k] }
    }
    if empty.isEmpty { return out }
    let labels = self.labels(centers, pass.masses.count)
    let gaps = labels.indices.map { squaredDistance(row: $0, centers, Int(labels[$0])) }
    let far = gaps.indices.sorted { (-gaps[$0], $0) < (-gaps[$1], $1) }
    for (k, row) in zip(empty, far) where gaps[row] > 0 {
      for d in 0..<stride { out[k * stride + d] = rows.values[row * stride + d] }
    }
    return out
  }

  /// Nearest center of every row, ties to the lowest.
  func labels(_ centers: [Double], _ count: Int) -> [Int32] {
    let packed = PackedCenters(centers, count: count, width: rows.width, stride: rows.stride)
    var labels = [Int32](repeating: 0, count: rows.rowCount)
    var span = labels.mutableSpan
    rows.label(0..<rows.rowCount, by: packed, into: &span)
    return labels
  }

  private func squaredDistance(row: Int, _ centers: [Double], _ k: Int) -> Double {
    var sum = 0.0
    for d in 0..<rows.width {
      let gap = rows.values[row * rows.stride + d] - centers[k * rows.stride + d]
      sum += gap * gap
    }
    return sum
  }

  /// Weighted sum of squared distances, by differences.
  private func inertia(of centers: [Double], _ count: Int) throws -> Double {
    let packed = PackedCenters(centers, count: count, width: rows.width, stride: rows.stride)
    let blocks = Workers.blocks(rows.rowCount, minimum: 4096)
    let parts = try workers.map(blocks.count) { block in
      var labels = [Int32](repeating: 0, count: blocks[block].count)
      var span = labels.mutableSpan
      rows.label(blocks[block], by: packed, into: &span)
      var sum = 0.0
      let (values, middles) = (rows.values.span, centers.span)
      for (place, row) in blocks[block].enumerated() {
        let (first, second) = (row * rows.stride, Int(labels[place]) * rows.stride)
        var distance = 0.0
        for d in 0..<rows.width {
          let gap = values[first + d] - middles[second + d]
          distance += gap * gap
        }
        sum += (rows.weights?[row] ?? 1) * distance
      }
      return sum
    }
    return parts.reduce(0, +)
  }
}
