/// Cells of the number line, laid over the reference values: about equally full, with a value that many rows share in
/// a cell of its own.
///
/// Cell `i` holds what is above bound `i − 1` and not above bound `i`; an open cell leaves its bound to the next
/// cell, which holds that one value. Before the first cell lies *below*, after the last *above*. A class, since every
/// request passes it on and one reference is cheaper than its arrays; it never changes.
package final class NumericGrid: Sendable {
  /// Cells a reference is divided into, single values and the gaps between them aside.
  package static let standardCellCount = 128

  /// Smallest reference value.
  package let minimum: Double
  /// Upper bound of each cell, rising; an open cell and the single value after it share theirs.
  package let bounds: [Double]
  /// Which cells are open.
  let isOpen: [Bool]
  /// Grid of the exact sums.
  package let scale: Moments.Scale
  private let keys: [Double]
  private let depth: Int

  init(minimum: Double, bounds: [Double], isOpen: [Bool]) {
    self.minimum = minimum
    self.bounds = bounds
    self.isOpen = isOpen
    self.scale = Moments.Scale(minimum: minimum, maximum: bounds.last ?? minimum)
    var size = 1
    while size <= bounds.count { size *= 2 }
    var keys = [Double](repeating: .infinity, count: size)
    for (index, bound) in bounds.enumerated() { keys[index] = isOpen[index] ? bound.nextDown : bound }
    self.keys = keys
    self.depth = size / 2
  }

  /// No reference value: every number lies outside.
  static var empty: NumericGrid { NumericGrid(minimum: 0, bounds: [], isOpen: []) }

  /// Cells between below and above.
  package var cellCount: Int { bounds.count }
  /// Length of the counts: below, cells, above.
  package var slotCount: Int { bounds.count + 2 }
  /// Largest reference value.
  package var maximum: Double { bounds.last ?? minimum }
  /// Whether cell `index` is a single value.
  func isSingle(_ index: Int) -> Bool { index == 0 ? bounds[0] == minimum : isOpen[index - 1] }
  /// Lower end of cell `index`.
  func lower(_ index: Int) -> Double { index == 0 ? minimum : bounds[index - 1] }

  /// Slot of `value`: 0 below, `1 ... cellCount` the cells, `cellCount + 1` above.
  @inline(__always)
  private static func slot(_ value: Double, _ keys: Span<Double>, _ depth: Int, _ minimum: Double, _ last: Int) -> Int {
    var position = 0
    var step = depth
    while step > 0 {
      position &+= keys[position &+ step &- 1] < value ? step : 0
      step >>= 1
    }
    if position > last { position = last }
    return value < minimum ? 0 : position &+ 1
  }

  /// Slot of one value.
  func slot(of value: Double) -> Int {
    let keys = keys
    return Self.slot(value, keys.span, depth, minimum, bounds.count)
  }

  /// Adds every value to `slots`.
  func count(_ values: [Double], into slots: inout [Int64]) {
    let own = keys
    let keys = own.span
    let (depth, minimum, last) = (self.depth, self.minimum, bounds.count)
    var out = slots.mutableSpan
    for value in values { out[Self.slot(value, keys, depth, minimum, last)] &+= 1 }
  }
}

extension NumericGrid: Hashable {
  /// Same cells.
  package static func == (a: NumericGrid, b: NumericGrid) -> Bool {
    a === b || (a.minimum == b.minimum && a.bounds == b.bounds && a.isOpen == b.isOpen)
  }

  /// Hashes the cells.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(minimum)
    hasher.combine(bounds)
    hasher.combine(isOpen)
  }
}

extension NumericGrid: Codable {
  enum CodingKeys: String, CodingKey { case minimum, bounds, open }

  /// Bounds and the positions of open cells.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(minimum, forKey: .minimum)
    try container.encode(bounds, forKey: .bounds)
    try container.encode(isOpen.indices.filter { isOpen[$0] }, forKey: .open)
  }

  /// Refuses bounds that do not rise or are not finite.
  package convenience init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let minimum = try container.decode(Double.self, forKey: .minimum)
    let bounds = try container.decode([Double].self, forKey: .bounds)
    var isOpen = [Bool](repeating: false, count: bounds.count)
    for index in try container.decode([Int].self, forKey: .open) {
      guard isOpen.indices.dropLast().contains(index) else { throw ProfileError.corrupt("open cells lie outside") }
      isOpen[index] = true
    }
    guard minimum.isFinite, bounds.allSatisfy(\.isFinite), bounds.count <= 1 << 16 else {
      throw ProfileError.corrupt("grid bounds are not finite")
    }
    for index in bounds.indices {
      let lower = index == 0 ? minimum : bounds[index - 1]
      let rises = index == 0 ? bounds[0] >= lower : (isOpen[index - 1] ? bounds[index] == lower : bounds[index] > lower)
      guard rises else { throw ProfileError.corrupt("grid bounds do not rise") }
    }
    self.init(minimum: minimum, bounds: bounds, isOpen: isOpen)
  }
}
