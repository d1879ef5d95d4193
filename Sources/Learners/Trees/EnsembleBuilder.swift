import Basics
import Frames
import Kernels
import Modeling

/// Collects grown trees and turns their codes into thresholds on raw values.
struct EnsembleBuilder {
  private let features: TreeFeatures
  private let baseline: [Double]
  private var trees: [(tree: GrownTree, values: [Double])] = []

  init(features: TreeFeatures, baseline: [Double]) {
    self.features = features
    self.baseline = baseline
  }

  /// Adds a tree with its leaf values.
  mutating func add(_ tree: GrownTree, _ values: [Double]) { trees.append((tree, values)) }

  /// Drops all but the first `iterations`.
  mutating func keep(iterations: Int) { trees.removeLast(max(0, trees.count - iterations * baseline.count)) }

  /// The model: only features that a split names, only nodes of kept trees.
  func model(objective: any Objective, classes: [String]) throws -> TreeEnsemble {
    let used = Set(trees.flatMap(\.tree.features)).sorted()
    let places = Dictionary(used.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
    var nodes = TreeNodes()
    var gains = [Double](repeating: 0, count: features.schema.count)
    for (tree, values) in trees {
      append(tree, values, places, to: &nodes)
      for (feature, gain) in zip(tree.features, tree.gains) { gains[features.features[feature].field] += gain }
    }
    let total = gains.reduce(0, +)
    return TreeEnsemble(
      schema: features.schema, features: used.map { features.features[$0] }, trees: nodes, baseline: baseline,
      objective: objective,
      objectiveName: type(of: objective).card.name, classes: classes,
      importance: total > 0 ? gains.map { $0 / total } : nil)
  }

  private func append(_ tree: GrownTree, _ values: [Double], _ places: [Int: Int32], to nodes: inout TreeNodes) {
    let firstNode = Int32(nodes.feature.count)
    let firstLeaf = Int32(nodes.leaves.count)
    func moved(_ child: Int32) -> Int32 { child >= 0 ? child + firstNode : ~(~child + firstLeaf) }
    nodes.roots.append(tree.features.isEmpty ? ~firstLeaf : firstNode)
    nodes.leaves.append(contentsOf: values)
    nodes.cover.append(contentsOf: tree.leafRows.map(Double.init))
    for (index, node) in tree.binned.nodes.enumerated() {
      let feature = features.features[tree.features[index]]
      nodes.feature.append(places[tree.features[index]] ?? 0)
      nodes.left.append(moved(node.left))
      nodes.right.append(moved(node.right))
      let table = Int(node.table)
      nodes.missingLeft.append(tree.binned.tables[table])
      switch feature.coding {
      case .numbers(let bounds):
        let bin = tree.bins[index]
        nodes.threshold.append(bin <= bounds.count ? bounds[bin - 1] : .infinity)
        nodes.categories.append(-1)
      case .categories(_, let codeCount):
        nodes.threshold.append(0)
        nodes.categories.append(Int32(nodes.words.count))
        nodes.words.append(contentsOf: Self.words(tree.binned.tables[table..<(table + codeCount)]))
      }
    }
  }

  private static func words(_ table: ArraySlice<UInt8>) -> [UInt32] {
    var words = [UInt32](repeating: 0, count: (table.count + 31) / 32)
    for (code, goesLeft) in table.enumerated() where goesLeft == 1 { words[code >> 5] |= 1 << UInt32(code & 31) }
    return words
  }
}
