import Basics
import Frames
import Kernels

/// Reads pixels: number columns in their order, or one column of vectors; row by row, pixel by pixel, channel by
/// channel.
struct ImageEncoder: Sendable {
  /// Columns it needs.
  let schema: Schema
  let height: Int
  let width: Int
  let channels: Int
  /// Scale of each channel; `field` is the channel.
  let scales: [NumberInput]
  /// Name in errors.
  let owner: String

  /// Numbers of an image.
  var pixelCount: Int { height * width * channels }

  init(schema: Schema, size: (height: Int, width: Int, channels: Int), scales: [NumberInput], owner: String) {
    self.schema = schema
    (height, width, channels) = size
    self.scales = scales
    self.owner = owner
  }

  /// Learns size and scales.
  ///
  /// - Parameter asked: height, width and channels; 0 = by itself: one channel; a square, else one line.
  /// - Throws: `.invalidData` for no rows, no columns, columns that are not numbers; `.invalidParameter` for a size
  ///   that does not fit the columns.
  init(_ frame: Frame, asked: (height: Int, width: Int, channels: Int), owner: String, workers: Workers) throws {
    guard frame.rowCount > 0 else { throw MLError(.invalidData, "\(owner): needs at least one row; got none.") }
    let count = try Self.valueCount(frame, owner)
    let size = try Self.size(count, asked, owner)
    let values = PixelColumns(frame.columns, count: count)
    self.init(
      schema: frame.schema, size: size,
      scales: try workers.map(size.channels) { channel in values.scale(channel, of: size.channels) }, owner: owner)
  }

  private static func valueCount(_ frame: Frame, _ owner: String) throws -> Int {
    for (field, column) in zip(frame.schema.fields, frame.columns) {
      switch column.storage {
      case .number, .integer, .boolean: continue
      case .vector(let matrix) where frame.schema.count == 1:
        guard matrix.values.allSatisfy(\.isFinite) else {
          throw MLError(.invalidData, "\(owner): column '\(field.name)' must hold finite numbers.", field: field.name)
        }
        if matrix.width > 0 { return matrix.width }
      default: break
      }
      throw MLError(
        .invalidData, "\(owner): column '\(field.name)' must hold pixels; got \(column.kind.rawValue).",
        hint: "Give number columns only, or one column of vectors.", field: field.name)
    }
    guard frame.schema.count > 0 else {
      throw MLError(.invalidData, "\(owner): must have at least one pixel column; got none.", hint: "Add a column.")
    }
    return frame.schema.count
  }

  private static func size(
    _ count: Int, _ asked: (height: Int, width: Int, channels: Int), _ owner: String
  ) throws -> (height: Int, width: Int, channels: Int) {
    let channels = max(1, asked.channels)
    let pixels = count / channels
    var (height, width) = (asked.height, asked.width)
    if height == 0, width == 0 {
      let side = Int(Double(pixels).squareRoot().rounded())
      (height, width) = side * side == pixels ? (side, side) : (1, pixels)
    } else if height == 0 {
      height = max(1, pixels / width)
    } else if width == 0 {
      width = max(1, pixels / height)
    }
    guard height * width * channels == count else {
      throw MLError(
        .invalidParameter,
        "\(owner): 'image_width' × 'image_height' × 'channel_count' must be \(count); got \(width) × \(height) × \(channels).",
        hint: "Leave them out for a square image of one channel.", field: "image_width")
    }
    return (height, width, channels)
  }

  /// Every image, standardised, missing pixels as the mean.
  ///
  /// - Throws: `.schemaMismatch` naming a column that is lacking or of another kind.
  func encode(_ frame: Frame, workers: Workers) throws -> NeuralBuffer {
    let reader = TableEncoder(schema: schema, numbers: [], categories: [], vectors: [], owner: owner)
    let columns = try reader.columns(frame)
    let (rowCount, count) = (frame.rowCount, pixelCount)
    let out = NeuralBuffer(count: rowCount * count)
    if columns.count == 1, case .vector(let matrix) = columns[0].storage {
      guard matrix.width == count, matrix.values.allSatisfy(\.isFinite) else {
        throw MLError(
          .schemaMismatch, "\(owner): column '\(schema.fields[0].name)' must hold vectors of \(count) finite numbers.",
          field: schema.fields[0].name)
      }
      for row in 0..<rowCount { fill(matrix, row, out[(row * count)..<((row + 1) * count)]) }
      return out
    }
    let byColumn = NeuralBuffer(count: rowCount * count)
    workers.run(count) { [scales, channels] index in
      scales[index % channels].write(
        columns[index].doubles ?? [], into: byColumn[(index * rowCount)..<((index + 1) * rowCount)])
    }
    let blocks = Workers.blocks(rowCount, minimum: 256, maximumCount: 1024)
    workers.run(blocks.count) { index in
      let block = blocks[index]
      let part = out[(block.lowerBound * count)..<(block.upperBound * count)]
      NeuralKernels.rows(
        block, ofColumns: byColumn.whole, rowCount: rowCount,
        into: NeuralMatrix(part, rowCount: block.count, columnCount: count))
    }
    return out
  }

  private func fill(_ matrix: SparseMatrix, _ row: Int, _ out: NeuralRegion) {
    var dense = [Double](repeating: 0, count: pixelCount)
    for stored in matrix.offsets[row]..<matrix.offsets[row + 1] {
      dense[Int(matrix.indices[stored])] = matrix.values[stored]
    }
    for index in dense.indices { scales[index % channels].write([dense[index]], into: out[index..<(index + 1)]) }
  }
}

/// Pixels of a training table, by channel.
struct PixelColumns: Sendable {
  private let columns: [Column]
  private let count: Int

  init(_ columns: [Column], count: Int) {
    self.columns = columns
    self.count = count
  }

  /// The scale of one channel over all rows and pixels.
  func scale(_ channel: Int, of channels: Int) -> NumberInput {
    var largest = 0.0
    forEach(channel, channels) { if $0.isFinite { largest = max(largest, abs($0)) } }
    var factor = largest > 1e100 || (largest > 0 && largest < 1e-100) ? 1 / largest : 1
    if !factor.isFinite { factor = 0x1p1022 }
    var (sum, total) = (0.0, 0.0)
    forEach(channel, channels) { value in
      guard value.isFinite else { return }
      sum += value * factor
      total += 1
    }
    let mean = total > 0 ? sum / total : 0
    var squares = 0.0
    forEach(channel, channels) { value in
      guard value.isFinite else { return }
      squares += (value * factor - mean) * (value * factor - mean)
    }
    let deviation = total > 0 ? (squares / total).squareRoot() : 0
    let inverse = deviation > 1e-12 * abs(mean) && deviation > 1e-120 ? 1 / deviation : 0
    return NumberInput(field: channel, factor: factor, mean: mean, inverse: inverse, hasIndicator: false)
  }

  private func forEach(_ channel: Int, _ channels: Int, _ body: (Double) -> Void) {
    if columns.count == 1, case .vector(let matrix) = columns[0].storage {
      let cells = matrix.rowCount * (matrix.width / channels)
      var stored = 0
      for (index, value) in zip(matrix.indices, matrix.values) where Int(index) % channels == channel {
        body(value)
        stored += 1
      }
      for _ in 0..<max(0, cells - stored) { body(0) }
      return
    }
    for index in stride(from: channel, to: columns.count, by: channels) {
      for value in columns[index].doubles ?? [] { body(value) }
    }
  }
}
