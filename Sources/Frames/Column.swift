import Basics

/// One typed buffer and its validity bits.
///
/// The slot of a missing cell holds the zero of its type (0, false, code 0, ""), so equal columns compare equal.
public struct Column: Sendable, Hashable {
  /// The values.
  public enum Storage: Sendable, Hashable {
    case number([Double])
    case integer([Int64])
    case boolean([Bool])
    /// Codes into `levels`. Levels past those the contract knows are unseen categories.
    case category(codes: [Int32], levels: [String])
    case text([String])
    /// Microseconds since 1970 UTC.
    case timestamp([Int64])
    case vector(SparseMatrix)
  }

  /// The values.
  public let storage: Storage
  /// Where a value is present; `nil` when everywhere.
  public let validity: Validity?

  /// Makes a column. Slots marked missing are set to zero; a validity without a missing row becomes `nil`.
  public init(_ storage: Storage, validity: Validity? = nil) {
    guard let validity, validity.presentCount < validity.count else {
      self.storage = storage
      self.validity = nil
      return
    }
    self.storage = storage.zeroed(where: validity)
    self.validity = validity
    precondition(validity.count == storage.count, "validity covers every row")
  }

  /// A column whose missing slots hold zeros already.
  init(zeroed storage: Storage, validity: Validity?) {
    self.storage = storage
    self.validity = validity.flatMap { $0.presentCount < $0.count ? $0 : nil }
  }

  /// Numbers; not-a-number becomes missing.
  public init(numbers: [Double]) {
    if numbers.contains(where: \.isNaN) {
      self.init(.number(numbers), validity: Validity(numbers.map { !$0.isNaN }))
    } else {
      self.init(.number(numbers))
    }
  }

  /// Texts as categories in order of first appearance, or with `levels` first; `nil` is missing.
  public init(categories values: [String?], levels known: [String] = []) {
    var levels = known
    var codes: [String: Int32] = [:]
    for (index, level) in known.enumerated() { codes[level] = Int32(index) }
    var out: [Int32] = []
    out.reserveCapacity(values.count)
    for value in values {
      guard let value else {
        out.append(0)
        continue
      }
      if let code = codes[value] {
        out.append(code)
      } else {
        let code = Int32(levels.count)
        codes[value] = code
        levels.append(value)
        out.append(code)
      }
    }
    self.init(.category(codes: out, levels: levels), validity: Validity(values.map { $0 != nil }))
  }

  /// Rows.
  public var count: Int { storage.count }

  /// What it holds.
  public var kind: ColumnKind {
    switch storage {
    case .number: .number
    case .integer: .integer
    case .boolean: .boolean
    case .category: .category
    case .text: .text
    case .timestamp: .timestamp
    case .vector: .vector
    }
  }

  /// Rows without a value.
  public var missingCount: Int { validity.map { $0.count - $0.presentCount } ?? 0 }

  /// Whether row `row` has a value.
  public func isPresent(_ row: Int) -> Bool { validity?[row] ?? true }

  /// Numbers, integers, booleans (0, 1) or timestamps (seconds) as `Double`, missing as NaN; `nil` for other kinds.
  public var doubles: [Double]? {
    var out: [Double]
    switch storage {
    case .number(let values): out = values
    case .integer(let values): out = values.map(Double.init)
    case .boolean(let values): out = values.map { $0 ? 1 : 0 }
    case .timestamp(let values): out = values.map { Double($0) * 1e-6 }
    case .category, .text, .vector: return nil
    }
    if let validity { for row in out.indices where !validity[row] { out[row] = .nan } }
    return out
  }

  /// The cell of `row` as a person would read it; `nil` when missing.
  public func text(at row: Int) -> String? {
    guard isPresent(row) else { return nil }
    switch storage {
    case .number(let values): return NumberText.shortest(values[row])
    case .integer(let values): return String(values[row])
    case .boolean(let values): return values[row] ? "true" : "false"
    case .category(let codes, let levels): return levels[Int(codes[row])]
    case .text(let values): return values[row]
    case .timestamp(let values): return Timestamp(microseconds: values[row]).description
    case .vector: return nil
    }
  }

  /// The chosen rows, in that order. Levels of a category column stay as they are.
  public func gathered(_ rows: [Int]) -> Column {
    Column(storage.gathered(rows), validity: validity?.gathered(rows))
  }
}

extension Column.Storage {
  /// Rows.
  public var count: Int {
    switch self {
    case .number(let values): values.count
    case .integer(let values), .timestamp(let values): values.count
    case .boolean(let values): values.count
    case .category(let codes, _): codes.count
    case .text(let values): values.count
    case .vector(let matrix): matrix.rowCount
    }
  }

  func gathered(_ rows: [Int]) -> Column.Storage {
    switch self {
    case .number(let values): .number(rows.map { values[$0] })
    case .integer(let values): .integer(rows.map { values[$0] })
    case .boolean(let values): .boolean(rows.map { values[$0] })
    case .category(let codes, let levels): .category(codes: rows.map { codes[$0] }, levels: levels)
    case .text(let values): .text(rows.map { values[$0] })
    case .timestamp(let values): .timestamp(rows.map { values[$0] })
    case .vector(let matrix): .vector(matrix.gathered(rows))
    }
  }

  func zeroed(where validity: Validity) -> Column.Storage {
    func cleared<T>(_ values: [T], _ zero: T) -> [T] {
      var out = values
      for row in out.indices where !validity[row] { out[row] = zero }
      return out
    }
    switch self {
    case .number(let values): return .number(cleared(values, 0))
    case .integer(let values): return .integer(cleared(values, 0))
    case .boolean(let values): return .boolean(cleared(values, false))
    case .category(let codes, let levels): return .category(codes: cleared(codes, 0), levels: levels)
    case .text(let values): return .text(cleared(values, ""))
    case .timestamp(let values): return .timestamp(cleared(values, 0))
    case .vector: return self
    }
  }
}
