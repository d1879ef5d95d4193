import Basics
import Frames
import Kernels
import Modeling

/// Shapley values of trees: the work that all tree models share.
struct TreeContributions {
  private let trees: TreeNodes
  private let table: FeatureTable
  private let workers: Workers
  /// Columns of the result before unused vector elements are left out.
  private let features: [Contributions.Feature]
  private let columns: [Int32]
  private let outputs: Int
  /// Whose trees they are, for errors.
  private let owner: String

  /// Nodes prepared at a time.
  private static let chunkSize = 1 << 16
  private static let blockSize = 256

  init(_ trees: TreeNodes, _ features: [TreeFeature], _ schema: Schema, _ frame: Frame, _ context: Context) throws {
    self.trees = trees
    outputs = context.outputs
    workers = context.workers
    owner = context.owner
    table = try FeatureTable(frame, schema, features)
    var listed: [Contributions.Feature] = []
    var columns = [Int32](repeating: 0, count: features.count)
    for (index, field) in schema.fields.enumerated() {
      guard field.kind == .vector else {
        for place in features.indices where features[place].field == index { columns[place] = Int32(listed.count) }
        listed.append(.init(field: field.name))
        continue
      }
      let own = features.indices.filter { features[$0].field == index }
      for place in own.sorted(by: { (features[$0].element ?? 0, $0) < (features[$1].element ?? 0, $1) }) {
        columns[place] = Int32(listed.count)
        listed.append(.init(field: field.name, element: features[place].element))
      }
    }
    self.features = listed
    self.columns = columns
  }

  /// What is explained and by whom.
  struct Context {
    /// Scores a row has.
    var outputs: Int
    /// Registered name, for errors.
    var owner: String
    /// Threads.
    var workers: Workers
  }

  /// Baselines, features and values of sums of leaves.
  struct Result {
    var baseline: [Double]
    var features: [Contributions.Feature]
    var values: [Double]
  }

  /// Expectations over what the trees learnt from.
  func byPaths() throws -> Result {
    guard !trees.cover.isEmpty || trees.leafCount == 0 else {
      throw MLError(
        .unavailable, "\(owner): the archive does not say how many rows each leaf had.",
        hint: "Name background rows, or train again.")
    }
    var baseline = [Double](repeating: 0, count: outputs)
    let values = try accumulated(byPaths: true) { tree, output, block, out in
      tree.addPaths(
        values: block.values.span, rowCount: block.count, output: output, shape: (outputs, features.count), to: &out)
    } prepared: { tree, output in
      for k in tree.expected.indices { baseline[output + k] += tree.expected[k] }
    }
    return compact(baseline, values)
  }

  /// Expectations over background rows.
  func against(_ background: FeatureTable) throws -> Result {
    guard background.rowCount > 0 else {
      throw MLError(.invalidData, "\(owner): background must have at least one row; got none.")
    }
    let sums = trees.scores(background, baseline: [Double](repeating: 0, count: outputs))
    let baseline = (0..<outputs).map { k in
      stride(from: k, to: sums.count, by: outputs).reduce(0) { $0 + sums[$1] } / Double(background.rowCount)
    }
    let other = Block(background, 0..<background.rowCount)
    let values = try accumulated(byPaths: false) { tree, output, block, out in
      tree.addInterventions(
        values: block.values.span, rowCount: block.count, background: other.values.span, backgroundCount: other.count,
        output: output, shape: (outputs, features.count), to: &out)
    } prepared: { tree, _ in
      guard tree.longestPath < 64 else {
        throw MLError(
          .unavailable,
          "\(owner): a path tests \(tree.longestPath) features; against background rows, 63 are the most.",
          hint: "Leave the background out.")
      }
    }
    return compact(baseline, values)
  }

  /// Values of some rows, `[feature, row]`.
  private struct Block: Sendable {
    let values: [Double]
    let count: Int

    init(_ table: FeatureTable, _ range: Range<Int>) {
      values = table.columns.flatMap { $0[range] }
      count = range.count
    }
  }

  /// Runs `add` for all trees and blocks of rows; sums over trees in their order.
  private func accumulated(
    byPaths: Bool, _ add: @Sendable (ShapTree, Int, Block, inout MutableSpan<Double>) -> Void,
    prepared: (ShapTree, Int) throws -> Void
  ) throws -> [Double] {
    let width = outputs * features.count
    let out = SharedDoubles(count: table.rowCount * width)
    let size = min(Self.blockSize, max(8, (table.rowCount + 2 * workers.count - 1) / (2 * workers.count)))
    let ranges = stride(from: 0, to: table.rowCount, by: size).map { $0..<min($0 + size, table.rowCount) }
    let blocks = ranges.map { Block(table, $0) }
    let source = trees.shapSource(columns)
    for chunk in trees.chunks(Self.chunkSize) {
      let ready = try workers.map(chunk.count) {
        ShapTree(source, root: trees.roots[chunk.lowerBound + $0], byPaths: byPaths)
      }
      let places = chunk.map { trees.leafWidth == 1 ? $0 % outputs : 0 }
      for (tree, output) in zip(ready, places) { try prepared(tree, output) }
      workers.run(blocks.count) { index in
        out.write((ranges[index].lowerBound * width)..<(ranges[index].upperBound * width)) { span in
          for (tree, output) in zip(ready, places) { add(tree, output, blocks[index], &span) }
        }
      }
    }
    return out.read(0..<out.count) { span in (0..<span.count).map { span[$0] } }
  }

  /// Leaves out vector elements that count in no row.
  private func compact(_ baseline: [Double], _ values: [Double]) -> Result {
    let width = features.count
    var kept = features.map { $0.element == nil }
    for index in values.indices where values[index] != 0 { kept[index % width] = true }
    guard kept.contains(false) else { return Result(baseline: baseline, features: features, values: values) }
    return Result(
      baseline: baseline, features: features.indices.filter { kept[$0] }.map { features[$0] },
      values: values.indices.filter { kept[$0 % width] }.map { values[$0] })
  }
}

extension TreeNodes {
  /// The nodes as Shapley values take them.
  func shapSource(_ columns: [Int32]) -> ShapSource {
    var source = ShapSource()
    source.feature = feature
    source.threshold = threshold
    source.missingLeft = missingLeft
    source.set = categories
    source.left = left
    source.right = right
    source.words = words
    source.leaves = leaves
    source.leafWidth = leafWidth
    source.cover = cover
    source.columns = columns
    return source
  }

  /// Runs of trees with about `nodeCount` nodes together.
  fileprivate func chunks(_ nodeCount: Int) -> [Range<Int>] {
    let mean = max(1, 2 * feature.count / max(1, roots.count))
    let size = max(1, nodeCount / mean)
    return stride(from: 0, to: roots.count, by: size).map { $0..<min($0 + size, roots.count) }
  }
}
