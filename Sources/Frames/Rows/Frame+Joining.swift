import Basics

extension Frame {
  /// The rows of several frames of one schema, one after the other. Levels of a category column are the first frame's,
  /// then those that only later ones have, in order of their UTF-8 bytes.
  ///
  /// - Throws: `.schemaMismatch` when a frame has other columns.
  public init(joining frames: [Frame], schema: Schema) throws {
    for frame in frames where frame.schema.names != schema.names {
      throw MLError(
        .schemaMismatch,
        "frame: can only join frames with the same columns; got \(frame.schema.count) and \(schema.count).")
    }
    let columns = try schema.fields.indices.map { index in
      try Column(joining: frames.map { $0.columns[index] }, field: schema.fields[index])
    }
    try self.init(schema, columns, rowCount: frames.reduce(0) { $0 + $1.rowCount })
  }
}

extension Column {
  /// The rows of several columns of the kind of `field`, one after the other.
  ///
  /// - Throws: `.schemaMismatch` when a column is of another kind.
  public init(joining columns: [Column], field: Field) throws {
    if let other = columns.first(where: { $0.kind != field.kind }) {
      throw MLError(
        .schemaMismatch, "frame: column '\(field.name)' must be \(field.kind.rawValue); got \(other.kind.rawValue).",
        field: field.name)
    }
    func join<T>(_ part: (Storage) -> [T]?) -> [T] { columns.flatMap { part($0.storage) ?? [] } }
    let storage: Storage
    switch field.kind {
    case .number: storage = .number(join { if case .number(let x) = $0 { x } else { nil } })
    case .integer: storage = .integer(join { if case .integer(let x) = $0 { x } else { nil } })
    case .boolean: storage = .boolean(join { if case .boolean(let x) = $0 { x } else { nil } })
    case .text: storage = .text(join { if case .text(let x) = $0 { x } else { nil } })
    case .timestamp: storage = .timestamp(join { if case .timestamp(let x) = $0 { x } else { nil } })
    case .category: storage = Self.joinedCategories(columns, field)
    case .vector: storage = .vector(Self.joinedVectors(columns))
    }
    var validity: Validity?
    if columns.contains(where: { $0.validity != nil }) {
      validity = Validity(columns.flatMap { column in (0..<column.count).map { column.isPresent($0) } })
    }
    self.init(storage, validity: validity)
  }

  private static func joinedCategories(_ columns: [Column], _ field: Field) -> Storage {
    var lists: [(codes: [Int32], levels: [String])] = []
    for column in columns {
      if case .category(let codes, let levels) = column.storage { lists.append((codes, levels)) }
    }
    let known = lists.first?.levels ?? field.categories
    let all = lists.flatMap { $0.levels }.map(CellValue.text)
    let (_, merged) = CategoryCodes.codes(of: all, known: known)
    var places: [String: Int32] = [:]
    for (index, level) in merged.enumerated() where places[level] == nil { places[level] = Int32(index) }
    let codes = lists.flatMap { list -> [Int32] in
      let map = list.levels.map { places[$0] ?? 0 }
      return list.codes.map { map.isEmpty ? 0 : map[Int($0)] }
    }
    return .category(codes: codes, levels: merged)
  }

  private static func joinedVectors(_ columns: [Column]) -> SparseMatrix {
    var width = 0
    var offsets = [0]
    var indices: [Int32] = []
    var values: [Double] = []
    for column in columns {
      guard case .vector(let matrix) = column.storage else { continue }
      width = max(width, matrix.width)
      for row in 0..<matrix.rowCount { offsets.append(matrix.offsets[row + 1] + indices.count) }
      indices += matrix.indices
      values += matrix.values
    }
    return SparseMatrix(width: width, offsets: offsets, indices: indices, values: values)
  }
}
