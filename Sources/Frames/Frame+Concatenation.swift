import Basics

extension Frame {
  /// Frames of the same names and kinds, one below the other; category levels are merged.
  ///
  /// - Throws: `.schemaMismatch` naming the column that differs.
  public static func concatenated(_ frames: [Frame]) throws -> Frame {
    guard let first = frames.first else { return try Frame(.empty, []) }
    if frames.count == 1 { return first }
    var fields: [Field] = []
    var columns: [Column] = []
    for field in first.schema.fields {
      let parts = try frames.map { frame -> Column in
        let part = try frame.column(field.name)
        guard part.kind == field.kind else {
          throw MLError(
            .schemaMismatch,
            "frames: column '\(field.name)' must be \(field.kind.rawValue) in all parts; got \(part.kind.rawValue).",
            field: field.name)
        }
        return part
      }
      let joined = Column.concatenated(parts)
      var merged = field
      if case .category(_, let levels) = joined.storage { merged.categories = levels }
      merged.mayBeMissing = field.mayBeMissing || joined.missingCount > 0
      fields.append(merged)
      columns.append(joined)
    }
    return try Frame(Schema(fields), columns)
  }

  /// The same rows with every category column's levels sorted by UTF-8 bytes and unused levels dropped, so that
  /// neither row order nor the way the rows were gathered shows.
  public func withCanonicalCategories() throws -> Frame {
    var fields = schema.fields
    let canonical = columns.enumerated().map { index, column -> Column in
      let column = column.withCanonicalCategories()
      if case .category(_, let levels) = column.storage { fields[index].categories = levels }
      return column
    }
    return try Frame(Schema(fields), canonical, rowCount: rowCount)
  }
}

extension Column {
  /// Columns of one kind, one below the other.
  static func concatenated(_ parts: [Column]) -> Column {
    let count = parts.reduce(0) { $0 + $1.count }
    var validity: Validity?
    if parts.contains(where: { $0.validity != nil }) {
      var bits = Validity(repeating: true, count: count)
      var start = 0
      for part in parts {
        for row in 0..<part.count where !part.isPresent(row) { bits.set(start + row, false) }
        start += part.count
      }
      validity = bits
    }
    return Column(Storage.concatenated(parts.map(\.storage)), validity: validity)
  }

  func withCanonicalCategories() -> Column {
    guard case .category(let codes, let levels) = storage else { return self }
    var used = [Bool](repeating: false, count: levels.count)
    for row in codes.indices where isPresent(row) { used[Int(codes[row])] = true }
    let kept = levels.indices.filter { used[$0] }
      .sorted { Array(levels[$0].utf8).lexicographicallyPrecedes(Array(levels[$1].utf8)) }
    var newCode = [Int32](repeating: 0, count: levels.count)
    for (code, old) in kept.enumerated() { newCode[old] = Int32(code) }
    let remapped = codes.indices.map { isPresent($0) ? newCode[Int(codes[$0])] : 0 }
    return Column(.category(codes: remapped, levels: kept.map { levels[$0] }), validity: validity)
  }
}

extension Column.Storage {
  static func concatenated(_ parts: [Column.Storage]) -> Column.Storage {
    var numbers: [Double] = [], integers: [Int64] = [], booleans: [Bool] = [], codes: [Int32] = []
    var texts: [String] = [], instants: [Int64] = [], levels: [String] = [], known: [String: Int32] = [:]
    var offsets = [0], indices: [Int32] = [], values: [Double] = [], width = 0
    for part in parts {
      switch part {
      case .number(let part): numbers += part
      case .integer(let part): integers += part
      case .boolean(let part): booleans += part
      case .text(let part): texts += part
      case .timestamp(let part): instants += part
      case .category(let partCodes, let partLevels):
        let remap = partLevels.map { level -> Int32 in
          if let code = known[level] { return code }
          let code = Int32(levels.count)
          known[level] = code
          levels.append(level)
          return code
        }
        codes += partCodes.map { remap.isEmpty ? 0 : remap[Int($0)] }
      case .vector(let matrix):
        width = max(width, matrix.width)
        let start = indices.count
        offsets += matrix.offsets.dropFirst().map { $0 + start }
        indices += matrix.indices
        values += matrix.values
      }
    }
    switch parts[0] {
    case .number: return .number(numbers)
    case .integer: return .integer(integers)
    case .boolean: return .boolean(booleans)
    case .text: return .text(texts)
    case .timestamp: return .timestamp(instants)
    case .category: return .category(codes: codes, levels: levels)
    case .vector: return .vector(SparseMatrix(width: width, offsets: offsets, indices: indices, values: values))
    }
  }
}

extension Frame {
  /// The columns of `contract`, in its order, with its categories first and unseen ones after them. Whole
  /// numbers are taken for numbers, and numbers for whole numbers: as such where all of them are, else as they are.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column or one of another kind.
  public func conformed(to contract: Schema) throws -> Frame {
    var columns: [Column] = []
    columns.reserveCapacity(contract.count)
    var fields = contract.fields
    for (index, field) in contract.fields.enumerated() {
      let column = try self.column(field.name)
      if field.kind == .integer, column.kind == .number {
        let whole = column.asWholeNumbers()
        if whole == nil { fields[index].kind = .number }
        columns.append(whole ?? column)
        continue
      }
      if field.kind == .number, case .integer(let values) = column.storage {
        columns.append(Column(.number(values.map(Double.init)), validity: column.validity))
        continue
      }
      guard column.kind == field.kind else {
        throw MLError(
          .schemaMismatch, "frame: column '\(field.name)' must be \(field.kind.rawValue); got \(column.kind.rawValue).",
          field: field.name)
      }
      columns.append(field.kind == .category ? column.withLevels(first: field.categories) : column)
    }
    return Frame(unchecked: fields == contract.fields ? contract : try Schema(fields), columns, rowCount: rowCount)
  }
}

extension Schema {
  /// The same with numbers for whole numbers: a quantity that happened to be whole in the rows that were seen.
  public func acceptingFractions(except kept: Set<String> = []) -> Schema {
    let wide = fields.map { field -> Field in
      guard field.kind == .integer, !kept.contains(field.name) else { return field }
      var field = field
      field.kind = .number
      return field
    }
    return (try? Schema(wide)) ?? self
  }
}

extension Column {
  /// The numbers as whole numbers; `nil` when one has a fraction or is too large to be told from its neighbours.
  func asWholeNumbers() -> Column? {
    guard case .number(let values) = storage else { return nil }
    var out = [Int64](repeating: 0, count: values.count)
    for (row, value) in values.enumerated() where isPresent(row) {
      guard abs(value) < 0x1p53, value == value.rounded() else { return nil }
      out[row] = Int64(value)
    }
    return Column(.integer(out), validity: validity)
  }

  /// The same cells with `known` as the first levels and unseen levels after them.
  func withLevels(first known: [String]) -> Column {
    guard case .category(let codes, let levels) = storage, !levels.starts(with: known) else { return self }
    var merged = known
    var position: [String: Int32] = [:]
    for (code, level) in known.enumerated() { position[level] = Int32(code) }
    let remap = levels.map { level -> Int32 in
      if let code = position[level] { return code }
      let code = Int32(merged.count)
      position[level] = code
      merged.append(level)
      return code
    }
    let moved = codes.indices.map { isPresent($0) ? remap[Int(codes[$0])] : 0 }
    return Column(.category(codes: moved, levels: merged), validity: validity)
  }
}
