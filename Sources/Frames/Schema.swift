import Basics

/// What a column holds.
public enum ColumnKind: String, Sendable, Hashable, Codable, CaseIterable {
  /// Floating-point numbers.
  case number
  /// Whole numbers of 64 bits.
  case integer
  /// True or false.
  case boolean
  /// One of a list of texts.
  case category
  /// Free text.
  case text
  /// Instants, microseconds UTC.
  case timestamp
  /// Rows of a sparse matrix: many features under one name. Made by transforms only, never read from a file.
  case vector

  /// Whether values have an order and a distance.
  public var isNumeric: Bool { self == .number || self == .integer }
}

/// One column of a schema.
public struct Field: Sendable, Hashable, Codable {
  /// Column name, unique in its schema.
  public var name: String
  /// What it holds.
  public var kind: ColumnKind
  /// Known categories of a category column in code order; feature names of a vector column.
  public var categories: [String]
  /// Unit of the values, when known.
  public var unit: String?
  /// Whether a cell may be missing.
  public var mayBeMissing: Bool
  /// How timestamps were written, as the reader detected (see `TimestampFormat`).
  public var timestampFormat: String?

  /// Makes a field.
  public init(
    _ name: String, _ kind: ColumnKind, categories: [String] = [], unit: String? = nil,
    mayBeMissing: Bool = true, timestampFormat: String? = nil
  ) {
    self.name = name
    self.kind = kind
    self.categories = categories
    self.unit = unit
    self.mayBeMissing = mayBeMissing
    self.timestampFormat = timestampFormat
  }

  enum CodingKeys: String, CodingKey {
    case name, kind, categories, unit
    case mayBeMissing = "may_be_missing"
    case timestampFormat = "timestamp_format"
  }
}

/// Fields in order, names unique: the contract that rows are held to.
public struct Schema: Sendable, Hashable, Codable {
  /// Fields in order.
  public var fields: [Field] { storage.fields }
  private let storage: Storage

  /// Made once and shared by copies, so that telling two copies alike costs nothing.
  private final class Storage: Sendable {
    let fields: [Field]
    let positions: [String: Int]

    init(_ fields: [Field], _ positions: [String: Int]) {
      self.fields = fields
      self.positions = positions
    }
  }

  /// - Throws: `MLError` `.schemaMismatch` naming a duplicate.
  public init(_ fields: [Field]) throws {
    var positions: [String: Int] = [:]
    positions.reserveCapacity(fields.count)
    for (index, field) in fields.enumerated() {
      guard positions.updateValue(index, forKey: field.name) == nil else {
        throw MLError(
          .schemaMismatch, "schema: column name '\(field.name)' must be unique.",
          hint: "Rename one of the two columns.", field: field.name)
      }
    }
    storage = Storage(fields, positions)
  }

  /// No fields.
  public static var empty: Schema { Schema(fields: [], positions: [:]) }

  private init(fields: [Field], positions: [String: Int]) { storage = Storage(fields, positions) }

  /// Whether `other` is a copy of this very schema; equal ones made apart are not.
  package func isCopy(of other: Schema) -> Bool { storage === other.storage }

  /// Equal fields in the same order.
  public static func == (a: Schema, b: Schema) -> Bool { a.isCopy(of: b) || a.fields == b.fields }

  /// Hashes the fields.
  public func hash(into hasher: inout Hasher) { hasher.combine(fields) }

  /// Names in order.
  public var names: [String] { fields.map(\.name) }
  /// Number of fields.
  public var count: Int { fields.count }
  /// Position of the field called `name`.
  public func index(of name: String) -> Int? { storage.positions[name] }
  /// Field called `name`.
  public subscript(name: String) -> Field? { storage.positions[name].map { fields[$0] } }

  /// Position of a column named by a person: an exact name, or `#3` for the third and `#-1` for the last.
  ///
  /// - Throws: `.notFound` with the closest names.
  public func resolve(_ reference: String, in place: String) throws -> Int {
    if let index = storage.positions[reference] { return index }
    if reference.hasPrefix("#"), let number = Int(reference.dropFirst()), number != 0 {
      let index = number > 0 ? number - 1 : fields.count + number
      if fields.indices.contains(index) { return index }
      throw MLError(
        .notFound, "\(place): no column \(reference) (\(fields.count) columns).",
        hint: "Use #1 … #\(fields.count), or #-1 for the last.", field: reference)
    }
    var error = MLError.unknown("column", reference, among: names, in: place)
    error.message = "\(place): no column '\(reference)' (\(fields.count) columns)."
    throw error
  }

  /// Same fields without those named.
  public func removing(_ names: Set<String>) -> Schema {
    let kept = fields.filter { !names.contains($0.name) }
    return Schema(fields: kept, positions: Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1.name, $0) }))
  }

  /// Written as the list of fields.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(fields)
  }

  /// Read from a list of fields.
  public init(from decoder: any Decoder) throws {
    try self.init(decoder.singleValueContainer().decode([Field].self))
  }
}
