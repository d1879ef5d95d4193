import Basics

extension CalibrationReport {
  /// The largest expected error that perfect probabilities would show on as many rows by chance, but for about once in
  /// a thousand times.
  ///
  /// In a bin of `n` rows with mean probability `p`, the share that comes true is nearly normal around `p` with
  /// variance `p (1 − p) / n`; the mean distance of a normal deviate is `√(2/π)` of its standard deviation and varies
  /// by `1 − 2/π` of its variance. Means and variances add up over the bins; three standard deviations are allowed.
  public var chanceError: Double {
    let total = bins.reduce(0) { $0 + $1.weight }
    guard total > 0 else { return 0 }
    var (mean, variance) = (0.0, 0.0)
    for bin in bins {
      let share = bin.weight / total
      let own = min(1, max(0, bin.predicted))
      let spread = own * (1 - own) / bin.weight
      mean += share * (2 / Double.pi * spread).squareRoot()
      variance += share * share * spread * (1 - 2 / Double.pi)
    }
    return mean + 3 * variance.squareRoot()
  }
}
