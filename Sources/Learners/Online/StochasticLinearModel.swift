public import Basics
public import Frames
public import Modeling

/// Weights of linear scores over running-standardised features that go on learning row by row.
///
/// Number columns are centred and scaled by what was seen so far; elements of vectors are taken as they are. Steps are
/// AdaGrad's: each weight has a rate of its own that falls with the squares of its slopes. Two classes have one score,
/// more have one each: softmax under logistic loss, one against the rest under hinge. Numbers are predicted in units of
/// their running deviation.
///
/// - Source: Duchi, Hazan and Singer, *Adaptive subgradient methods for online learning*, JMLR 12, 2011; averaging:
///   Polyak and Juditsky, 1992.
public struct StochasticLinearModel: UpdatableModel {
  /// The columns it needs.
  public let schema: Schema
  /// Class names; empty when it predicts a number.
  public let classes: [String]
  let settings: StochasticSettings
  let widths: [Int]
  /// One a feature; those of vector elements stay empty.
  private(set) var moments: [RunningMoments]
  private(set) var targetMoments = RunningMoments()
  /// `[score][feature]`, the intercept last.
  private(set) var weights: [Double]
  private(set) var slopeSquares: [Double]
  /// `Σ step number · change`, from which the mean of all weights follows.
  private(set) var drift: [Double]
  private(set) var stepCount = 0.0
  /// Slopes of the batch at hand; zeros between steps.
  private var gradient: [Double] = []

  var width: Int { widths.reduce(0, +) + 1 }
  var scoreCount: Int { classes.count > 2 ? classes.count : 1 }

  init(schema: Schema, classes: [String], widths: [Int], settings: StochasticSettings) {
    self.schema = schema
    self.classes = classes
    self.widths = widths
    self.settings = settings
    let width = widths.reduce(0, +) + 1
    moments = [RunningMoments](repeating: RunningMoments(), count: width - 1)
    weights = [Double](repeating: 0, count: width * (classes.count > 2 ? classes.count : 1))
    slopeSquares = weights
    drift = weights
  }

  /// Learns from further rows in their order.
  ///
  /// - Throws: `.schemaMismatch` for other columns or classes; `.invalidData` for missing, infinite or huge cells.
  public mutating func update(with data: TrainingData, in context: FitContext) throws {
    try context.checkCancellation()
    let rows = try StochasticRows(data, schema: schema, widths: widths, classes: classes, owner: settings.owner)
    var copy = self
    for start in stride(from: 0, to: rows.rowCount, by: settings.batchSize) {
      if start & 1023 < settings.batchSize { try context.checkCancellation() }
      let batch = Array(start..<min(start + settings.batchSize, rows.rowCount))
      for row in batch { copy.observe(rows, row) }
      _ = copy.step(rows, batch)
    }
    guard copy.weights.allSatisfy(\.isFinite) else { throw Self.diverged(settings.owner) }
    self = copy
  }

  static func diverged(_ owner: String) -> MLError {
    MLError(.invalidData, "\(owner): weights overflow.", hint: "Lower 'learning_rate', or scale the columns.")
  }

  /// Takes a row into the running means.
  mutating func observe(_ rows: StochasticRows, _ row: Int) {
    let weight = rows.weights?[row] ?? 1
    var feature = 0
    for (column, own) in zip(rows.columns, widths) {
      if case .dense(let values) = column { moments[feature].add(values[row], weight: weight) }
      feature += own
    }
    if case .values(let values) = rows.target { targetMoments.add(values[row], weight: weight) }
  }

  /// One step on `batch`; returns the mean loss before it.
  mutating func step(_ rows: StochasticRows, _ batch: [Int]) -> Double {
    if gradient.isEmpty { gradient = [Double](repeating: 0, count: weights.count) }
    var touched: [Int] = []
    var total = 0.0
    var loss = 0.0
    let entries = batch.map { self.entries(rows.columns, $0) }
    for (row, features) in zip(batch, entries) {
      let weight = rows.weights?[row] ?? 1
      if weight == 0 { continue }
      total += weight
      let scores = scores(features, weights)
      let (slopes, value) = slopes(scores, rows.target, row)
      loss += weight * value
      for k in slopes.indices where slopes[k] != 0 {
        for (feature, value) in features {
          let place = k * width + feature
          if gradient[place] == 0 { touched.append(place) }
          gradient[place] += weight * slopes[k] * value
        }
      }
    }
    guard total > 0 else { return 0 }
    stepCount += 1
    for place in touched where gradient[place] != 0 {
      let slope = gradient[place] / total
      gradient[place] = 0
      move(place, slope)
    }
    return loss / total
  }

  private mutating func move(_ place: Int, _ slope: Double) {
    let isIntercept = place % width == width - 1
    let old = weights[place]
    let full = slope + (isIntercept ? 0 : settings.penalty * (1 - settings.l1Ratio) * old)
    slopeSquares[place] += full * full
    guard slopeSquares[place] > 0 else { return }
    let rate = settings.learningRate / slopeSquares[place].squareRoot()
    var new = old - rate * full
    if !isIntercept, settings.l1Ratio > 0 {
      let cut = rate * settings.penalty * settings.l1Ratio
      new = new > cut ? new - cut : new < -cut ? new + cut : 0
    }
    weights[place] = new
    drift[place] += stepCount * (new - old)
  }

  /// Losses and their derivatives by the scores of one row.
  private func slopes(_ scores: [Double], _ target: Target, _ row: Int) -> (slopes: [Double], loss: Double) {
    switch target {
    case .values(let values):
      let deviation = targetMoments.deviation
      let truth = deviation > 0 ? (values[row] - targetMoments.mean) / deviation : 0
      return ([settings.slope(score: scores[0], truth: truth)], settings.value(score: scores[0], truth: truth))
    case .classes(let codes, _):
      let code = Int(codes[row])
      if scores.count > 1, settings.loss == .logistic {
        let shares = Self.softmax(scores)
        let loss = -Mathematics.log(max(shares[code], 1e-300))
        return (shares.enumerated().map { $1 - ($0 == code ? 1 : 0) }, loss)
      }
      let truths = scores.count == 1 ? [Double(code)] : scores.indices.map { $0 == code ? 1.0 : 0.0 }
      return (
        zip(scores, truths).map { settings.slope(score: $0, truth: $1) },
        zip(scores, truths).reduce(0) { $0 + settings.value(score: $1.0, truth: $1.1) }
      )
    }
  }

  /// Features of a row that are not 0, the constant last.
  private func entries(_ columns: [LinearColumn], _ row: Int) -> [(Int, Double)] {
    var out: [(Int, Double)] = []
    var first = 0
    for (column, own) in zip(columns, widths) {
      switch column {
      case .dense(let values):
        let deviation = moments[first].deviation
        let value = deviation > 0 ? (values[row] - moments[first].mean) / deviation : 0
        if value != 0 { out.append((first, max(-10, min(10, value)))) }
      case .sparse(let matrix):
        for entry in matrix.range(row) { out.append((first + Int(matrix.indices[entry]), matrix.values[entry])) }
      }
      first += own
    }
    out.append((width - 1, 1))
    return out
  }

  private func scores(_ features: [(Int, Double)], _ weights: [Double]) -> [Double] {
    (0..<scoreCount).map { k in
      let sum = features.reduce(0) { $0 + weights[k * width + $1.0] * $1.1 }
      return max(-1e100, min(1e100, sum))
    }
  }

  private static func softmax(_ scores: [Double]) -> [Double] {
    let largest = scores.max() ?? 0
    let shares = scores.map { Mathematics.exp($0 - largest) }
    let total = shares.reduce(0, +)
    return shares.map { $0 / total }
  }

  /// Weights that predictions use.
  private var effective: [Double] {
    guard settings.isAveraged, stepCount > 0 else { return weights }
    // w̄ = w − Σ (step − 1) Δ / steps, for changes Δ made at each step.
    return weights.indices.map { weights[$0] - (drift[$0] - weights[$0]) / stepCount }
  }

  /// A number a row, or probabilities; features further than 10 deviations from their mean count as 10.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column or one of another width, `.invalidData` for missing cells.
  public func predict(_ frame: Frame) throws -> Predictions {
    let columns = try BayesUpdate.columns(frame, schema: schema, widths: widths)
    let weights = effective
    var out: [Double] = []
    for row in 0..<frame.rowCount {
      let scores = scores(entries(columns, row), weights)
      if classes.isEmpty {
        out.append(targetMoments.mean + targetMoments.deviation * scores[0])
      } else if scores.count == 1 {
        let p = Mathematics.logistic(scores[0])
        out += [1 - p, p]
      } else {
        out += Self.softmax(scores)
      }
    }
    return Predictions(classes.isEmpty ? .values(out) : .probabilities(out, classes: classes))
  }

  /// Share of each field: absolute weights of its standardised features.
  public var importance: [Double]? {
    let weights = effective
    var first = 0
    let parts = widths.map { own in
      defer { first += own }
      return (0..<scoreCount).reduce(0.0) { sum, k in
        (first..<(first + own)).reduce(sum) { $0 + abs(weights[k * width + $1]) }
      }
    }
    let total = parts.reduce(0, +)
    return total > 0 && total.isFinite ? parts.map { $0 / total } : nil
  }
}

extension StochasticLinearModel {
  /// Adds schema, settings and state.
  public func write(to archive: inout ArchiveWriter) throws {
    archive.set("schema", try Configuration.encode(schema))
    archive.set("settings", try Configuration.encode(settings))
    archive.set("widths", .array(widths.map { .integer(Int64($0)) }))
    archive.add("classes", strings: classes)
    archive.add("moments", doubles: ([targetMoments] + moments).flatMap { [$0.weight, $0.mean, $0.squares] })
    archive.add("weights", doubles: weights)
    archive.add("slope_squares", doubles: slopeSquares)
    archive.add("drift", doubles: drift + [stepCount])
  }

  /// Reads what `write` wrote.
  public init(from archive: ArchiveReader) throws {
    schema = try Configuration.decode(Schema.self, from: archive.value("schema"))
    guard let settings = try? Configuration.decode(StochasticSettings.self, from: archive.value("settings")) else {
      throw archive.corrupt("holds settings of an online model that cannot be read")
    }
    self.settings = settings
    classes = try archive.strings("classes")
    weights = try archive.doubles("weights")
    slopeSquares = try archive.doubles("slope_squares")
    var drift = try archive.doubles("drift")
    widths = try BayesUpdate.widths(archive, schema: schema, limit: weights.count)
    let flat = try archive.doubles("moments")
    let width = widths.reduce(0, +) + 1
    let scoreCount = classes.count > 2 ? classes.count : 1
    guard settings.isSound, classes.count != 1, weights.count == width * scoreCount,
      slopeSquares.count == weights.count, drift.count == weights.count + 1, flat.count == 3 * width,
      (weights + slopeSquares + drift + flat).allSatisfy(\.isFinite), slopeSquares.allSatisfy({ $0 >= 0 }),
      classes.isEmpty == (settings.loss == .squared || settings.loss == .huber)
    else { throw archive.corrupt("holds an online model whose parts do not fit together") }
    let all = (0..<width).map {
      RunningMoments(weight: flat[$0 * 3], mean: flat[$0 * 3 + 1], squares: flat[$0 * 3 + 2])
    }
    guard all.allSatisfy({ $0.weight >= 0 && $0.squares >= 0 }) else {
      throw archive.corrupt("holds an online model with negative variances")
    }
    stepCount = drift.removeLast()
    guard stepCount >= 0 else { throw archive.corrupt("holds an online model with a negative count") }
    self.drift = drift
    targetMoments = all[0]
    moments = Array(all.dropFirst())
  }
}
