import Basics
import Kernels
import Modeling

/// Saving a fit and going on from where it was.
extension BoostingRun {
  /// Saves the trees so far when it is time to.
  func save(_ best: BestIteration) throws {
    guard let checkpoints = context.checkpoints, checkpoints.isDue else { return }
    var archive = ArchiveWriter()
    archive.set("fit", try fingerprint)
    archive.add("best", doubles: [Double(best.count), best.value])
    archive.add("node_counts", int32s: builder.trees.map { Int32($0.tree.features.count) })
    archive.add("features", int32s: builder.trees.flatMap { $0.tree.features.map(Int32.init) })
    archive.add("bins", int32s: builder.trees.flatMap { $0.tree.bins.map(Int32.init) })
    archive.add("gains", doubles: builder.trees.flatMap(\.tree.gains))
    archive.add("left", int32s: builder.trees.flatMap { $0.tree.binned.nodes.map(\.left) })
    archive.add("right", int32s: builder.trees.flatMap { $0.tree.binned.nodes.map(\.right) })
    archive.add("values", doubles: builder.trees.flatMap(\.values))
    archive.add("leaf_rows", doubles: builder.trees.flatMap { $0.tree.leafRows.map(Double.init) })
    archive.add("sides", bytes: builder.trees.flatMap { Self.packed($0.tree.binned.tables) })
    try checkpoints.save(archive)
  }

  /// Takes over what was saved last; returns how many iterations that was.
  ///
  /// - Throws: `.corruptFile` when it is of another fit or does not fit together.
  func resume(_ best: inout BestIteration) throws -> Int {
    guard let archive = try context.checkpoints?.latest() else { return try agreed(0) }
    guard try archive.value("fit") == (try fingerprint) else {
      throw MLError(
        .corruptFile, "gradient-boosted-trees: the checkpoint is of a fit with other settings, seed or data.",
        hint: "Remove it, or start again with what it was made from.")
    }
    let trees = try BoostingCheckpoint(archive, plan.features).trees(archive)
    let saved = try archive.doubles("best")
    guard trees.count % width == 0, trees.count / width <= settings.iterationCount, saved.count == 2,
      saved[0] >= 0, saved[0] == saved[0].rounded(), saved[0] <= Double(trees.count / width), !saved[1].isNaN
    else { throw archive.corrupt("has a checkpoint that does not fit together") }
    guard try agreed(trees.count / width) > 0 else { return 0 }
    best = BestIteration(count: Int(saved[0]), value: saved[1])
    for (index, tree) in trees.enumerated() {
      let k = index % width
      let blocks = Workers.blocks(rows.count, minimum: 4096)
      context.workers.run(blocks.count) { [arena, scores, width] block in
        arena.columns.route(
          tree.tree.binned, rows: nil, range: blocks[block], leafValues: tree.values, scores: scores, stride: width,
          offset: k)
      }
      validation?.add(tree.tree, tree.values, k, context.workers)
      builder.add(tree.tree, tree.values)
    }
    return trees.count / width
  }

  /// `count` where all ranks have saved as much, else 0: then all start again.
  private func agreed(_ count: Int) throws -> Int {
    Set(try ranks.joined([count])).count == 1 ? count : 0
  }

  /// What a checkpoint must share with the fit that takes it over.
  private var fingerprint: JSONValue {
    get throws {
      var hash = StableHash.hash(try Configuration.encode(settings).compact)
      for value in [context.seed.value, UInt64(rows.count), UInt64(firstIteration), UInt64(plan.features.count)] {
        hash = StableHash.combine(hash, value)
      }
      for feature in plan.features { hash = StableHash.combine(hash, UInt64(feature.codeCount)) }
      for row in 0..<rows.count { hash = StableHash.combine(hash, StableHash.hash(rows.numbers[row])) }
      for row in arena.rowHashes { hash = StableHash.combine(hash, row) }
      return .string(String(hash, radix: 16))
    }
  }

  /// Eight sides a byte.
  static func packed(_ tables: [UInt8]) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: (tables.count + 7) / 8)
    for (code, side) in tables.enumerated() where side == 1 { out[code >> 3] |= 1 << UInt8(code & 7) }
    return out
  }
}

/// The trees of a checkpoint; every index is checked before it is used.
struct BoostingCheckpoint {
  private let places: [HistogramFeature]
  private let nodeCounts: [Int32]
  private let features: [Int32]
  private let bins: [Int32]
  private let gains: [Double]
  private let left: [Int32]
  private let right: [Int32]
  private let values: [Double]
  private let leafRows: [Double]
  private let sides: [UInt8]

  init(_ archive: ArchiveReader, _ places: [HistogramFeature]) throws {
    self.places = places
    nodeCounts = try archive.int32s("node_counts")
    features = try archive.int32s("features")
    bins = try archive.int32s("bins")
    gains = try archive.doubles("gains")
    left = try archive.int32s("left")
    right = try archive.int32s("right")
    values = try archive.doubles("values")
    leafRows = try archive.doubles("leaf_rows")
    sides = try archive.section("sides")
    let count = features.count
    guard bins.count == count, gains.count == count, left.count == count, right.count == count,
      nodeCounts.allSatisfy({ $0 >= 0 }), nodeCounts.reduce(0, { $0 + Int($1) }) == count,
      values.count == count + nodeCounts.count, leafRows.count == values.count,
      leafRows.allSatisfy({ $0 >= 0 && $0 < 0x1p53 }), values.allSatisfy(\.isFinite),
      gains.allSatisfy({ $0 >= 0 && $0.isFinite }),
      features.allSatisfy({ places.indices.contains(Int($0)) })
    else { throw archive.corrupt("has a checkpoint whose parts do not fit together") }
  }

  /// All trees with their leaf values.
  func trees(_ archive: ArchiveReader) throws -> [(tree: GrownTree, values: [Double])] {
    var (node, leaf, byte) = (0, 0, 0)
    return try nodeCounts.map { count in
      let nodes = node..<(node + Int(count))
      var tree = try tree(nodes, &byte, archive)
      tree.leafRows = leafRows[leaf..<(leaf + nodes.count + 1)].map { Int($0) }
      defer {
        node = nodes.upperBound
        leaf += nodes.count + 1
      }
      return (tree, Array(values[leaf..<(leaf + nodes.count + 1)]))
    }
  }

  private func tree(_ range: Range<Int>, _ byte: inout Int, _ archive: ArchiveReader) throws -> GrownTree {
    var tree = GrownTree()
    for (index, node) in range.enumerated() {
      let place = places[Int(features[node])]
      for child in [left[node], right[node]] {
        guard child >= 0 ? Int(child) > index && Int(child) < range.count : Int(~child) <= range.count else {
          throw archive.corrupt("has a checkpoint with a node out of range")
        }
      }
      guard place.isCategory || (1..<place.codeCount).contains(Int(bins[node])) else {
        throw archive.corrupt("has a checkpoint with a bin out of range")
      }
      tree.binned.nodes.append(
        BinnedTree.Node(
          column: UInt32(place.column), isWide: place.isWide, table: UInt32(tree.binned.tables.count),
          left: left[node], right: right[node]))
      let sides = try table(max(256, place.codeCount), tree.binned.tables.count, byte, archive)
      tree.binned.tables.append(contentsOf: sides)
      tree.features.append(Int(features[node]))
      tree.bins.append(Int(bins[node]))
      tree.gains.append(gains[node])
    }
    byte += (tree.binned.tables.count + 7) / 8
    return tree
  }

  private func table(_ count: Int, _ first: Int, _ start: Int, _ archive: ArchiveReader) throws -> [UInt8] {
    guard start + (first + count + 7) / 8 <= sides.count else { throw archive.corrupt("has a checkpoint cut short") }
    return (first..<(first + count)).map { sides[start + $0 >> 3] >> UInt8($0 & 7) & 1 }
  }
}
