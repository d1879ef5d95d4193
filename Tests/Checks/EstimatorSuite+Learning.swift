import Basics
import Frames
import Modeling
import Synchronization

// What is learnt, and what an archive keeps of it.
extension EstimatorSuite {
  static func beatsBaseline<E: Estimator>(_ type: E.Type, _ table: CheckTable) throws {
    let model = try E().fit(try table.trainingData(), in: FitContext(seed: Seed(1)))
    switch table.task {
    case .clustering:
      let agreement = adjustedRand(try model.predict(table.test).classCodes, table.hiddenTruth)
      return try require(agreement > 0.8, type.card.name, "adjusted Rand index \(agreement) must be above 0.8")
    case .anomaly:
      let area = areaUnderROC(try model.predict(table.test).values ?? [], table.hiddenTruth)
      return try require(area > 0.9, type.card.name, "area under ROC \(area) must be above 0.9")
    default: break
    }
    let (own, limit) = (loss(try model.predict(table.test), table.testTarget), 0.9 * baselineLoss(table))
    try require(own < limit, type.card.name, "test loss \(own) must be below \(limit), nine tenths of the baseline's")
  }

  static func objectiveFalls<E: Estimator>(_ type: E.Type, _ table: CheckTable) throws {
    let values = Mutex<[Double]>([])
    let context = FitContext(seed: Seed(1)) { progress in
      if let value = progress.trainingObjective { values.withLock { $0.append(value) } }
    }
    _ = try E().fit(try table.trainingData(), in: context)
    let seen = values.withLock { $0 }
    try require(seen.allSatisfy(\.isFinite), type.card.name, "training objective is not finite")
    guard let first = seen.first, let last = seen.last else { return }
    try require(last <= first, type.card.name, "training objective rose from \(first) to \(last)")
  }

  static func soundPredictions<E: Estimator>(_ type: E.Type, _ table: CheckTable) throws {
    let predictions = try fitted(type, table).predict(table.train)
    try requireSound(
      predictions, rows: table.train.rowCount, target: table.trainTarget, type.card.name, "training rows")
  }

  /// `signal` times 1024, and its cube: the order of rows stays, distances do not.
  static func rescaling<E: Estimator>(_ type: E.Type, _ table: CheckTable) throws {
    guard table.train.schema["signal"] != nil else { return }
    let promises = type.card.capabilities
    let ways: [(Capability, String, (Double) -> Double)] = [
      (.scaleInvariant, "scaling", { $0 * 1024 }), (.orderInvariant, "cubing", { $0 * $0 * $0 }),
    ]
    for (promise, name, change) in ways where promises.contains(promise) {
      let changed = try table.mapFrames { frame in
        let values = try frame.column("signal").doubles ?? []
        return try frame.setting(Field("signal", .number), Column(numbers: values.map(change)))
      }
      let gap = distance(try fitted(type, table).predict(table.train), try fitted(type, changed).predict(changed.train))
      try require(gap < 1e-9, type.card.name, "\(name) a column changes predictions of training rows by \(gap)")
    }
  }

  static func importance<E: Estimator>(_ type: E.Type, _ table: CheckTable) throws {
    let model = try E().fit(try table.trainingData(), in: FitContext(seed: Seed(1)))
    guard let shares = model.importance else { return }
    try require(shares.count == model.schema.count, type.card.name, "importance must have one share a field")
    try require(shares.allSatisfy { $0 >= 0 && $0 <= 1 }, type.card.name, "importance outside 0…1: \(shares)")
    let sum = shares.reduce(0, +)
    try require(abs(sum - 1) < 1e-9, type.card.name, "importance sums to \(sum)")
    guard let signal = model.schema.index(of: "signal"), let noise = model.schema.index(of: "noise") else { return }
    try require(shares[signal] > shares[noise], type.card.name, "'noise' matters more than 'signal': \(shares)")
  }

  static func savedAndLoaded<E: Estimator>(_ type: E.Type, _ table: CheckTable) throws {
    let name = type.card.name
    let model = try fitted(type, table)
    var writer = ArchiveWriter()
    try writer.scoped("model") { try model.write(to: &$0) }
    let reader = try ArchiveReader(bytes: writer.encoded(), origin: "check.apus")
    let loaded = try E.Model(from: reader.scoped("model"))
    for frame in [table.test, table.train] {
      try require(bits(of: try loaded.predict(frame)) == bits(of: try model.predict(frame)), name, "predicts otherwise")
    }
    try require(try bytes(of: loaded) == bytes(of: model), name, "a loaded model is written differently")
    try require(loaded.schema == model.schema, name, "schema differs")
    try require(loaded.importance == model.importance, name, "importance differs")
    try require(loaded.iterationCount == model.iterationCount, name, "iteration count differs")
  }

  static func tamperedArchives<E: Estimator>(_ type: E.Type, _ table: CheckTable) throws {
    let name = type.card.name
    let archive = try OpenArchive(bytes: bytes(of: fitted(type, table)))
    let few = table.test.gathered(Array(0..<10))
    for (what, tampered) in archive.tampered() {
      _ = try allowingRefusal(name, what) {
        let reader = try ArchiveReader(bytes: tampered.encoded(), origin: "check.apus")
        _ = try E.Model(from: reader).predict(few)
      }
    }
    let empty = try ArchiveReader(bytes: ArchiveWriter().encoded(), origin: "check.apus")
    let error = try refusal(name, of: "an empty archive") { _ = try E.Model(from: empty) }
    try require(error.code == .corruptFile, name, "an empty archive must be corrupt-file; got \(error.code.rawValue)")
  }
}
