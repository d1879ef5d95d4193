package import Basics
import Evaluation
import Frames
package import Modeling

/// Explains a model on the rows of a file: what matters on the whole, how the prediction follows the columns that
/// matter most, why each row is scored as it is, and the smallest change that would flip it.
package enum Explaining {
  /// What is wanted.
  package struct Options: Sendable {
    /// Rows explained one by one, counted from 1; empty: the first ones.
    package var rows: [Int] = []
    /// Rows explained one by one where none are named.
    package var rowLimit = 5
    /// Columns whose dependence is drawn.
    package var dependenceCount = 4
    /// Whether to look for the smallest change that flips each explained row.
    package var counterfactuals = false
    /// Columns that such a change leaves alone.
    package var immutable: [String] = []
    /// Size of images whose pixels are the columns; `nil`: known from the model, or no images.
    package var image: ImageSize?

    /// The defaults.
    package init() {}
  }

  /// Rows on which the whole is judged at most.
  static let sampleCount = 1000

  /// The document of `explain --json`.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column, `.invalidParameter` for a row that is not there.
  package static func explain(
    _ model: LoadedModel, path: String, options: Options, context: LifecycleContext
  ) throws -> JSONValue {
    let archive = model.archive
    let (frame, target) = try rows(path, archive, context)
    guard frame.rowCount > 0 else {
      throw MLError(.invalidData, "\(FileSystem.name(path)): must have rows to explain; got none.")
    }
    let chosen =
      try options.rows.isEmpty
      ? Array(0..<min(options.rowLimit, frame.rowCount))
      : options.rows.map { row in
        guard (1...frame.rowCount).contains(row) else {
          throw MLError(
            .invalidParameter, "explain: row \(row) is not one of \(frame.rowCount).", hint: "Rows are counted from 1.",
            field: "row")
        }
        return row - 1
      }
    let explainer = try Explainer(archive, image: options.image, context: context)
    let effort = ExplanationEffort(archive.pipeline, explainer.regions, most: sampleCount)
    let sample = sample(frame, effort.rowCount)
    let whole = try explainer.explain(frame.gathered(sample), method: effort.method)
    let single = try explainer.explain(frame.gathered(chosen))
    let predictions = try archive.score(frame.gathered(chosen))
    let global = try columns(whole, frame, target, archive, context)
    let leading = global.prefix(options.dependenceCount).compactMap { $0["column"]?.stringValue }
    var json: JSONValue = [
      "model": .string(model.reference), "rows": .integer(Int64(frame.rowCount)),
      "explained_rows": .integer(Int64(sample.count)), "columns": .array(global),
      "dependence": .array(try leading.compactMap { try dependence($0, frame.gathered(sample), archive) }),
      "examples": .array(
        try chosen.indices.map { place in
          try example(place, chosen[place], single, predictions, frame, sample, archive, options)
        }),
    ]
    if let regions = explainer.regions {
      json["image"] = regions.sizeJSON
      json["regions"] = regions.json(whole.meanAbsolute, of: whole.columns)
    }
    return json
  }

  private static func rows(
    _ path: String, _ archive: ModelArchive, _ context: LifecycleContext
  ) throws -> (frame: Frame, target: Target?) {
    if archive.task == .classification || archive.task == .regression,
      let labelled = try? Evaluating.labelledRows(path, for: archive, context: context)
    {
      return (labelled.features, labelled.target)
    }
    let (frame, _) = try FrameSources.read(
      path, options: SourceOptions(contract: archive.contract, workers: context.workers))
    return (try frame.conformed(to: archive.contract), nil)
  }

  /// Rows with the lowest hashes, so that their order in the file does not matter.
  private static func sample(_ frame: Frame, _ count: Int) -> [Int] {
    let keys = RowKeys.hashes(frame)
    return keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.prefix(count).sorted()
  }

  /// Every column with its mean absolute share and, where the file has the truth, what the metric loses without it.
  private static func columns(
    _ whole: RowExplanations, _ frame: Frame, _ target: Target?, _ archive: ModelArchive, _ context: LifecycleContext
  ) throws -> [JSONValue] {
    var losses: [String: JSONValue] = [:]
    if let target {
      let metric = try MetricCatalog.metric(named: archive.metric)
      for entry in try Importance.permutation(
        frame, target, metric: metric, rowKeys: RowKeys.hashes(frame), seed: context.seed, workers: context.workers,
        score: { try archive.score($0) })
      {
        losses[entry.column] = entry.loss.json
      }
    }
    let means = whole.meanAbsolute
    return means.indices.sorted { (means[$1], $0) < (means[$0], $1) }.map { index in
      let name = whole.columns[index]
      return [
        "column": .string(name), "mean_absolute_share": .finite(means[index]),
        "permutation_loss": losses[name] ?? .null,
      ]
    }
  }

  private static func dependence(_ column: String, _ frame: Frame, _ archive: ModelArchive) throws -> JSONValue? {
    let kind = try frame.column(column).kind
    guard kind != .text, kind != .vector, archive.task != .clustering else { return nil }
    let part = frame.gathered(Array(0..<min(frame.rowCount, 300)))
    return try PartialDependence.make(column, part, rowKeys: RowKeys.hashes(part)) { try archive.score($0) }.json
  }

  private static func example(
    _ place: Int, _ row: Int, _ explanations: RowExplanations, _ predictions: Predictions, _ frame: Frame,
    _ sample: [Int], _ archive: ModelArchive, _ options: Options
  ) throws -> JSONValue {
    var json = explanations.json(row: place)
    json["row"] = .integer(Int64(row + 1))
    json["prediction"] = PredictionRows.outcome(predictions, place, codes: predictions.classCodes)
    if case .probabilities(let values, let classes) = predictions.storage {
      json["probabilities"] = .object(
        classes.indices.map { ($0, classes[$0]) }.map { ($1, .finite(values[place * classes.count + $0])) })
    }
    if options.counterfactuals, archive.classes.count == 2 {
      var search = CounterfactualSearch()
      search.immutable = Set(options.immutable + (archive.groups?.fields.map(\.name) ?? []))
      let other = archive.classes[predictions.classCodes[place] == 1 ? 0 : 1]
      let found = try search.find(
        row, of: frame, seen: frame.gathered(sample), goal: .decided(other)
      ) { try archive.score($0) }
      json["counterfactual"] = found?.json ?? .null
    }
    return json
  }
}
