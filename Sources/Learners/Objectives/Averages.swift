import Kernels

/// Weighted means and quantiles that objectives start from.
enum Averages {
  /// Weighted mean; 0 without rows.
  static func mean(_ values: [Double], _ weights: [Double]?) -> Double { mean(values.count, weights) { values[$0] } }

  /// Weighted mean of `term(row)`; 0 without rows.
  static func mean(_ count: Int, _ weights: [Double]?, _ term: (Int) -> Double) -> Double {
    var sum = 0.0
    var total = 0.0
    for row in 0..<count {
      let weight = weights?[row] ?? 1
      if weight == 0 { continue }
      sum += weight * term(row)
      total += weight
    }
    return total > 0 ? sum / total : 0
  }

  /// The smallest value with at least `level` of the weight at or below it; midway to the next value where the weight
  /// falls exactly on `level`, so that level 0.5 is the median. 0 without rows.
  static func quantile(_ values: [Double], _ weights: [Double]?, level: Double) -> Double {
    var order = values.indices.filter { weights?[$0] ?? 1 > 0 }
    if order.isEmpty { return 0 }
    order.sort { (values[$0], $0) < (values[$1], $1) }
    let total = order.reduce(0.0) { $0 + (weights?[$1] ?? 1) }
    let goal = level * total
    var sum = 0.0
    for (position, row) in order.enumerated() {
      sum += weights?[row] ?? 1
      if sum > goal { return values[row] }
      if sum == goal, position + 1 < order.count { return values[row] / 2 + values[order[position + 1]] / 2 }
    }
    return values[order[order.count - 1]]
  }
}
