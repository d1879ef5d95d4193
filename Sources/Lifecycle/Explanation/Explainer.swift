import Basics
package import Evaluation
package import Frames
package import Modeling

/// Says for each row how much every raw column moved the prediction.
///
/// Models that know their shares exactly (Shapley values of trees, closed form of linear models) are asked; the
/// shares of their scores are carried over into the prediction. Others are asked by experiment: Shapley values
/// over raw columns
/// against the archive's own rows. Mixtures add up the shares of their members by weight, calibration stretches them.
/// Whatever the way, baseline and shares sum to the prediction.
package struct Explainer: Sendable {
  let archive: ModelArchive
  let background: Frame
  let context: LifecycleContext
  /// Regions of images, where columns are pixels.
  let regions: ImageRegions?

  /// An explainer of `archive`.
  ///
  /// - Parameter image: size of images whose pixels are the columns; `nil`: known from the model, or no images.
  /// - Throws: `.invalidParameter` for tasks whose answers are lists or dates, or a size that does not fit.
  package init(_ archive: ModelArchive, image: ImageSize? = nil, context: LifecycleContext) throws {
    guard archive.task != .recommendation, archive.task != .forecasting else {
      throw MLError(
        .invalidParameter, "explain: \(archive.task.rawValue) is not explained by columns.",
        hint: "Use a model of classification, regression, anomaly or clustering.")
    }
    self.archive = archive
    self.context = context
    regions =
      try image.map { try ImageRegions($0, columns: archive.pipeline.schema.names) } ?? ImageRegions(archive.pipeline)
    background = try archive.golden.frame(archive.contract).conformed(to: archive.pipeline.schema)
  }

  /// Shares for every row.
  ///
  /// - Parameter method: how members that do not know their shares are asked.
  /// - Throws: `.schemaMismatch` naming a lacking column.
  package func explain(_ frame: Frame, method: Shapley.Method = .automatic) throws -> RowExplanations {
    let rows = try frame.conformed(to: archive.contract)
    let inputs = try rows.conformed(to: archive.pipeline.schema)
    let columns = inputs.schema.names
    var sum: MemberShares?
    var elements: [[(column: String, element: String, share: Double)]] = []
    for (index, member) in archive.pipeline.members.enumerated() {
      let weight = archive.pipeline.weights[index]
      let found = try shares(member, inputs, method)
      if index == 0 { elements = found.elements }
      sum = sum.map { $0.adding(found, weight: weight) } ?? found.scaled(by: weight)
    }
    guard var total = sum else { throw MLError(.internalFailure, "explain: the model has no members.") }
    try total.finish(archive: archive, rows: rows)
    return RowExplanations(
      columns: columns, outputs: total.outputs, baseline: total.baseline, values: total.values, elements: elements,
      regions: regions)
  }

  /// `rows` of output with a column `contribution_<column>` for every column of the contract.
  func adding(to rows: Frame, _ batch: Frame, _ predictions: Predictions) throws -> Frame {
    let found = try explain(batch)
    let codes = predictions.classCodes
    var out = rows
    for (index, name) in found.columns.enumerated() {
      let values = (0..<batch.rowCount).map { row in
        let shares = found.shares(row: row, output: found.outputs.count == 1 ? 0 : Int(codes[row]))
        return shares[shares.startIndex + index]
      }
      out = try out.setting(
        Field("contribution_\(name)", .number, mayBeMissing: false), Column(.number(values)))
    }
    return out
  }

  private func shares(
    _ member: FittedPipeline, _ rows: Frame, _ method: Shapley.Method
  ) throws -> MemberShares {
    guard let model = member.model as? any ExplainableModel else {
      let score = { @Sendable (frame: Frame) in try member.predict(frame) }
      let found =
        try regions?.shares(
          rows, background: background, method: method, seed: context.seed, workers: context.workers, score: score)
        ?? Shapley.values(
          rows, background: background, method: method, seed: context.seed, workers: context.workers, score: score)
      return try MemberShares(found, pipeline: member, prepared: nil, archive: archive)
    }
    let prepared = try member.prepared(rows)
    let found = try model.contributions(prepared, background: nil, workers: context.workers)
    return try MemberShares(found, pipeline: member, prepared: prepared, archive: archive)
  }
}

/// Shares in the predictions of one member of a model, `[row, output, column]`.
struct MemberShares: Sendable {
  var outputs: [String]
  var baseline: [Double]
  var values: [Double]
  let columnCount: Int
  /// Largest element shares of each row.
  var elements: [[(column: String, element: String, share: Double)]] = []

  /// Elements named for a row at most.
  static let elementCount = 8

  init(_ found: Contributions, pipeline: FittedPipeline, prepared: Frame?, archive: ModelArchive) throws {
    let scores = try ScoreShares(found, pipeline: pipeline)
    columnCount = scores.columnCount
    // Of two classes the positive one says it all.
    let kept = archive.classes.count == 2 && scores.outputCount == 2 ? [1] : Array(0..<scores.outputCount)
    outputs =
      archive.classes.isEmpty
      ? [""]
      : archive.classes.count == 2 && archive.task == .classification
        ? [archive.classes[1]] : archive.classes
    guard outputs.count == kept.count else {
      throw MLError(.internalFailure, "explain: \(kept.count) outputs are explained of \(outputs.count).")
    }
    baseline = []
    values = []
    for row in 0..<scores.rowCount {
      let said = scores.predictionShares(row: row)
      baseline = kept.map { said.baseline[$0] }
      for output in kept { values += said.shares[output] }
    }
    if let prepared { elements = Self.elements(found, pipeline, prepared) }
  }

  private static func elements(
    _ found: Contributions, _ pipeline: FittedPipeline, _ prepared: Frame
  ) -> [[(column: String, element: String, share: Double)]] {
    let places = found.features.indices.filter { found.features[$0].element != nil }
    guard !places.isEmpty, found.outputs.count > 0 else { return [] }
    let output = found.outputs.count == 2 ? 1 : 0
    return (0..<found.rowCount).map { row in
      let shares = found.shares(row: row, output: output)
      let moved = places.filter { shares[shares.startIndex + $0] != 0 }
        .sorted { abs(shares[shares.startIndex + $0]) > abs(shares[shares.startIndex + $1]) }
      return moved.prefix(elementCount).map { place in
        let feature = found.features[place]
        let names = prepared.schema[feature.field]?.categories ?? []
        let element = feature.element ?? 0
        return (
          pipeline.rawColumn(of: feature.field) ?? feature.field,
          element < names.count ? names[element] : "\(element)", shares[shares.startIndex + place]
        )
      }
    }
  }

  func scaled(by weight: Double) -> MemberShares {
    var copy = self
    copy.baseline = baseline.map { $0 * weight }
    copy.values = values.map { $0 * weight }
    return copy
  }

  func adding(_ other: MemberShares, weight: Double) -> MemberShares {
    var copy = self
    copy.baseline = zip(baseline, other.baseline).map { $0 + weight * $1 }
    copy.values = zip(values, other.values).map { $0 + weight * $1 }
    return copy
  }

  /// Stretches shares to what is said after calibration and lets them sum to it exactly.
  mutating func finish(archive: ModelArchive, rows: Frame) throws {
    let said = try archive.score(rows)
    let before = baseline
    if let calibrator = archive.calibrator {
      let full = outputs.count == 1 ? [1 - baseline[0], baseline[0]] : baseline
      let corrected = calibrator.applied(to: Predictions(.probabilities(full, classes: archive.classes)))
      baseline =
        outputs.count == 1
        ? corrected.probabilities(ofClass: 1) ?? baseline
        : archive.classes.indices.map { corrected.probabilities(ofClass: $0)?[0] ?? baseline[$0] }
    }
    for output in outputs.indices {
      let ends = said.values ?? said.probabilities(ofClass: outputs.count == 1 ? 1 : output) ?? []
      for row in ends.indices {
        let start = (row * outputs.count + output) * columnCount
        var shares = Array(values[start..<(start + columnCount)])
        let (step, raw) = (ends[row] - baseline[output], shares.reduce(0, +))
        if archive.calibrator != nil, before[output] != baseline[output] || abs(step - raw) > 1e-12, abs(raw) > 1e-9 {
          shares = shares.map { $0 * step / raw }
        }
        Residual.spread(&shares, toSum: step)
        for column in 0..<columnCount { values[start + column] = shares[column] }
      }
    }
  }
}
