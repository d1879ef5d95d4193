import CKernels

/// A k-d tree over rows: median splits of the widest side of each box, leaves of about `leafSize` rows.
///
/// Finds the same rows, with the same bits, as trying all of them; quicker where a row has few numbers.
///
/// - Source: Bentley, *Multidimensional binary search trees used for associative searching*, 1975; Omohundro, *Five
///   balltree construction algorithms*, 1989 (bounding boxes).
package struct RowTree: Sendable {
  /// Numbers of a row.
  package let width: Int
  private let depth: Int
  private let boxes: [Double]
  private let tiles: [Double]
  private let ids: [Int32]
  private let leafStarts: [Int32]
  private static let leafSize = 32

  /// Builds the tree over row-major `rows`, `stride` numbers apart, of which the first `width` are used.
  package init(_ rows: [Double], rowCount: Int, width: Int, stride: Int? = nil) {
    let stride = stride ?? width
    precondition(width > 0 && stride >= width && rows.count >= rowCount * stride, "rows fit")
    precondition(rowCount < Int(Int32.max) / 2, "row numbers fit")
    self.width = width
    var depth = 0
    while rowCount > Self.leafSize << depth { depth += 1 }
    self.depth = depth
    var order = (0..<rowCount).map { Int32($0) }
    var boxes = [Double](repeating: 0, count: ((2 << depth) - 1) * 2 * width)
    var ranges = [0..<rowCount]
    for node in 0..<((2 << depth) - 1) {
      let range = ranges[node]
      let side = Self.box(rows, stride, order, range, width, node, &boxes)
      guard node < (1 << depth) - 1 else { continue }
      let middle = (range.lowerBound + range.upperBound) / 2
      Self.select(rows, stride, side, &order, range, middle)
      ranges.append(range.lowerBound..<middle)
      ranges.append(middle..<range.upperBound)
    }
    self.boxes = boxes
    let leaves = ranges.suffix(1 << depth)
    var starts: [Int32] = [0]
    var ids: [Int32] = []
    var tiles: [Double] = []
    for leaf in leaves {
      let places = (leaf.count + Int(CK_TILE) - 1) / Int(CK_TILE) * Int(CK_TILE)
      let sorted = order[leaf].sorted()
      let first = tiles.count
      tiles.append(contentsOf: repeatElement(.nan, count: places * width))
      for (place, row) in sorted.enumerated() {
        let base = first + place / Int(CK_TILE) * width * Int(CK_TILE) + place % Int(CK_TILE)
        for d in 0..<width { tiles[base + d * Int(CK_TILE)] = rows[Int(row) * stride + d] }
      }
      ids.append(contentsOf: sorted)
      ids.append(contentsOf: repeatElement(.max, count: places - leaf.count))
      starts.append(Int32(ids.count / Int(CK_TILE)))
    }
    self.tiles = tiles
    self.ids = ids
    leafStarts = starts
  }

  /// The nearest `count` rows of every query.
  package func nearest(_ metric: RowDistance, queries: Span<Double>, count: Int) -> NearestRows {
    let queryCount = queries.count / width
    precondition(queries.count == queryCount * width && count > 0 && metric != .cosine, "a metric with boxes")
    var found = NearestRows(queryCount: queryCount, count: count)
    found.fill { best, index in
      withTree { tree in
        // SAFETY: `found` holds `queryCount * count` places; the tree was built from checked sizes.
        queries.withUnsafeBufferPointer { queries in
          guard let q = queries.baseAddress else { return }
          ck_tree_nearest(tree, metric.rawValue, q, queryCount, count, best, index)
        }
      }
    }
    return found
  }

  /// Rows no farther than `radius` (in units of the metric) from one query, in no particular order.
  package func within(_ metric: RowDistance, query: Span<Double>, radius: Double, into rows: inout [Int32]) {
    precondition(query.count == width && metric != .cosine, "one query")
    var capacity = max(64, rows.capacity)
    while true {
      var found = 0
      rows = [Int32](unsafeUninitializedCapacity: capacity) { buffer, count in
        withTree { tree in
          // SAFETY: the kernel writes at most `capacity` numbers and says how many there were.
          query.withUnsafeBufferPointer { query in
            guard let q = query.baseAddress, let out = buffer.baseAddress else { return }
            found = ck_tree_within(tree, metric.rawValue, q, radius, out, capacity)
          }
        }
        count = min(found, capacity)
      }
      if found <= capacity { return }
      capacity = found
    }
  }

  private func withTree(_ body: (UnsafePointer<ck_tree>) -> Void) {
    // SAFETY: the arrays are lent for the call alone; their sizes agree by construction.
    boxes.withUnsafeBufferPointer { boxes in
      tiles.withUnsafeBufferPointer { tiles in
        ids.withUnsafeBufferPointer { ids in
          leafStarts.withUnsafeBufferPointer { starts in
            var tree = ck_tree(
              boxes: boxes.baseAddress, tiles: tiles.baseAddress, ids: ids.baseAddress,
              leaf_start: starts.baseAddress, depth: depth, width: width)
            body(&tree)
          }
        }
      }
    }
  }

  /// Writes the box of a node; returns its widest side.
  private static func box(
    _ rows: [Double], _ stride: Int, _ order: [Int32], _ range: Range<Int>, _ width: Int, _ node: Int,
    _ boxes: inout [Double]
  ) -> Int {
    let base = node * 2 * width
    var widest = (side: 0, length: -1.0)
    for d in 0..<width {
      var (low, high) = (Double.infinity, -Double.infinity)
      for place in range {
        let value = rows[Int(order[place]) * stride + d]
        low = value < low ? value : low
        high = value > high ? value : high
      }
      boxes[base + d] = low
      boxes[base + width + d] = high
      if high - low > widest.length { widest = (d, high - low) }
    }
    return widest.side
  }

  /// Reorders `range` so that rows before `middle` are not greater in column `side`, ties by row number.
  private static func select(
    _ rows: [Double], _ stride: Int, _ side: Int, _ order: inout [Int32], _ range: Range<Int>, _ middle: Int
  ) {
    func isBefore(_ a: Int32, _ b: Int32) -> Bool {
      let (x, y) = (rows[Int(a) * stride + side], rows[Int(b) * stride + side])
      return x != y ? x < y : a < b
    }
    var (low, high) = (range.lowerBound, range.upperBound - 1)
    while low < high {
      let center = (low + high) / 2
      if isBefore(order[center], order[low]) { order.swapAt(center, low) }
      if isBefore(order[high], order[low]) { order.swapAt(high, low) }
      if isBefore(order[high], order[center]) { order.swapAt(high, center) }
      let pivot = order[center]
      var (i, j) = (low, high)
      while i <= j {
        while isBefore(order[i], pivot) { i += 1 }
        while isBefore(pivot, order[j]) { j -= 1 }
        if i <= j {
          order.swapAt(i, j)
          i += 1
          j -= 1
        }
      }
      if middle <= j { high = j } else if middle >= i { low = i } else { return }
    }
  }
}
