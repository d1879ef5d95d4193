import Basics
import Frames
import Modeling
import Synchronization

// Contract and determinism.
extension EstimatorSuite {
  static func defaultsFit<E: Estimator>(_ type: E.Type, _ table: CheckTable) throws {
    let model = try E().fit(try table.trainingData(), in: FitContext(seed: Seed(1)))
    let predictions = try model.predict(table.test)
    try requireSound(predictions, rows: table.test.rowCount, target: table.testTarget, type.card.name, "defaults")
    for name in model.schema.names {
      try require(table.train.schema[name] != nil, type.card.name, "model needs '\(name)', which it never saw")
    }
  }

  static func cardIsComplete<E: Estimator>(_ type: E.Type) throws {
    try CardChecks.isComplete(type, defaults: E())
    try require(!type.card.tasks.isEmpty, type.card.name, "card names no task")
  }

  static func settingsRoundTrip<E: Estimator>(_ type: E.Type) throws { try CardChecks.roundTrips(type, defaults: E()) }

  static func badSettings<E: Estimator>(_ type: E.Type) throws {
    try CardChecks.refusesBadSettings(type, defaults: E())
  }

  static func concurrentPredictions<E: Estimator>(_ type: E.Type, _ table: CheckTable) throws {
    let model = try fitted(type, table)
    let expected = try bits(of: model.predict(table.test))
    let all = try Workers(count: 8).map(8) { _ in try bits(of: model.predict(table.test)) }
    try require(all.allSatisfy { $0 == expected }, type.card.name, "threads disagree")
  }

  static func sameSeedSameBytes<E: Estimator>(_ type: E.Type, _ table: CheckTable) throws {
    let frame = table.train
    let first = try bytes(of: fitted(type, table, seed: 7))
    let second = try bytes(of: fitted(type, table, seed: 7))
    try require(first == second, type.card.name, "fitting twice gives different archives")
    try require(table.train == frame, type.card.name, "the input frame has changed")
  }

  static func anyWorkerCount<E: Estimator>(_ type: E.Type, _ table: CheckTable) throws {
    let serial = try bytes(of: fitted(type, table, seed: 7))
    for count in [2, 3, 8] {
      let parallel = try bytes(of: fitted(type, table, seed: 7, workers: Workers(count: count)))
      try require(serial == parallel, type.card.name, "\(count) workers give another archive than one")
    }
  }

  static func cancellation<E: Estimator>(_ type: E.Type, _ table: CheckTable) throws {
    let name = type.card.name
    let early = Cancellation()
    early.cancel()
    let error = try refusal(name, of: "a fit cancelled before it began") {
      _ = try E().fit(try table.trainingData(), in: FitContext(cancellation: early))
    }
    try require(error.code == .cancelled, name, "must throw cancelled; got \(error.code.rawValue)")
    let during = Cancellation()
    let reports = Mutex<[FitProgress]>([])
    let context = FitContext(cancellation: during) { progress in
      reports.withLock { $0.append(progress) }
      during.cancel()
    }
    _ = try? E().fit(try table.trainingData(), in: context)
    let seen = reports.withLock { $0 }
    try require(seen.count <= 2, name, "went on for \(seen.count) reports after it was cancelled")
  }
}
