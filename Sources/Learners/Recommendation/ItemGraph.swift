import Basics

/// How much having one item speaks for another: sparse rows of weights, from what is had to what is scored.
struct ItemGraph: Sendable, Hashable {
  /// Targets of item `i` are `offsets[i] ..< offsets[i + 1]`, ascending.
  let offsets: [Int]
  let targets: [Int32]
  let weights: [Float]

  init(offsets: [Int], targets: [Int32], weights: [Float]) {
    (self.offsets, self.targets, self.weights) = (offsets, targets, weights)
  }

  /// From what speaks for each target: `incoming[target]` = sources and weights.
  init(incoming: [[(source: Int32, weight: Float)]]) {
    var offsets = [Int](repeating: 0, count: incoming.count + 1)
    for list in incoming { for entry in list { offsets[Int(entry.source) + 1] += 1 } }
    for item in incoming.indices { offsets[item + 1] += offsets[item] }
    var next = offsets
    var targets = [Int32](repeating: 0, count: offsets[incoming.count])
    var weights = [Float](repeating: 0, count: targets.count)
    for (target, list) in incoming.enumerated() {
      for entry in list {
        targets[next[Int(entry.source)]] = Int32(target)
        weights[next[Int(entry.source)]] = entry.weight
        next[Int(entry.source)] += 1
      }
    }
    self.init(offsets: offsets, targets: targets, weights: weights)
  }

  /// Weight from `source` to `target`; 0 when there is none.
  func weight(from source: Int, to target: Int) -> Double {
    var (low, high) = (offsets[source], offsets[source + 1])
    while low < high {
      let middle = (low + high) / 2
      if targets[middle] < Int32(target) { low = middle + 1 } else { high = middle }
    }
    return low < offsets[source + 1] && targets[low] == Int32(target) ? Double(weights[low]) : 0
  }

  /// Adds `share` of what `source` says to every target's score.
  func add(_ source: Int, to scores: inout [Double]) {
    for place in offsets[source]..<offsets[source + 1] { scores[Int(targets[place])] += Double(weights[place]) }
  }

  /// The strongest `count` of `candidates` by magnitude, ties to the lower item, in item order.
  static func strongest(
    _ candidates: [(source: Int32, weight: Float)], _ count: Int
  ) -> [(source: Int32, weight: Float)] {
    guard candidates.count > count else { return candidates }
    let order = candidates.sorted {
      abs($0.weight) == abs($1.weight) ? $0.source < $1.source : abs($0.weight) > abs($1.weight)
    }
    return order.prefix(count).sorted { $0.source < $1.source }
  }

  func write(to archive: inout ArchiveWriter) {
    archive.add("graph_offsets", int64s: offsets.map(Int64.init))
    archive.add("graph_targets", int32s: targets)
    archive.add("graph_weights", floats: weights)
  }

  init(from archive: ArchiveReader, itemCount: Int) throws {
    offsets = try archive.int64s("graph_offsets").map(Int.init)
    targets = try archive.int32s("graph_targets")
    weights = try archive.floats("graph_weights")
    try Self.check(offsets, targets, rows: itemCount, columns: itemCount, archive)
    guard weights.count == targets.count, weights.allSatisfy(\.isFinite) else {
      throw archive.corrupt("holds item weights that do not fit together")
    }
  }

  /// Throws unless the arrays are compressed rows of ascending columns.
  static func check(
    _ offsets: [Int], _ indices: [Int32], rows: Int, columns: Int, _ archive: ArchiveReader
  ) throws {
    guard offsets.count == rows + 1, offsets.first == 0, offsets.last == indices.count,
      zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 }),
      indices.allSatisfy({ $0 >= 0 && $0 < columns })
    else { throw archive.corrupt("holds compressed rows that do not fit together") }
    for row in 0..<rows {
      let part = indices[offsets[row]..<offsets[row + 1]]
      guard zip(part, part.dropFirst()).allSatisfy({ $0 < $1 }) else {
        throw archive.corrupt("holds compressed rows that are not in order")
      }
    }
  }
}
