import Basics
import Frames
import Kernels

/// Turns the columns of a table into what a network reads; learnt from training rows.
struct TableEncoder: Sendable {
  /// Columns it needs.
  let schema: Schema
  let numbers: [NumberInput]
  let categories: [CategoryInput]
  let vectors: [VectorInput]
  /// Name in errors.
  let owner: String

  /// Dense columns that numbers become.
  var numberWidth: Int { numbers.reduce(0) { $0 + $1.width } }
  /// Numbers that looked-up rows of categories add.
  var embeddingWidth: Int { categories.reduce(0) { $0 + $1.width } }

  init(schema: Schema, numbers: [NumberInput], categories: [CategoryInput], vectors: [VectorInput], owner: String) {
    self.schema = schema
    self.numbers = numbers
    self.categories = categories
    self.vectors = vectors
    self.owner = owner
  }

  /// Learns from the columns of `frame`.
  ///
  /// - Throws: `.invalidData` for a text column, infinite numbers in a vector, no columns, no rows.
  init(_ frame: Frame, weights: [Double]?, embeddingWidth: Int, owner: String, workers: Workers) throws {
    guard frame.schema.count > 0 else {
      throw MLError(.invalidData, "\(owner): must have at least one feature column; got none.", hint: "Add a column.")
    }
    guard frame.rowCount > 0 else { throw MLError(.invalidData, "\(owner): needs at least one row; got none.") }
    let parts = try workers.map(frame.columns.count) { index in
      try Self.learn(frame.columns[index], frame.schema.fields[index], index, weights, embeddingWidth, owner)
    }
    var fields = frame.schema.fields
    for (index, column) in frame.columns.enumerated() {
      if case .category(_, let levels) = column.storage { fields[index].categories = levels }
    }
    self.init(
      schema: try Schema(fields), numbers: parts.compactMap(\.number), categories: parts.compactMap(\.category),
      vectors: parts.compactMap(\.vector), owner: owner)
  }

  private struct Part: Sendable {
    var number: NumberInput?
    var category: CategoryInput?
    var vector: VectorInput?
  }

  private static func learn(
    _ column: Column, _ field: Field, _ index: Int, _ weights: [Double]?, _ width: Int, _ owner: String
  ) throws -> Part {
    switch column.storage {
    case .text:
      throw MLError(
        .invalidData, "\(owner): column '\(field.name)' must not be text.",
        hint: "Prepare it first: as categories, or as numbers by TF-IDF.", field: field.name)
    case .category(let codes, let levels):
      return Part(category: CategoryInput(column, codes: codes, levels: levels, field: index, width: width))
    case .vector(let matrix):
      guard matrix.values.allSatisfy(\.isFinite) else { throw notFinite(field.name, owner) }
      var squares = 0.0
      let largest = matrix.values.reduce(0) { max($0, abs($1)) }
      for value in matrix.values where value != 0 { squares += (value / largest) * (value / largest) }
      let stored = matrix.values.count { $0 != 0 }
      let root = stored > 0 ? largest * (squares / Double(stored)).squareRoot() : 1
      return Part(vector: VectorInput(field: index, width: matrix.width, scale: root > 1e-300 ? 1 / root : 0))
    default: return Part(number: NumberInput(column.doubles ?? [], field: index, weights: weights))
    }
  }

  private static func notFinite(_ name: String, _ owner: String) -> MLError {
    MLError(
      .invalidData, "\(owner): column '\(name)' must hold finite numbers; it holds infinite ones.",
      hint: "Put the step 'impute' before it.", field: name)
  }

  /// The columns of `frame` in the order of the schema.
  ///
  /// - Throws: `.schemaMismatch` naming one that is lacking or of another kind.
  func columns(_ frame: Frame) throws -> [Column] {
    try schema.fields.map { field in
      guard let index = frame.schema.index(of: field.name) else {
        throw MLError.unknown("column", field.name, among: frame.schema.names, in: owner, code: .schemaMismatch)
      }
      let column = frame.columns[index]
      guard fits(column, field) else {
        throw MLError(
          .schemaMismatch,
          "\(owner): column '\(field.name)' must be \(field.kind.rawValue); got \(column.kind.rawValue).",
          hint: "Read the table with the types the model was trained on.", field: field.name)
      }
      return column
    }
  }

  private func fits(_ column: Column, _ field: Field) -> Bool {
    switch (field.kind, column.kind) {
    case (.category, .category), (.category, .text), (.vector, .vector), (.timestamp, .timestamp): true
    case (.number, let kind), (.integer, let kind), (.boolean, let kind):
      kind == .number || kind == .integer || kind == .boolean
    default: false
    }
  }

  /// Every row as the network reads it.
  ///
  /// - Throws: `.schemaMismatch` naming a column that is lacking, of another kind or of another width.
  func encode(_ frame: Frame, workers: Workers) throws -> EncodedRows {
    let columns = try columns(frame)
    let rowCount = frame.rowCount
    var starts = [0]
    for number in numbers { starts.append(starts[starts.count - 1] + number.width) }
    let width = numberWidth
    let byColumn = NeuralBuffer(count: rowCount * width)
    workers.run(numbers.count) { [numbers, starts] index in
      let out = byColumn[(starts[index] * rowCount)..<(starts[index + 1] * rowCount)]
      numbers[index].write(columns[numbers[index].field].doubles ?? [], into: out)
    }
    let rows = NeuralBuffer(count: rowCount * width)
    let blocks = Workers.blocks(rowCount, minimum: 256, maximumCount: 1024)
    workers.run(blocks.count) { index in
      let block = blocks[index]
      let out = NeuralMatrix(
        rows[(block.lowerBound * width)..<(block.upperBound * width)], rowCount: block.count, columnCount: width)
      NeuralKernels.rows(block, ofColumns: byColumn.whole, rowCount: rowCount, into: out)
    }
    return EncodedRows(
      rowCount: rowCount, numberWidth: width, numbers: rows,
      codes: categories.map { $0.codes(columns[$0.field]) ?? [] }, vectors: try vectors.map { try matrix($0, columns) })
  }

  private func matrix(_ vector: VectorInput, _ columns: [Column]) throws -> SparseRows {
    let field = schema.fields[vector.field]
    guard case .vector(let matrix) = columns[vector.field].storage, matrix.width == vector.width else {
      throw MLError(
        .schemaMismatch, "\(owner): column '\(field.name)' must be vectors of \(vector.width) elements.",
        field: field.name)
    }
    guard matrix.values.allSatisfy(\.isFinite) else { throw Self.notFinite(field.name, owner) }
    let limit = 1e6
    return SparseRows(
      offsets: matrix.offsets, indices: matrix.indices,
      values: matrix.values.map { Float(min(max($0 * vector.scale, -limit), limit)) })
  }
}

/// Sparse rows in single precision.
struct SparseRows: Sendable {
  var offsets: [Int]
  var indices: [Int32]
  var values: [Float]
}

/// Rows as a network reads them.
struct EncodedRows: Sendable {
  var rowCount: Int
  var numberWidth: Int
  /// `[rowCount, numberWidth]`.
  var numbers: NeuralBuffer
  /// Looked-up row of each cell, by category column.
  var codes: [[Int32]]
  var vectors: [SparseRows]

  /// Mean number of elements stored in a row.
  var storedPerRow: Double {
    rowCount == 0 ? 0 : Double(vectors.reduce(0) { $0 + $1.values.count }) / Double(rowCount)
  }
}
