import Basics
import Frames
import Kernels
import Modeling

/// Collects grown trees and turns their codes into thresholds on raw values.
struct EnsembleBuilder {
  private let features: TreeFeatures
  private let baseline: [Double]
  /// A model whose trees come first.
  private let prior: TreeEnsemble?
  /// Trees with their leaf values.
  private(set) var trees: [(tree: GrownTree, values: [Double])] = []

  init(features: TreeFeatures, baseline: [Double], prior: TreeEnsemble?) {
    self.features = features
    self.baseline = baseline
    self.prior = prior
  }

  /// Adds a tree with its leaf values.
  mutating func add(_ tree: GrownTree, _ values: [Double]) { trees.append((tree, values)) }

  /// Drops all but the first `iterations`.
  mutating func keep(iterations: Int) { trees.removeLast(max(0, trees.count - iterations * baseline.count)) }

  /// The model: only features that a split names, only nodes of kept trees.
  func model(objective: any Objective, classes: [String]) throws -> TreeEnsemble {
    let priorFeatures = prior?.features ?? []
    let known = priorFeatures.map(match)
    let used = Set(trees.flatMap(\.tree.features) + known.compactMap { $0 }).sorted()
    let places = Dictionary(used.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
    let others = priorFeatures.indices.filter { known[$0] == nil }
    var nodes = prior?.trees ?? TreeNodes()
    var moved = [Int32](repeating: 0, count: priorFeatures.count)
    for (index, match) in known.enumerated() { if let match { moved[index] = places[match] ?? 0 } }
    for (place, index) in others.enumerated() { moved[index] = Int32(used.count + place) }
    for index in nodes.feature.indices { nodes.feature[index] = moved[Int(nodes.feature[index])] }
    var gains = prior?.gains ?? [Double](repeating: 0, count: features.schema.count)
    for (tree, values) in trees {
      append(tree, values, places, to: &nodes)
      for (feature, gain) in zip(tree.features, tree.gains) { gains[features.features[feature].field] += gain }
    }
    let total = gains.reduce(0, +)
    return TreeEnsemble(
      schema: features.schema, features: used.map { features.features[$0] } + others.map { priorFeatures[$0] },
      trees: nodes, baseline: baseline,
      objective: objective,
      objectiveName: type(of: objective).card.name, classes: classes,
      importance: total > 0 ? gains.map { $0 / total } : nil, gains: gains)
  }

  /// The feature of this run that reads values as an earlier run's feature does.
  private func match(_ feature: TreeFeature) -> Int? {
    features.features.firstIndex { own in
      guard own.field == feature.field, own.element == feature.element, own.isCategory == feature.isCategory else {
        return false
      }
      return !own.isCategory || own.coding == feature.coding
    }
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
