public import Basics
public import Frames
public import Modeling

/// A trained network over table rows.
public struct MultilayerPerceptronModel: UpdatableModel {
  let encoder: TableEncoder
  let output: NeuralOutput
  let shape: TableShape
  let values: [Float]
  let statistics: [Float]
  let settings: MultilayerPerceptron
  private let scorer: TableScorer
  private let epochs: Int

  /// The columns it needs.
  public var schema: Schema { encoder.schema }
  /// Epochs its weights are from.
  public var iterationCount: Int? { epochs }

  init(
    encoder: TableEncoder, output: NeuralOutput, shape: TableShape, values: [Float], statistics: [Float],
    settings: MultilayerPerceptron, iterationCount: Int
  ) {
    self.encoder = encoder
    self.output = output
    self.shape = shape
    self.values = values
    self.statistics = statistics
    self.settings = settings
    epochs = iterationCount
    scorer = TableScorer(shape, values: values, statistics: statistics)
  }

  /// Numbers or probabilities; a row's do not depend on the batch it comes in.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column.
  public func predict(_ frame: Frame) throws -> Predictions {
    let rows = try encoder.encode(frame, workers: .serial)
    var out: [Double] = []
    out.reserveCapacity(rows.rowCount * output.width)
    scorer.forEachBatch(rows) { _, scores in output.append(scores, to: &out) }
    return output.predictions(out)
  }

  /// Goes over `data` once more at a tenth of the learning rate.
  ///
  /// - Throws: `.schemaMismatch` when `data` does not have the model's columns or classes.
  public mutating func update(with data: TrainingData, in context: FitContext) throws {
    var gentle = settings.withIterationCount(1)
    gentle.learningRate = max(1e-8, settings.learningRate / 10)
    gentle.schedule = .constant
    gentle.warmupFraction = 0
    self = try gentle.fit(data, continuing: self, in: context).with(settings)
  }

  private func with(_ settings: MultilayerPerceptron) -> MultilayerPerceptronModel {
    MultilayerPerceptronModel(
      encoder: encoder, output: output, shape: shape, values: values, statistics: statistics, settings: settings,
      iterationCount: epochs)
  }

  // MARK: archive

  /// Adds everything `init(from:)` needs.
  public func write(to archive: inout ArchiveWriter) throws {
    archive.set("settings", try Configuration.encode(settings))
    archive.set("epochs", .integer(Int64(epochs)))
    archive.set("hidden", .array(shape.hidden.map { .integer(Int64($0)) }))
    output.write(to: &archive)
    try encoder.write(to: &archive)
    archive.add("weights", floats: values)
    archive.add("statistics", floats: statistics)
  }

  /// Reads what `write` wrote.
  ///
  /// - Throws: `.corruptFile` when something is lacking or does not fit together.
  public init(from archive: ArchiveReader) throws {
    let settings = try Configuration.decode(MultilayerPerceptron.self, from: archive.value("settings"))
    try settings.validate()
    let encoder = try TableEncoder(from: archive, owner: MultilayerPerceptron.card.name)
    let output = try NeuralOutput(from: archive)
    let hidden = try archive.widths("hidden")
    let shape = TableShape(
      numberWidth: encoder.numberWidth,
      categories: encoder.categories.map { .init(rowCount: $0.rowCount, width: $0.width) },
      vectorWidths: encoder.vectors.map(\.width), hidden: hidden, outputWidth: output.width,
      activation: settings.activation, isNormalised: settings.batchNormalisation)
    let values = try archive.finiteFloats("weights")
    let statistics = try archive.finiteFloats("statistics")
    guard values.count == shape.weightCount, statistics.count == shape.dense.statisticsCount else {
      throw archive.corrupt("has weights that do not fit its layers")
    }
    let epochs = try archive.integer("epochs")
    guard epochs >= 0 else { throw archive.corrupt("has a negative number of epochs") }
    self.init(
      encoder: encoder, output: output, shape: shape, values: values, statistics: statistics, settings: settings,
      iterationCount: epochs)
  }
}

extension TableShape {
  /// Weights it has, without a trap where an archive names absurd widths.
  var weightCount: Int? {
    var sum = 0.0
    for size in categories { sum += Double(size.rowCount) * Double(size.width) }
    for width in vectorWidths { sum += Double(width) * Double(hidden.first ?? outputWidth) }
    var input = Double(numberWidth + embeddingWidth)
    for width in hidden {
      sum += (input + (isNormalised ? 2 : 1)) * Double(width)
      input = Double(width)
    }
    sum += (input + 1) * Double(outputWidth)
    return sum < 1e12 ? Int(sum) : nil
  }
}
