/// What a decoder knows before the first row; made once, shared by all requests.
final class RowPlan: Sendable {
  let contract: Schema
  let kinds: [ColumnKind]
  let optional: [Bool]
  let hasOptional: Bool
  let hasDottedNames: Bool
  let parsers: [CellParser]
  let names: ByteTable
  /// Codes of category fields by bytes, and by text for what is spelt otherwise.
  let categories: [ByteTable?]
  let codes: [[String: Int32]]

  init(_ contract: Schema, _ optionalColumns: Set<String>) {
    self.contract = contract
    kinds = contract.fields.map(\.kind)
    optional = contract.fields.map { optionalColumns.contains($0.name) }
    hasOptional = optional.contains(true)
    hasDottedNames = contract.names.contains { $0.contains(".") }
    parsers = contract.fields.map(CellParser.init)
    names = ByteTable(contract.names)
    categories = contract.fields.map { $0.kind == .category ? ByteTable($0.categories) : nil }
    codes = contract.fields.map { field in
      var codes: [String: Int32] = [:]
      guard field.kind == .category else { return codes }
      for (index, name) in field.categories.enumerated() where codes[name] == nil { codes[name] = Int32(index) }
      return codes
    }
  }
}
