import Basics
import Kernels

extension TextColumn {
  /// A column of a given kind, and the cells that did not fit it.
  struct Typed {
    var column: Column
    /// Rows whose text did not fit, taken as missing.
    var invalidCount = 0
    /// Position in the file of the first text that did not fit.
    var firstInvalid: Int?
    /// Levels that are not UTF-8.
    var latin1Count = 0
  }

  /// The column as `field` says; categories the field does not know follow those it knows, in order of their bytes.
  func typed(_ field: Field) -> Typed {
    let parser = CellParser(field)
    let text = levels.bytes.span
    let values = (0..<levels.count).map { parser.parse(text.extracting(span($0))) }
    let invalid = values.indices.filter { values[$0] == .invalid }
    var typed = Typed(column: column(field, values))
    if !invalid.isEmpty {
      let counts = counts()
      typed.invalidCount = invalid.reduce(0) { $0 + counts[$1] }
      typed.firstInvalid = invalid.map { levels.offsets[$0] }.min()
    }
    if levels.bytes.contains(where: { $0 >= 128 }) {
      typed.latin1Count = (0..<levels.count).count { String(validating: levels[$0], as: UTF8.self) == nil }
    }
    return typed
  }

  private func column(_ field: Field, _ values: [CellValue]) -> Column {
    let validity = validity(keeping: values.map { $0 != .missing && $0 != .invalid })
    let storage: Column.Storage
    switch field.kind {
    case .number: storage = .number(spread(values.map(\.number), 0))
    case .integer: storage = .integer(spread(values.map(\.integer), 0))
    case .boolean: storage = .boolean(spread(values.map { $0 == .boolean(true) }, false))
    case .timestamp: storage = .timestamp(spread(values.map(\.integer), 0))
    case .text, .vector: storage = .text(spread(values.map { $0.text ?? "" }, ""))
    case .category:
      let (codes, levels) = CategoryCodes.codes(of: values, known: field.categories)
      storage = .category(codes: spread(codes, 0), levels: levels)
    }
    return Column(zeroed: storage, validity: validity)
  }
}

/// Codes of texts under a contract.
enum CategoryCodes {
  /// Codes into the known categories followed by the unseen ones, these in order of their UTF-8 bytes; 0 for what
  /// is no text.
  static func codes(of values: [CellValue], known: [String]) -> (codes: [Int32], levels: [String]) {
    var places: [String: Int32] = Dictionary(minimumCapacity: known.count)
    for (index, name) in known.enumerated() where places[name] == nil { places[name] = Int32(index) }
    var unseen: Set<String> = []
    for case .text(let text) in values where places[text] == nil { unseen.insert(text) }
    guard !unseen.isEmpty else { return (values.map { code($0, places) }, known) }
    let ordered = unseen.map { ($0, Array($0.utf8)) }.sorted { $0.1.lexicographicallyPrecedes($1.1) }.map(\.0)
    for (index, name) in ordered.enumerated() { places[name] = Int32(known.count + index) }
    return (values.map { code($0, places) }, known + ordered)
  }

  private static func code(_ value: CellValue, _ places: [String: Int32]) -> Int32 {
    if case .text(let text) = value { places[text] ?? 0 } else { 0 }
  }
}
