package import Basics
import Evaluation
package import Frames
package import Modeling

/// What a model scores on a file with truth: the document of `evaluate --json`.
package struct EvaluationReport: Sendable {
  /// Rows with a truth.
  package var rowCount: Int
  /// Metrics with intervals.
  package var metrics: [(name: String, value: Double, low: Double, high: Double)]
  /// The document.
  package var json: JSONValue
  /// What reading noticed.
  package var notes: [String]
}

/// Judges models on files.
package enum Evaluating {
  /// Rows with their truth.
  package struct LabelledRows: Sendable {
    /// As the model's contract asks.
    package var features: Frame
    /// Their truth, by the model's class names.
    package var target: Target
    /// `nil` where no column of weights was named.
    package var weights: [Double]?
    /// What intervals draw: the rows, or the groups of the column that was named.
    package var units: [UInt64]
    /// Whether `units` are groups.
    package var isGrouped: Bool
    /// What reading noticed.
    package var notes: [String]

    func options(_ context: LifecycleContext) -> BootstrapOptions {
      BootstrapOptions(
        seed: context.seed.derived("intervals"), workers: context.workers, keepsEqualKeysTogether: isGrouped)
    }
  }

  /// Columns of a file that say what its rows are worth and which belong together.
  package struct RowColumns: Sendable {
    /// How much each row counts.
    package var weights: String?
    /// Rows with equal values are no independent evidence: a patient, a household.
    package var group: String?

    /// Neither, unless named.
    package init(weights: String? = nil, group: String? = nil) {
      self.weights = weights
      self.group = group
    }
  }

  /// Rows of `path` under the model's contract, with their truth.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column, target and weights included; `.invalidData` for a weight that
  ///   is missing, negative or infinite.
  package static func labelledRows(
    _ path: String, for archive: ModelArchive, columns: RowColumns = RowColumns(), context: LifecycleContext
  ) throws -> LabelledRows {
    let place = FileSystem.name(path)
    var contract = archive.contract.fields
    contract.append(archive.targetField)
    for (name, kind) in [(columns.weights, ColumnKind.number), (columns.group, .text)] {
      if let name, !contract.contains(where: { $0.name == name }) { contract.append(Field(name, kind)) }
    }
    let (frame, report) = try FrameSources.read(
      path, options: SourceOptions(contract: Schema(contract), workers: context.workers))
    let (cleaned, note) = try Labels.cleaned(frame, target: archive.target, known: archive.classes)
    let reading = TargetReading(column: archive.target, task: archive.task, classNames: archive.classes)
    let (rows, target) = try reading.target(of: cleaned, in: place)
    guard !rows.isEmpty else {
      throw MLError(
        .invalidData, "\(place): must have rows with a value in '\(archive.target)'.", field: archive.target)
    }
    var notes = report.notes + (note.map { [$0] } ?? [])
    if rows.count < frame.rowCount {
      notes.append("\(frame.rowCount - rows.count) rows without '\(archive.target)' were left out.")
    }
    let own = try columns.weights.map { name -> [Double] in
      let numbers = try cleaned.column(name).doubles
      let values = rows.map { numbers?[$0] ?? .nan }
      if let row = values.firstIndex(where: { !$0.isFinite }) {
        throw MLError(
          .invalidData, "\(place): column '\(name)' has no number in row \(rows[row] + 1).",
          hint: "Weights are numbers of 0 or more, one in every row.", field: name)
      }
      return try RowWeights.checked(values, rowCount: rows.count, owner: "\(place), column '\(name)'")
    }
    let features = try cleaned.selecting(archive.contract.names).gathered(rows).conformed(to: archive.contract)
    let keys = RowKeys.hashes(features)
    let units = try columns.group.map { try GroupKeys.keys(cleaned.column($0).gathered(rows), rowKeys: keys) }
    return LabelledRows(
      features: features, target: target, weights: own, units: units ?? keys, isGrouped: units != nil, notes: notes)
  }

  /// Judges `archive` on the rows of `path`.
  ///
  /// - Parameters:
  ///   - groups: columns whose values are compared for fairness.
  ///   - columns: what rows are worth, and which belong together.
  package static func evaluate(
    _ archive: ModelArchive, path: String, groups: [String], columns: RowColumns = RowColumns(),
    context: LifecycleContext
  ) throws -> EvaluationReport {
    if TaskTable.tasks.contains(archive.task) {
      if let option = columns.weights.map({ _ in "weights" }) ?? columns.group.map({ _ in "group" }) {
        throw MLError(
          .invalidParameter, "evaluate: '--\(option)' is for classes and numbers; this is \(archive.task.rawValue).",
          hint: "Leave it out.", field: option)
      }
      return try TaskEvaluation.evaluate(archive, path, context)
    }
    let labelled = try labelledRows(path, for: archive, columns: columns, context: context)
    let (features, target, notes) = (labelled.features, labelled.target, labelled.notes)
    let keys = labelled.units
    let predictions = try archive.score(features, workers: context.workers)
    let options = labelled.options(context)
    let report = try Intervals.evaluateAll(
      predictions, target, weights: labelled.weights, rowKeys: keys, options: options)
    let metric = try MetricCatalog.metric(named: archive.metric)
    var light = BootstrapOptions(replicateCount: 200)
    light.keepsEqualKeysTogether = labelled.isGrouped
    let slices = try Slices.worst(
      metric, features, predictions, target, weights: labelled.weights, rowKeys: keys, options: light)
    var fairness: [(String, JSONValue)] = []
    for group in groups {
      let index = try features.schema.resolve(group, in: "--by")
      let name = features.schema.fields[index].name
      let found = try Fairness.evaluate(
        by: name, features, predictions, target, weights: labelled.weights, rowKeys: keys, options: options)
      if let found { fairness.append((name, found.json)) }
    }
    let classes =
      predictions.values != nil
      ? nil
      : try ClassMetrics.make(predictions, target, weights: labelled.weights, rowKeys: keys, options: options)
    let json: JSONValue = [
      "rows": .integer(Int64(target.count)), "metrics": report.json, "by_class": classes?.json ?? .null,
      "slices": .array(slices.map(\.json)),
      "fairness": .object(fairness), "notes": .array(notes.map { .string($0) }),
    ]
    return EvaluationReport(
      rowCount: target.count,
      metrics: report.entries.map { ($0.name, $0.value.value, $0.value.low, $0.value.high) }, json: json, notes: notes)
  }

  /// Compares two models on the same rows, paired: for each metric the difference with its interval.
  ///
  /// - Parameter columns: what rows are worth, and which belong together.
  package static func compare(
    _ a: LoadedModel, _ b: LoadedModel, path: String, columns: RowColumns = RowColumns(), context: LifecycleContext
  ) throws -> JSONValue {
    guard a.archive.task == b.archive.task, a.archive.classes == b.archive.classes else {
      throw MLError(
        .invalidParameter, "compare: \(a.reference) and \(b.reference) must predict the same thing.",
        hint: "Compare two versions of one model.")
    }
    let rows = try labelledRows(path, for: a.archive, columns: columns, context: context)
    let others = try labelledRows(path, for: b.archive, columns: columns, context: context)
    guard rows.target == others.target else {
      throw MLError(.invalidData, "compare: the two models do not read the same truth from \(FileSystem.name(path)).")
    }
    return try compare(a, rows, b, others.features, context: context)
  }

  private static func compare(
    _ a: LoadedModel, _ rows: LabelledRows, _ b: LoadedModel, _ others: Frame, context: LifecycleContext
  ) throws -> JSONValue {
    let first = try a.archive.score(rows.features, workers: context.workers)
    let second = try b.archive.score(others, workers: context.workers)
    let target = rows.target
    let metrics = MetricCatalog.metrics(for: a.archive.task, classCount: max(2, a.archive.classes.count))
    let comparisons = try metrics.compactMap {
      try Intervals.compare(
        $0, first, second, target, weights: rows.weights, rowKeys: rows.units, options: rows.options(context))
    }
    return [
      "a": .string(a.reference), "b": .string(b.reference), "rows": .integer(Int64(target.count)),
      "metrics": .array(comparisons.map(\.json)),
    ]
  }
}

/// Cleans the labels of files that write them a little differently.
enum Labels {
  /// Labels of `target` that differ from those of `reference` only by spaces, case or a full stop take their form.
  static func cleaned(_ frame: Frame, target: String, like reference: Frame) throws -> (Frame, String?) {
    let column = try reference.column(target)
    var known = Set<String>()
    for row in 0..<column.count { if let text = column.text(at: row) { known.insert(text) } }
    return try cleaned(frame, target: target, known: TargetReading.sortedClassNames(Array(known)))
  }

  static func cleaned(_ frame: Frame, target: String, known: [String]) throws -> (Frame, String?) {
    let column = try frame.column(target)
    guard !known.isEmpty, column.kind == .category || column.kind == .text else { return (frame, nil) }
    let (cleaned, note) = LabelCleaning.normalisedLabels(column, known: known)
    return (try frame.setting(Field(of: cleaned, name: target), cleaned), note)
  }
}

extension ModelArchive {
  /// The field of the target when truth is read from a file.
  package var targetField: Field {
    task == .regression ? Field(target, .number) : Field(target, .category, categories: classes)
  }
}
