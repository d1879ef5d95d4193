import Basics
import Frames
public import Modeling

/// An algorithm and the table it is checked on, cut to the columns that its card says it takes.
public struct EstimatorSubject: Sendable, CustomStringConvertible {
  /// The algorithm.
  public let type: any Estimator.Type
  /// The table, with columns it takes.
  public let table: CheckTable

  /// Registered name and table.
  public var description: String { "\(type.card.name) × \(table.name)" }

  /// One subject for each table of a task that the card names.
  public static func subjects(of type: any Estimator.Type) throws -> [EstimatorSubject] {
    let card = type.card
    return try CheckTables.tables(for: card.tasks)
      .filter { $0.trainTarget.classNames.count <= 2 || card.capabilities.contains(.multiclass) }
      .map { EstimatorSubject(type: type, table: try adapted($0, to: card.capabilities)) }
  }

  /// The columns that `capabilities` promise to take; missing cells only where they are promised too.
  static func adapted(_ table: CheckTable, to capabilities: Set<Capability>) throws -> CheckTable {
    if let columns = table.columns { return try table.mapFrames { try $0.selecting(columns) } }
    var names = CheckTables.plainColumns
    if capabilities.contains(.handlesMissing) { names += CheckTables.missingColumns }
    if capabilities.contains(.handlesCategories) { names += CheckTables.categoryColumns }
    return try table.mapFrames { frame in
      var chosen = try frame.selecting(names)
      if !capabilities.contains(.handlesMissing) {
        for name in CheckTables.categoryColumns where chosen.schema[name] != nil {
          chosen = try chosen.setting(try requireField(chosen, name), Column(chosen.column(name).storage))
        }
      }
      return chosen
    }
  }

  private static func requireField(_ frame: Frame, _ name: String) throws -> Field {
    guard var field = frame.schema[name] else { throw CheckFailure(name, "no such column") }
    field.mayBeMissing = false
    return field
  }
}

/// What every algorithm promises; the list is the catalog suite for estimators.
public enum EstimatorSuite {
  /// All checks, in the order of the style guide.
  public static let checks: [Check<EstimatorSubject>] = contract + determinism + data + learning + storage

  static let contract: [Check<EstimatorSubject>] = [
    Check("contract: defaults fit a small table") { try defaultsFit($0.type, $0.table) },
    Check("contract: card is complete") { try cardIsComplete($0.type) },
    Check("contract: settings round-trip") { try settingsRoundTrip($0.type) },
    Check("contract: bad settings are refused by name") { try badSettings($0.type) },
    Check("contract: eight threads predict what one does") { try concurrentPredictions($0.type, $0.table) },
  ]

  static let determinism: [Check<EstimatorSubject>] = [
    Check("determinism: same seed, same bytes") { try sameSeedSameBytes($0.type, $0.table) },
    Check("determinism: one worker, many workers") { try anyWorkerCount($0.type, $0.table) },
    Check("determinism: cancelled within an iteration") { try cancellation($0.type, $0.table) },
  ]

  static let data: [Check<EstimatorSubject>] = [
    Check("data: column order and spare columns do not matter") { try columnOrder($0.type, $0.table) },
    Check("data: a lacking column is named") { try lackingColumn($0.type, $0.table) },
    Check("data: predict(all) = predict(parts)") { try partsOfRows($0.type, $0.table) },
    Check("data: weight 1 = none") { try unitWeights($0.type, $0.table) },
    Check("data: weight 0 = row removed") { try zeroWeights($0.type, $0.table) },
    Check("data: weight 3 = row three times") { try tripleWeights($0.type, $0.table) },
    Check("data: class names do not matter") { try classNames($0.type, $0.table) },
    Check("data: category codes do not matter") { try categoryCodes($0.type, $0.table) },
    Check("data: odd training tables") { try oddTraining($0.type, $0.table) },
    Check("data: odd rows to predict") { try oddRows($0.type, $0.table) },
  ]

  static let learning: [Check<EstimatorSubject>] = [
    Check("learning: beats the baseline") { try beatsBaseline($0.type, $0.table) },
    Check("learning: objective ends no higher than it began") { try objectiveFalls($0.type, $0.table) },
    Check("learning: predictions are sound") { try soundPredictions($0.type, $0.table) },
    Check("learning: rescaling leaves predictions as promised") { try rescaling($0.type, $0.table) },
    Check("learning: importance is a share") { try importance($0.type, $0.table) },
  ]

  static let storage: [Check<EstimatorSubject>] = [
    Check("storage: saved and loaded, equal to the last bit") { try savedAndLoaded($0.type, $0.table) },
    Check("storage: tampered archives never trap") { try tamperedArchives($0.type, $0.table) },
  ]

  // MARK: Steps that checks share

  /// The defaults, with few iterations where the algorithm can be told: most checks need no good model.
  static func quick<E: Estimator>(_ type: E.Type) -> E {
    func shortened<I: IterativeEstimator>(_ estimator: I) -> any Estimator { estimator.withIterationCount(25) }
    guard let iterative = E() as? any IterativeEstimator, let short = shortened(iterative) as? E else { return E() }
    return short
  }

  /// A quick fit on `table`.
  static func fitted<E: Estimator>(
    _ type: E.Type, _ table: CheckTable, weights: [Double]? = nil, seed: UInt64 = 1, workers: Workers = .serial
  ) throws -> E.Model {
    try quick(type).fit(try table.trainingData(weights: weights), in: FitContext(seed: Seed(seed), workers: workers))
  }

  /// The archive of a model alone.
  static func bytes(of model: some FittedModel) throws -> [UInt8] {
    var writer = ArchiveWriter()
    try model.write(to: &writer)
    return writer.encoded()
  }

  /// Every number of `predictions`, as bits.
  static func bits(of predictions: Predictions) -> [UInt64] {
    switch predictions.storage {
    case .values(let values): values.map(\.bitPattern)
    case .probabilities(let values, _): values.map(\.bitPattern)
    }
  }

  /// Largest difference of two predictions' numbers, relative to their size; infinite when they do not compare.
  static func distance(_ a: Predictions, _ b: Predictions) -> Double {
    let (x, y) = (bits(of: a).map(Double.init(bitPattern:)), bits(of: b).map(Double.init(bitPattern:)))
    guard x.count == y.count else { return .infinity }
    return zip(x, y).reduce(0) { max($0, abs($1.0 - $1.1) / max(1, abs($1.0))) }
  }

  /// Predictions are numbers, probabilities are probabilities, decisions are the largest of them.
  static func requireSound(_ predictions: Predictions, rows: Int, target: Target, _ entry: String, _ what: String)
    throws
  {
    try require(predictions.rowCount == rows, entry, "\(what): \(predictions.rowCount) predictions for \(rows) rows")
    switch predictions.storage {
    case .values(let values):
      try require(values.allSatisfy(\.isFinite), entry, "\(what): a prediction is not finite")
      try require(target.classNames.isEmpty, entry, "\(what): numbers predicted for classes")
    case .probabilities(let values, let classes):
      let isExpected = target.isAbsent ? Set(classes).count == classes.count : classes == target.classNames
      try require(isExpected, entry, "\(what): classes \(classes) are not those of the target")
      try require(values.allSatisfy { $0 >= 0 && $0 <= 1 }, entry, "\(what): a probability is outside 0…1")
      for row in 0..<rows {
        let part = values[(row * classes.count)..<((row + 1) * classes.count)]
        let sum = part.reduce(0, +)
        try require(abs(sum - 1) <= 1e-9, entry, "\(what): probabilities of row \(row) sum to \(sum)")
        let best = part.firstIndex(of: part.max() ?? 0).map { $0 - part.startIndex } ?? 0
        try require(
          Int(predictions.classCodes[row]) == best, entry, "\(what): class of row \(row) is not the most probable one")
      }
    }
  }

  /// Mean loss: negative log-likelihood (probabilities held off zero), or squared error.
  static func loss(_ predictions: Predictions, _ target: Target) -> Double {
    switch (predictions.storage, target) {
    case (.probabilities(let p, let classes), .classes(let codes, _)):
      let total = codes.indices.reduce(0.0) { sum, row in
        sum - Mathematics.log(max(1e-15, p[row * classes.count + Int(codes[row])]))
      }
      return total / Double(codes.count)
    case (.values(let values), .values(let truth)):
      return zip(values, truth).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(truth.count)
    default: return .infinity
    }
  }

  /// Loss of the constant that fits the training rows best.
  static func baselineLoss(_ table: CheckTable) -> Double {
    switch (table.trainTarget, table.testTarget) {
    case (.classes(let codes, let names), .classes(let truth, _)):
      let shares = names.indices.map { k in Double(codes.count { $0 == k }) / Double(codes.count) }
      return loss(Predictions(.probabilities(truth.flatMap { _ in shares }, classes: names)), table.testTarget)
    case (.values(let values), .values(let truth)):
      let mean = values.reduce(0, +) / Double(values.count)
      return loss(Predictions(.values(truth.map { _ in mean })), table.testTarget)
    default: return .infinity
    }
  }

  /// Chance-corrected agreement of two partitions, 1 = the same (Hubert and Arabie 1985).
  static func adjustedRand(_ a: [Int32], _ b: [Int32]) -> Double {
    func pairs(_ n: Int) -> Double { Double(n) * Double(n - 1) / 2 }
    func sum<Key: Hashable>(_ keys: [Key]) -> Double {
      Dictionary(grouping: keys, by: { $0 }).values.map { pairs($0.count) }.sorted().reduce(0, +)
    }
    let (rows, columns) = (sum(a), sum(b))
    let both = sum(zip(a, b).map { Int64($0) << 32 | Int64($1) })
    let expected = rows * columns / pairs(a.count)
    return (both - expected) / (0.5 * (rows + columns) - expected)
  }

  /// Chance that a row of truth 1 scores above one of truth 0.
  static func areaUnderROC(_ scores: [Double], _ truth: [Int32]) -> Double {
    var (wins, pairs) = (0.0, 0.0)
    for (high, isFar) in zip(scores, truth) where isFar == 1 {
      for (low, other) in zip(scores, truth) where other == 0 {
        wins += high > low ? 1 : high == low ? 0.5 : 0
        pairs += 1
      }
    }
    return wins / pairs
  }
}
