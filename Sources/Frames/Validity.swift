/// One bit a row: set where a value is present.
public struct Validity: Sendable, Hashable {
  /// Rows covered.
  public let count: Int
  /// Bits, row `i` at `words[i >> 6]` bit `i & 63`; bits past `count` are zero.
  public internal(set) var words: [UInt64]

  /// All present, or all missing.
  public init(repeating present: Bool, count: Int) {
    self.count = count
    words = [UInt64](repeating: present ? .max : 0, count: (count + 63) / 64)
    if present, count % 64 != 0 { words[words.count - 1] = (1 << UInt64(count % 64)) - 1 }
  }

  /// Bits from a list.
  public init(_ present: [Bool]) {
    self.init(repeating: false, count: present.count)
    for (row, isPresent) in present.enumerated() where isPresent { words[row >> 6] |= 1 << UInt64(row & 63) }
  }

  /// Bits set where a row is missing, laid out as `words`; bits past `count` do not matter.
  init(count: Int, missing: [UInt64]) {
    self.init(repeating: true, count: count)
    for index in words.indices where index < missing.count { words[index] &= ~missing[index] }
  }

  /// Whether row `row` has a value.
  @inlinable public subscript(row: Int) -> Bool {
    get { words[row >> 6] >> UInt64(row & 63) & 1 == 1 }
  }

  /// Marks row `row`.
  public mutating func set(_ row: Int, _ present: Bool) {
    if present { words[row >> 6] |= 1 << UInt64(row & 63) } else { words[row >> 6] &= ~(1 << UInt64(row & 63)) }
  }

  /// Rows with a value.
  public var presentCount: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  /// The bits of `rows`, in that order.
  public func gathered(_ rows: [Int]) -> Validity {
    var out = Validity(repeating: false, count: rows.count)
    for (index, row) in rows.enumerated() where self[row] { out.words[index >> 6] |= 1 << UInt64(index & 63) }
    return out
  }
}
