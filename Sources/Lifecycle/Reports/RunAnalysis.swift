import Basics
import Evaluation
import Frames
import Modeling

/// Everything that a report of a run draws, as one document: curves, calibration, thresholds, slices, fairness,
/// explanations, robustness. Computed once on the sealed test rows and kept beside the run.
struct RunAnalysis: Sendable {
  let judgement: Judgement
  let table: TrainingTable
  let costs: ProjectObjective.Costs?
  let context: LifecycleContext

  /// Test rows that the slower parts look at.
  static let sampleCount = 2000
  /// Test rows of a wide table that are disturbed.
  static let wideSampleCount = 500
  /// Columns of a wide table that are disturbed one by one.
  static let disturbedCount = 30

  /// `{"schema_version": 1, "curves", "confusion", "by_class", "calibration", "thresholds", "residuals", "slices", "fairness",
  /// "importance", "dependence", "shares", "examples", "conformal", "abstention", "robustness"}`, parts that do not apply
  /// left out.
  func document(_ archive: ModelArchive) throws -> JSONValue {
    let rows = table.test
    let predictions = try archive.score(rows.features, workers: context.workers)
    var json: JSONValue = ["schema_version": 1]
    if table.reading.task == .classification {
      try classification(predictions, rows, &json)
    } else {
      try regression(predictions, rows, &json)
    }
    let options = rows.bootstrap("analysis", replicateCount: 200, context)
    json["slices"] = .array(
      try SliceFinder().find(
        rows.withAudit(), predictions, rows.target, metric: judgement.metric, weights: rows.weights,
        rowKeys: rows.units,
        options: options
      ).map(\.json))
    json["fairness"] = try FairnessAnalysis(table: table, judgement: judgement, context: context)
      .document(archive, predictions)
    let important = try explanations(archive, &json)
    try robustness(archive, important, options, &json)
    return json
  }

  private func classification(
    _ predictions: Predictions, _ rows: TrainingTable.Part, _ json: inout JSONValue
  ) throws {
    let confusion = try Curves.confusion(predictions, rows.target, weights: rows.weights)
    json["confusion"] = [
      "classes": .array(confusion.classes.map { .string($0) }), "counts": .array(confusion.counts.map { .finite($0) }),
    ]
    let options = rows.bootstrap("analysis", replicateCount: 200, context)
    json["calibration"] =
      try CalibrationReport.make(
        predictions, rows.target, weights: rows.weights, rowKeys: rows.units, options: options)?.json ?? .null
    json["by_class"] =
      try ClassMetrics.make(
        predictions, rows.target, weights: rows.weights, rowKeys: rows.units, options: options
      ).json
    json["abstention"] =
      try RiskCoverage.make(predictions, rows.target, weights: rows.weights, limit: 40)?.json ?? .null
    let sets = try ConformalClassifier.fit(
      judgement.model.outOfFold, judgement.model.heldOut.target, weights: judgement.model.heldOut.weights,
      rowKeys: judgement.model.heldOut.keys)
    json["conformal"] =
      try ConformalReport.make(
        sets.sets(predictions, rowKeys: rows.keys, allowsEmpty: false), rows.target, classes: sets.classes,
        nominal: sets.coverage,
        weights: rows.weights)?.json
      ?? .null
    guard predictions.classes.count == 2 else { return }
    json["curves"] = [
      "roc": Self.points(try Curves.roc(predictions, rows.target, weights: rows.weights)),
      "precision_recall": Self.points(try Curves.precisionRecall(predictions, rows.target, weights: rows.weights)),
      "lift": Self.points(try Curves.lift(predictions, rows.target, weights: rows.weights)),
    ]
    let prices = try costs.map { try DecisionCosts(falsePositive: $0.falsePositive, falseNegative: $0.falseNegative) }
    json["thresholds"] = try ThresholdTable.make(
      predictions, rows.target, weights: rows.weights, rowKeys: rows.units, costs: prices, options: options
    ).json
  }

  private func regression(_ predictions: Predictions, _ rows: TrainingTable.Part, _ json: inout JSONValue) throws {
    guard let values = predictions.values, case .values(let truth) = rows.target else { return }
    if let summary = try ResidualSummary.make(predictions, rows.target) {
      json["residuals"] = try Configuration.encode(summary)
    }
    let step = max(1, values.count / 500)
    json["predicted_and_actual"] = .array(
      stride(from: 0, to: values.count, by: step).map { .array([.finite(values[$0]), .finite(truth[$0])]) })
    let intervals = try ConformalRegressor.fit(
      judgement.model.outOfFold, judgement.model.heldOut.target, weights: judgement.model.heldOut.weights)
    json["conformal"] =
      try ConformalReport.make(
        intervals.intervals(predictions), rows.target, nominal: intervals.coverage, weights: rows.weights)?.json
      ?? .null
  }

  static func points(_ points: [CurvePoint]) -> JSONValue {
    .array(points.map { ["x": .finite($0.x), "y": .finite($0.y), "threshold": .finite($0.threshold)] })
  }

  // MARK: Explanations

  /// Rows with the lowest hashes.
  private func sample(_ count: Int) -> TrainingTable.Part {
    let keys = table.test.keys
    return table.test.gathered(Array(keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.prefix(count)))
  }

  /// - Returns: columns, the most important first.
  private func explanations(_ archive: ModelArchive, _ json: inout JSONValue) throws -> [String] {
    let part = sample(Self.sampleCount)
    let effort = ScramblingEffort(columnCount: part.features.schema.count, repeats: 5)
    let losses = try Importance.permutation(
      part.features, part.target, metric: judgement.metric, weights: part.weights, rowKeys: part.keys,
      repeats: effort.repeats, maximumRowCount: effort.rowCount, seed: context.seed,
      workers: context.workers, score: { try archive.score($0) })
    json["importance"] = .array(losses.map(\.json))
    let important = losses.map(\.column)
    let few = sample(300)
    json["dependence"] = .array(
      try losses.prefix(effort.isWide ? 2 : 6).compactMap { entry -> JSONValue? in
        let kind = try few.features.column(entry.column).kind
        guard kind != .text, kind != .vector else { return nil }
        return try PartialDependence.make(entry.column, few.features, rowKeys: few.keys) { try archive.score($0) }.json
      })
    guard archive.pipeline.isQuicklyExplained || !effort.isWide || ImageRegions(archive.pipeline) != nil else {
      json["left_out"] = [
        .string(
          "Shares of columns in single rows: by experiment they are found for up to \(ScramblingEffort.wideCount) columns; "
            + "for chosen rows ask apus explain.")
      ]
      return important
    }
    try shares(archive, &json)
    return important
  }

  /// Shares of columns in rows, and three rows looked at closely.
  private func shares(_ archive: ModelArchive, _ json: inout JSONValue) throws {
    let explainer = try Explainer(archive, context: context)
    let effort = ExplanationEffort(archive.pipeline, explainer.regions)
    let explained = sample(effort.rowCount)
    let whole = try explainer.explain(explained.features, method: effort.method)
    json["shares"] = try Self.swarm(whole, explained.features)
    if let regions = explainer.regions {
      json["shares"]?["image"] = regions.sizeJSON
      json["shares"]?["regions"] = regions.json(whole.meanAbsolute, of: whole.columns)
    }
    let examples = explained.gathered(Self.tellingRows(try archive.score(explained.features)))
    let shares = try explainer.explain(examples.features)
    let said = try archive.score(examples.features)
    json["examples"] = .array(
      try examples.target.doubles.indices.map { row in
        var entry = shares.json(row: row)
        entry["prediction"] = PredictionRows.outcome(said, row, codes: said.classCodes)
        entry["actual"] = Self.actual(examples.target, row)
        if let regions = explainer.regions {
          entry["pixels"] = try regions.brightness(examples.features, row: row)
        }
        return entry
      })
  }

  /// Rows with the lowest, the middle and the highest score.
  private static func tellingRows(_ predictions: Predictions) -> [Int] {
    let scores = predictions.values ?? predictions.probabilities(ofClass: max(0, predictions.classes.count - 1)) ?? []
    let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
    guard let low = order.first, let high = order.last else { return [] }
    var out: [Int] = []
    for row in [high, order[order.count / 2], low] where !out.contains(row) { out.append(row) }
    return out
  }

  private static func actual(_ target: Target, _ row: Int) -> JSONValue {
    switch target {
    case .classes(let codes, let names): .string(names[Int(codes[row])])
    case .values(let values): .finite(values[row])
    }
  }

  /// For the columns that matter most: each row's share and where its value stands among the others, 0…1.
  private static func swarm(_ shares: RowExplanations, _ frame: Frame) throws -> JSONValue {
    let means = shares.meanAbsolute
    let order = means.indices.sorted { (means[$1], $0) < (means[$0], $1) }.prefix(12)
    let output = shares.outputs.count - 1
    let columns = try order.map { index -> JSONValue in
      let name = shares.columns[index]
      let ranks = try ranks(frame.column(name))
      let points = (0..<shares.rowCount).map { row -> JSONValue in
        let values = shares.shares(row: row, output: output)
        return .array([.finite(values[values.startIndex + index]), .finite(ranks?[row])])
      }
      return ["column": .string(name), "mean_absolute": .finite(means[index]), "points": .array(points)]
    }
    return [
      "output": .string(shares.outputs[output]), "baseline": .finite(shares.baseline[output]),
      "columns": .array(columns),
    ]
  }

  private static func ranks(_ column: Column) -> [Double?]? {
    guard let numbers = column.doubles else { return nil }
    let order = numbers.indices.filter { numbers[$0].isFinite }.sorted { (numbers[$0], $0) < (numbers[$1], $1) }
    var out = [Double?](repeating: nil, count: numbers.count)
    var level = 0
    for (place, row) in order.enumerated() {
      if place > 0, numbers[row] != numbers[order[place - 1]] { level = place }
      out[row] = Double(level) / Double(max(1, order.count - 1))
    }
    return out
  }

  private func robustness(
    _ archive: ModelArchive, _ important: [String], _ options: BootstrapOptions, _ json: inout JSONValue
  ) throws {
    let isWide = important.count > ScramblingEffort.wideCount
    let part = sample(isWide ? Self.wideSampleCount : Self.sampleCount)
    json["robustness"] =
      try Robustness.evaluate(
        part.features, part.target, metric: judgement.metric,
        single: isWide ? Array(important.prefix(Self.disturbedCount)) : nil,
        weights: part.weights, rowKeys: part.keys, groups: part.groups, options: options
      ) { try archive.score($0) }?.json ?? .null
  }
}

/// How much is spent on scrambling columns, so that a table of a thousand of them does not take hours.
struct ScramblingEffort {
  /// Columns from which a table counts as wide.
  static let wideCount = 100
  /// Rows scored for a wide table, over all columns and repeats.
  private static let scoredCount = 50_000

  let isWide: Bool
  let repeats: Int
  /// Rows in which each column is scrambled at most.
  let rowCount: Int

  init(columnCount: Int, repeats: Int, rowCount: Int = RunAnalysis.sampleCount) {
    isWide = columnCount > Self.wideCount
    self.repeats = isWide ? 2 : repeats
    self.rowCount = isWide ? min(rowCount, max(32, Self.scoredCount / (columnCount * self.repeats))) : rowCount
  }
}

extension Committee {
  /// Whether every member knows its shares without experiments.
  var isQuicklyExplained: Bool { members.allSatisfy { $0.model is any ExplainableModel } }
}
