import Basics

/// Grows one tree of an isolation forest; leaves hold the depth at which their rows end.
struct IsolationGrower {
  private let table: FeatureTable
  private let features: [TreeFeature]
  private let depthLimit: Int
  private var stream: RandomStream
  private var nodes = TreeNodes()

  init(_ table: FeatureTable, _ features: [TreeFeature], _ stream: RandomStream, depthLimit: Int) {
    self.table = table
    self.features = features
    self.stream = stream
    self.depthLimit = depthLimit
  }

  /// A tree over `rows`.
  mutating func grow(_ rows: [Int]) -> TreeNodes {
    nodes.roots = [add(rows, depth: 0)]
    return nodes
  }

  /// Mean depth of a random tree over `count` rows: `2 H(n − 1) − 2 (n − 1) / n`.
  static func meanDepth(_ count: Int) -> Double {
    if count < 2 { return 0 }
    if count == 2 { return 1 }
    let n = Double(count)
    return 2 * (Mathematics.log(n - 1) + 0.5772156649015329) - 2 * (n - 1) / n
  }

  private mutating func add(_ rows: [Int], depth: Int) -> Int32 {
    guard rows.count > 1, depth < depthLimit, let cut = cut(rows) else {
      nodes.leaves.append(Double(depth) + Self.meanDepth(rows.count))
      nodes.cover.append(Double(rows.count))
      return ~Int32(nodes.leaves.count - 1)
    }
    let node = nodes.feature.count
    nodes.feature.append(Int32(cut.feature))
    nodes.threshold.append(cut.threshold)
    nodes.missingLeft.append(cut.missingLeft ? 1 : 0)
    nodes.categories.append(cut.words.isEmpty ? -1 : Int32(nodes.words.count))
    nodes.words.append(contentsOf: cut.words)
    nodes.left.append(0)
    nodes.right.append(0)
    nodes.left[node] = add(cut.left, depth: depth + 1)
    nodes.right[node] = add(cut.right, depth: depth + 1)
    return Int32(node)
  }

  private struct Cut {
    var feature: Int
    var threshold = 0.0
    var words: [UInt32] = []
    var missingLeft = false
    var left: [Int] = []
    var right: [Int] = []
  }

  /// A random cut of a random feature that varies; `nil` when none does.
  private mutating func cut(_ rows: [Int]) -> Cut? {
    var order = Array(features.indices)
    for position in order.indices {
      order.swapAt(position, position + stream.index(below: order.count - position))
      let feature = order[position]
      if let cut = features[feature].isCategory ? categoryCut(feature, rows) : numberCut(feature, rows) { return cut }
    }
    return nil
  }

  private mutating func numberCut(_ feature: Int, _ rows: [Int]) -> Cut? {
    let column = table.columns[feature]
    var low = Double.infinity
    var high = -Double.infinity
    for row in rows where !column[row].isNaN {
      low = min(low, column[row])
      high = max(high, column[row])
    }
    guard low < high else { return nil }
    var cut = Cut(feature: feature, threshold: between(low, high))
    cut.left = rows.filter { column[$0] <= cut.threshold }
    cut.right = rows.filter { column[$0] > cut.threshold }
    deal(rows.filter { column[$0].isNaN }, &cut)
    return cut
  }

  /// An even draw from `low ..< high`; infinite ends are taken for the largest finite numbers.
  private mutating func between(_ low: Double, _ high: Double) -> Double {
    let bottom = max(low, -.greatestFiniteMagnitude)
    let top = min(high, .greatestFiniteMagnitude)
    let share = stream.uniform()
    let value = bottom * (1 - share) + top * share
    return min(max(value, low), high.nextDown)
  }

  private mutating func categoryCut(_ feature: Int, _ rows: [Int]) -> Cut? {
    let column = table.columns[feature]
    let present = Set(rows.map { Int(column[$0]) }).subtracting([0]).sorted()
    guard present.count > 1 else { return nil }
    var isLeft = present.map { _ in stream.next() >> 63 == 1 }
    if !isLeft.contains(!isLeft[0]) { isLeft[stream.index(below: isLeft.count)].toggle() }
    var cut = Cut(feature: feature)
    let leftCodes = Set(zip(present, isLeft).filter(\.1).map(\.0))
    cut.left = rows.filter { leftCodes.contains(Int(column[$0])) }
    cut.right = rows.filter { column[$0] != 0 && !leftCodes.contains(Int(column[$0])) }
    deal(rows.filter { column[$0] == 0 }, &cut)
    let codeCount = features[feature].codeCount
    cut.words = [UInt32](repeating: 0, count: (codeCount + 31) / 32)
    for code in 0..<codeCount {
      let goesLeft = present.contains(code) ? leftCodes.contains(code) : cut.missingLeft
      if goesLeft { cut.words[code >> 5] |= 1 << UInt32(code & 31) }
    }
    return cut
  }

  /// Rows without a value go to the side with more rows.
  private func deal(_ missing: [Int], _ cut: inout Cut) {
    cut.missingLeft = cut.left.count > cut.right.count
    if cut.missingLeft { cut.left += missing } else { cut.right += missing }
  }
}
