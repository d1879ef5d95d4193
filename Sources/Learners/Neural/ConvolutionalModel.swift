public import Basics
public import Frames
public import Modeling
import Kernels

/// A trained convolutional network.
public struct ConvolutionalModel: ImageModel {
  let encoder: ImageEncoder
  let output: NeuralOutput
  let shape: ConvolutionShape
  let values: [Float]
  let statistics: [Float]
  private let scorer: ConvolutionScorer
  private let epochs: Int

  /// The columns it needs.
  public var schema: Schema { encoder.schema }
  /// Size of its images.
  public var imageSize: ImageSize { ImageSize(height: shape.height, width: shape.width, channels: shape.channels) }
  /// Epochs its weights are from.
  public var iterationCount: Int? { epochs }

  init(
    encoder: ImageEncoder, output: NeuralOutput, shape: ConvolutionShape, values: [Float], statistics: [Float],
    iterationCount: Int
  ) {
    self.encoder = encoder
    self.output = output
    self.shape = shape
    self.values = values
    self.statistics = statistics
    epochs = iterationCount
    scorer = ConvolutionScorer(shape, values: values, statistics: statistics)
  }

  /// Numbers or probabilities; a row's do not depend on the batch it comes in.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column.
  public func predict(_ frame: Frame) throws -> Predictions {
    let images = try encoder.encode(frame, workers: .serial)
    var out: [Double] = []
    out.reserveCapacity(frame.rowCount * output.width)
    output.append(scorer.scores(images, workers: .serial).whole, to: &out)
    return output.predictions(out)
  }

  // MARK: archive

  /// Adds everything `init(from:)` needs.
  public func write(to archive: inout ArchiveWriter) throws {
    archive.set("schema", try Configuration.encode(encoder.schema))
    archive.set("size", .array([shape.height, shape.width, shape.channels].map { .integer(Int64($0)) }))
    archive.set("filters", .array(shape.filters.map { .integer(Int64($0)) }))
    archive.set("dense_width", .integer(Int64(shape.denseWidth)))
    archive.set("epochs", .integer(Int64(epochs)))
    output.write(to: &archive)
    archive.add("scale", doubles: encoder.scales.flatMap { [$0.factor, $0.mean, $0.inverse] })
    archive.add("weights", floats: values)
    archive.add("statistics", floats: statistics)
  }

  /// Reads what `write` wrote.
  ///
  /// - Throws: `.corruptFile` when something is lacking or does not fit together.
  public init(from archive: ArchiveReader) throws {
    let schema = try Configuration.decode(Schema.self, from: archive.value("schema"))
    let size = try archive.widths("size")
    let scales = try archive.doubles("scale")
    guard size.count == 3, size.allSatisfy({ $0 <= 65_536 }), scales.count == 3 * size[2],
      scales.allSatisfy(\.isFinite)
    else { throw archive.corrupt("has a size of images that does not fit its scales") }
    let isVector = schema.count == 1 && schema.fields[0].kind == .vector
    let isNumbers = schema.fields.allSatisfy { $0.kind.isNumeric || $0.kind == .boolean }
    guard isVector || (isNumbers && schema.count == size[0] * size[1] * size[2]) else {
      throw archive.corrupt("has columns that do not fit the size of its images")
    }
    let encoder = ImageEncoder(
      schema: schema, size: (size[0], size[1], size[2]),
      scales: (0..<size[2]).map {
        NumberInput(
          field: $0, factor: scales[3 * $0], mean: scales[3 * $0 + 1], inverse: scales[3 * $0 + 2], hasIndicator: false)
      }, owner: ConvolutionalNetwork.card.name)
    let output = try NeuralOutput(from: archive)
    let filters = try archive.widths("filters")
    let denseWidth = try archive.integer("dense_width")
    let epochs = try archive.integer("epochs")
    guard (1...8).contains(filters.count), (0...8192).contains(denseWidth), epochs >= 0, output.width > 0 else {
      throw archive.corrupt("has layers out of range")
    }
    let shape = ConvolutionShape(
      height: size[0], width: size[1], channels: size[2], filters: filters, denseWidth: denseWidth,
      outputWidth: output.width)
    let values = try archive.finiteFloats("weights")
    let statistics = try archive.finiteFloats("statistics")
    guard values.count == shape.weightCount, statistics.count == shape.statisticsCount else {
      throw archive.corrupt("has weights that do not fit its layers")
    }
    self.init(
      encoder: encoder, output: output, shape: shape, values: values, statistics: statistics, iterationCount: epochs)
  }
}
