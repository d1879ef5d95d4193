import Basics
import Frames
import Modeling

// What a fit and a prediction must not depend on, and tables that are hard to learn from.
extension EstimatorSuite {
  static func columnOrder<E: Estimator>(_ type: E.Type, _ table: CheckTable) throws {
    let model = try fitted(type, table)
    let expected = try bits(of: model.predict(table.test))
    var frame = try table.test.selecting(table.test.schema.names.reversed())
    frame = try frame.setting(Field("spare", .text), Column(.text(Array(repeating: "x", count: frame.rowCount))))
    try require(
      try bits(of: model.predict(frame)) == expected, type.card.name, "column order or a spare column matters")
  }

  static func lackingColumn<E: Estimator>(_ type: E.Type, _ table: CheckTable) throws {
    let model = try fitted(type, table)
    for column in model.schema.names {
      let error = try refusal(type.card.name, of: "predicting without '\(column)'") {
        _ = try model.predict(table.test.removing([column]))
      }
      try require(error.code == .schemaMismatch, type.card.name, "must be schema-mismatch; got \(error.code.rawValue)")
      try require(error.message.contains(column), type.card.name, "'\(column)' is not named: \(error.message)")
    }
  }

  static func partsOfRows<E: Estimator>(_ type: E.Type, _ table: CheckTable) throws {
    let model = try fitted(type, table)
    let whole = try model.predict(table.test)
    for size in [1, 7, 64] {
      let parts = try stride(from: 0, to: table.test.rowCount, by: size).map { start in
        try model.predict(table.test.gathered(Array(start..<min(start + size, table.test.rowCount))))
      }
      let joined = try Predictions.joined(parts)
      try require(bits(of: joined) == bits(of: whole), type.card.name, "batches of \(size) rows predict otherwise")
    }
    let order = Array((0..<table.test.rowCount).reversed())
    let reversed = try model.predict(table.test.gathered(order)).gathered(order)
    try require(bits(of: reversed) == bits(of: whole), type.card.name, "row order matters to predict")
  }

  static func unitWeights<E: Estimator>(_ type: E.Type, _ table: CheckTable) throws {
    guard type.card.capabilities.contains(.weights) else { return }
    let ones = Array(repeating: 1.0, count: table.train.rowCount)
    let gap = distance(
      try fitted(type, table).predict(table.test), try fitted(type, table, weights: ones).predict(table.test))
    try require(gap < 1e-9, type.card.name, "weights of 1 change predictions by \(gap)")
  }

  static func zeroWeights<E: Estimator>(_ type: E.Type, _ table: CheckTable) throws {
    guard type.card.capabilities.contains(.weights) else { return }
    let weights = (0..<table.train.rowCount).map { $0 % 5 == 0 ? 0.0 : 1.0 }
    try compareWeighted(type, table, weights, "weight 0 is not the row removed")
  }

  static func tripleWeights<E: Estimator>(_ type: E.Type, _ table: CheckTable) throws {
    guard type.card.capabilities.contains(.weights) else { return }
    let weights = (0..<table.train.rowCount).map { $0 % 4 == 0 ? 3.0 : 1.0 }
    try compareWeighted(type, table, weights, "weight 3 is not the row three times")
  }

  /// Fits with whole-number weights against rows repeated that often.
  private static func compareWeighted<E: Estimator>(
    _ type: E.Type, _ table: CheckTable, _ weights: [Double], _ what: String
  ) throws {
    let rows = weights.indices.flatMap { Array(repeating: $0, count: Int(weights[$0])) }
    let repeated = table.with(
      name: table.name, train: table.train.gathered(rows), trainTarget: table.trainTarget.gathered(rows))
    let gap = distance(
      try fitted(type, repeated).predict(table.test), try fitted(type, table, weights: weights).predict(table.test))
    try require(gap < 1e-6, type.card.name, "\(what): predictions differ by \(gap)")
  }

  static func classNames<E: Estimator>(_ type: E.Type, _ table: CheckTable) throws {
    guard case .classes(let codes, let names) = table.trainTarget, case .classes(let truth, _) = table.testTarget,
      !names.isEmpty
    else { return }
    let expected = try bits(of: fitted(type, table).predict(table.test))
    let numbered: [String] = names.indices.map { String($0) }
    let variants: [[String]] = [numbered, Array(["false", "true", "maybe"].prefix(names.count))]
    for variant in variants {
      let renamed = table.settingTargets(
        .classes(codes: codes, names: variant), .classes(codes: truth, names: variant))
      let predictions = try fitted(type, renamed).predict(table.test)
      try require(predictions.classes == variant, type.card.name, "classes are \(predictions.classes), not \(variant)")
      try require(bits(of: predictions) == expected, type.card.name, "class names \(variant) change probabilities")
    }
  }

  /// The same categories under other codes, and further levels that no row has.
  static func categoryCodes<E: Estimator>(_ type: E.Type, _ table: CheckTable) throws {
    let name = "color"
    guard table.test.schema[name] != nil else { return }
    let model = try fitted(type, table)
    let expected = try bits(of: model.predict(table.test))
    let column = try table.test.column(name)
    let texts = (0..<column.count).map { column.text(at: $0) }
    let codings: [[String]] = [Array(CheckTables.colors.reversed()), ["never"] + CheckTables.colors, []]
    for levels in codings {
      let recoded = Column(categories: texts, levels: levels)
      let frame = try table.test.setting(Field(of: recoded, name: name), recoded)
      try require(
        try bits(of: model.predict(frame)) == expected, type.card.name,
        "categories are matched by code, not by name (levels \(levels))")
    }
  }

  static func oddTraining<E: Estimator>(_ type: E.Type, _ table: CheckTable) throws {
    for odd in try OddTables.training(from: table, type.card.capabilities) {
      let name = type.card.name
      let predictions = try allowingRefusal(name, odd.name) {
        let data = try TrainingData(frame: odd.train, target: odd.trainTarget)
        return try quick(type).fit(data, in: FitContext(seed: Seed(1))).predict(odd.test)
      }
      guard let predictions else { continue }
      try requireSound(predictions, rows: odd.test.rowCount, target: odd.trainTarget, name, odd.name)
    }
  }

  static func oddRows<E: Estimator>(_ type: E.Type, _ table: CheckTable) throws {
    let name = type.card.name
    let model = try fitted(type, table)
    for (what, frame) in try OddTables.rows(from: table.test) {
      guard let predictions = try allowingRefusal(name, what, { try model.predict(frame) }) else { continue }
      try requireSound(predictions, rows: frame.rowCount, target: table.trainTarget, name, what)
    }
    let none = try model.predict(table.test.gathered([]))
    try require(none.rowCount == 0, name, "no rows must give no predictions")
  }
}
