public import Basics
public import Modeling

/// Turns a model's probabilities into ones that come true as often as they say.
public enum Calibrator: Sendable, Hashable, Codable {
  /// Leaves probabilities as they are.
  case identity
  /// Two classes: a sigmoid of the log-odds.
  case sigmoid(Sigmoid)
  /// Two classes: a monotone curve.
  case isotonic(MonotoneCurve)
  /// Two classes: a curve that bends the two ends of the scale apart.
  case beta(BetaCurve)
  /// Any number of classes: log-probabilities divided by it, above 0; above 1 tempers overconfidence.
  case temperature(Double)

  /// Registered name of the kind.
  public var name: String {
    switch self {
    case .identity: "none"
    case .sigmoid: "sigmoid"
    case .isotonic: "isotonic"
    case .beta: "beta"
    case .temperature: "temperature"
    }
  }

  /// Calibrated predictions; numbers and decisions stay as they are.
  public func applied(to predictions: Predictions) -> Predictions {
    guard case .probabilities(let values, let classes) = predictions.storage, classes.count >= 2 else {
      return predictions
    }
    let calibrated: [Double]
    switch self {
    case .identity: return predictions
    case .sigmoid(let sigmoid): calibrated = Self.binary(values, classes) { sigmoid($0, against: $1) }
    case .isotonic(let curve): calibrated = Self.binary(values, classes) { probability, _ in curve(probability) }
    case .beta(let curve): calibrated = Self.binary(values, classes) { curve($0, against: $1) }
    case .temperature(let temperature): calibrated = Self.tempered(values, classes.count, temperature)
    }
    return Predictions(.probabilities(calibrated, classes: classes), decisions: predictions.decisions)
  }

  /// Maps the probability of the second class, given with that of the first: near 1 only the latter tells two rows
  /// apart.
  private static func binary(
    _ values: [Double], _ classes: [String], _ map: (Double, Double) -> Double
  ) -> [Double] {
    guard classes.count == 2 else { return values }
    var out = values
    for row in stride(from: 0, to: values.count, by: 2) {
      out[row + 1] = min(max(map(values[row + 1], values[row]), 0), 1)
      out[row] = 1 - out[row + 1]
    }
    return out
  }

  static func tempered(_ values: [Double], _ width: Int, _ temperature: Double) -> [Double] {
    var out = values
    for start in stride(from: 0, to: values.count, by: width) {
      let logs = (0..<width).map { Mathematics.log(max(values[start + $0], 1e-300)) / temperature }
      let top = logs.max() ?? 0
      let raised = logs.map { Mathematics.exp($0 - top) }
      let sum = raised.reduce(0, +)
      for k in 0..<width { out[start + k] = raised[k] / sum }
    }
    return out
  }
}

/// Chooses and fits calibrators.
public enum Calibration {
  /// Rows of the rarer class below which nothing is fitted, and below which a curve is not tried.
  static let minimumRare = 20.0
  static let minimumRareForCurve = 500.0
  /// Rows of the rarer class below which three parameters are not tried.
  static let minimumRareForBeta = 100.0

  /// The calibrator that lowers `log_loss` on rows it was not fitted on, fitted on all rows; `.identity` when none
  /// does by more than one standard error. A beta curve is chosen only where it lowers the loss of the best of the
  /// others once more by more than one standard error.
  ///
  /// - Parameters:
  ///   - predictions: out-of-fold: a model's probabilities on its own training rows are flattering.
  ///   - rowKeys: content keys, which decide the parts of the cross-check.
  /// - Throws: `.shapeMismatch`, `.invalidData`.
  public static func fit(
    _ predictions: Predictions, _ target: Target, weights: [Double]? = nil, rowKeys: [UInt64]? = nil,
    seed: Seed = Seed(0)
  ) throws -> Calibrator {
    guard predictions.classes.count >= 2, target.count > 0 else { return .identity }
    let rows = try ClassRows(predictions, target, owner: "calibration")
    let ones = try RowWeights.checked(weights, rowCount: rows.rowCount, owner: "calibration")
    let rare = rarest(rows, ones)
    guard rare >= minimumRare else { return .identity }
    let kinds = kinds(rows.classCount, rare)
    let keys = RowIdentity.distinct(rowKeys, target: target.doubles, rowCount: target.count)
    let parts = keys.map { Int(StableHash.combine($0, seed.derived("calibration").value) % 5) }
    let plain = losses(rows, .identity)
    func gains(_ kind: Kind) -> [Double] {
      var gains = [Double](repeating: 0, count: rows.rowCount)
      for part in 0..<5 {
        let others = zip(ones, parts).map { $1 == part ? 0 : $0 }
        let after = losses(rows, kind.fitted(rows, others))
        for row in gains.indices where parts[row] == part { gains[row] = plain[row] - after[row] }
      }
      return gains
    }
    var best: (gain: Double, kind: Kind, gains: [Double])?
    for kind in kinds {
      let found = gains(kind)
      let (mean, error) = meanAndError(found, ones)
      if mean > error, mean > (best?.gain ?? 0) { best = (mean, kind, found) }
    }
    if rows.classCount == 2, rare >= minimumRareForBeta {
      let found = gains(.beta)
      let (mean, error) = meanAndError(zip(found, best?.gains ?? found.map { _ in 0 }).map { $0 - $1 }, ones)
      if mean > error { best = (mean, .beta, found) }
    }
    return best?.kind.fitted(rows, ones) ?? .identity
  }

  enum Kind: Sendable {
    case sigmoid, isotonic, temperature, beta

    func fitted(_ rows: ClassRows, _ weights: [Double]) -> Calibrator {
      switch self {
      case .sigmoid:
        return Sigmoid.fitted(rows.column(1), rows.column(0), isPositive: rows.truth.map { $0 == 1 }, weights: weights)
          .map { .sigmoid($0) } ?? .identity
      case .isotonic:
        let curve = MonotoneCurve.isotonic(x: rows.column(1), y: rows.truth.map { $0 == 1 ? 1 : 0 }, weights: weights)
        // No probability is surer than the rows behind the curve can say.
        return curve.map { .isotonic($0.clamped(floor: 0.5 / (weights.reduce(0, +) + 1)).rising()) } ?? .identity
      case .temperature: return .temperature(Calibration.temperature(rows, weights))
      case .beta:
        return BetaCurve.fitted(
          rows.column(1), rows.column(0), isPositive: rows.truth.map { $0 == 1 }, weights: weights
        )
        .map { .beta($0) } ?? .identity
      }
    }
  }

  private static func kinds(_ classCount: Int, _ rare: Double) -> [Kind] {
    if classCount > 2 { return [.temperature] }
    return rare >= minimumRareForCurve ? [.sigmoid, .isotonic] : [.sigmoid]
  }

  /// The temperature with the least log loss, by golden section over its logarithm, where the loss has one valley.
  ///
  /// - Source: Guo et al., *On calibration of modern neural networks*, ICML 2017.
  static func temperature(_ rows: ClassRows, _ weights: [Double]) -> Double {
    func loss(_ logarithm: Double) -> Double {
      let terms = losses(rows, .temperature(Mathematics.exp(logarithm)))
      return zip(terms, weights).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let ratio = 0.6180339887498949
    var (low, high) = (-3.0, 3.0)
    var (a, b) = (high - ratio * (high - low), low + ratio * (high - low))
    var (lossA, lossB) = (loss(a), loss(b))
    while high - low > 1e-4 {
      if lossA <= lossB {
        (high, b, lossB) = (b, a, lossA)
        a = high - ratio * (high - low)
        lossA = loss(a)
      } else {
        (low, a, lossA) = (a, b, lossB)
        b = low + ratio * (high - low)
        lossB = loss(b)
      }
    }
    return Mathematics.exp((low + high) / 2)
  }

  private static func losses(_ rows: ClassRows, _ calibrator: Calibrator) -> [Double] {
    let calibrated = calibrator.applied(to: Predictions(.probabilities(rows.probabilities, classes: rows.classes)))
    guard case .probabilities(let values, _) = calibrated.storage else { return [] }
    let tiny = Double.ulpOfOne
    return rows.truth.indices.map { row in
      -Mathematics.log(min(max(values[row * rows.classCount + Int(rows.truth[row])], tiny), 1 - tiny))
    }
  }

  private static func rarest(_ rows: ClassRows, _ weights: [Double]) -> Double {
    var counts = [Double](repeating: 0, count: rows.classCount)
    for row in rows.truth.indices { counts[Int(rows.truth[row])] += weights[row] }
    return counts.filter { $0 > 0 }.count < 2 ? 0 : counts.filter { $0 > 0 }.min() ?? 0
  }

  private static func meanAndError(_ values: [Double], _ weights: [Double]) -> (Double, Double) {
    let total = weights.reduce(0, +)
    guard total > 1 else { return (0, .infinity) }
    let mean = zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 } / total
    let spread = zip(values, weights).reduce(0) { $0 + $1.1 * ($1.0 - mean) * ($1.0 - mean) } / total
    return (mean, (spread / total).squareRoot())
  }
}
