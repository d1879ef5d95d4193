import Basics

extension RowBatch {
  /// The frame. A column that is optional and in no row is left out unless `keepsAll`.
  func finish(keepsAll: Bool = false) throws -> RowDecoder.Decoded {
    let fields = plan.contract.fields
    var kept = Array(fields.indices)
    var schema = plan.contract
    if plan.hasOptional, !keepsAll {
      kept = kept.filter { !plan.optional[$0] || given[$0] > 0 }
      schema = try Schema(kept.map { fields[$0] })
    }
    let validities = validities()
    var columns: [Column] = []
    columns.reserveCapacity(kept.count)
    for index in kept { columns.append(Column(zeroed: storage(index), validity: validities?[index])) }
    let frame = Frame(unchecked: schema, columns, rowCount: rowCount)
    return RowDecoder.Decoded(frame: frame, ignoredKeys: ignored, extras: [], invalidCells: invalid)
  }

  /// By field, where any cell is missing.
  private func validities() -> [Int: Validity]? {
    guard !missing.isEmpty else { return nil }
    var out: [Int: Validity] = [:]
    let width = plan.kinds.count
    for slot in missing {
      out[slot % width, default: Validity(repeating: true, count: rowCount)].set(slot / width, false)
    }
    return out
  }

  private func storage(_ index: Int) -> Column.Storage {
    switch plan.kinds[index] {
    case .number: .number(column(index) { Double(bitPattern: $0) })
    case .integer: .integer(column(index) { Int64(bitPattern: $0) })
    case .timestamp: .timestamp(column(index) { Int64(bitPattern: $0) })
    case .boolean: .boolean(column(index) { $0 == 1 })
    case .category: category(index)
    case .text, .vector: .text(textColumn(index))
    }
  }

  private func column<T>(_ index: Int, _ value: (UInt64) -> T) -> [T] {
    var out: [T] = []
    out.reserveCapacity(rowCount)
    var slot = index
    for _ in 0..<rowCount {
      out.append(value(slots[slot]))
      slot += plan.kinds.count
    }
    return out
  }

  private func textColumn(_ index: Int) -> [String] {
    var out = column(index) { texts.isEmpty ? "" : texts[Int($0)] }
    for slot in missing where slot % plan.kinds.count == index { out[slot / plan.kinds.count] = "" }
    return out
  }

  /// Unseen categories in order of their bytes, as a file would give them.
  private func category(_ index: Int) -> Column.Storage {
    let known = plan.contract.fields[index].categories
    let codes = column(index) { Int32(truncatingIfNeeded: $0) }
    guard let names = unseen[index]?.names else { return .category(codes: codes, levels: known) }
    let base = Int32(known.count)
    let order = names.indices.sorted { Array(names[$0].utf8).lexicographicallyPrecedes(Array(names[$1].utf8)) }
    var map = [Int32](repeating: 0, count: names.count)
    for (new, old) in order.enumerated() { map[old] = base + Int32(new) }
    return .category(codes: codes.map { $0 < base ? $0 : map[Int($0 - base)] }, levels: known + order.map { names[$0] })
  }
}

extension CellValue {
  /// The number, or 0.
  var number: Double { if case .number(let value) = self { value } else { 0 } }
  /// The whole number or the instant, or 0.
  var integer: Int64 {
    switch self {
    case .integer(let value), .timestamp(let value): value
    default: 0
    }
  }
  /// The text.
  var text: String? { if case .text(let value) = self { value } else { nil } }
}
