import Basics
import Frames
import Kernels
import Modeling

/// One fit: the table in codes, rows in the order of their content, and the loop over trees.
struct ForestRun {
  private let settings: ForestSettings
  private let context: FitContext
  private let features: TreeFeatures
  private let classes: [String]
  private let bins: [BinValues]
  private let table: ForestTable
  private let growth: ForestGrowth
  private let drawCount: Int

  /// Trees grown side by side before the next look at the request to stop.
  private static let batchSize = 16

  /// Reads the table into codes.
  init(_ settings: ForestSettings, _ data: TrainingData, _ context: FitContext) throws {
    self.settings = settings
    self.context = context
    try context.checkCancellation()
    let ranks = Ranks(communicator: context.communicator)
    guard ranks.isAlone else {
      throw MLError(.invalidParameter, "\(settings.owner): cannot be trained by several processes.")
    }
    guard data.frame.rowCount > 0 else {
      throw MLError(.invalidData, "\(settings.owner): must have at least one row; got none.", hint: "Add rows.")
    }
    let data = settings.classWeight == .balanced ? try data.balancingClasses() : data
    let rows = try TrainingRows(data, nil, ranks)
    try Self.check(rows.target, settings.owner)
    classes = rows.target.classNames
    features = try TreeFeatures(rows.frame, settings.coding, hasWeights: true, context.workers, ranks)
    try context.checkCancellation()
    bins = try BinValues.all(rows.frame, features, context.workers)
    table = try ForestTable(rows, features, bins, context.workers)
    growth = settings.growth(featureCount: features.features.count, isClasses: !classes.isEmpty)
    drawCount = settings.bootstrap ? max(1, Int((settings.rowFraction * Double(table.rowCount)).rounded())) : 0
    if !settings.bootstrap, settings.rowFraction < 1 {
      throw MLError(
        .invalidParameter, "\(settings.owner): 'row_fraction' must be 1 where rows are not drawn.",
        hint: "Set 'bootstrap' to true.", field: "row_fraction")
    }
  }

  private static func check(_ target: Target, _ owner: String) throws {
    guard case .classes(let codes, let names) = target else { return }
    guard codes.allSatisfy({ $0 >= 0 && Int($0) < names.count }), names.count < 65_536 else {
      throw MLError(.invalidData, "\(owner): target must have codes of its \(names.count) classes.")
    }
    guard Set(codes).count >= 2 else {
      throw MLError(
        .invalidData, "\(owner): target must have at least two classes; got one.",
        hint: "Add rows of another class, or choose another target.")
    }
  }

  /// Grows all trees.
  func model() throws -> ForestModel {
    var trees = TreeNodes()
    trees.leafWidth = table.leafWidth
    var gains = [Double](repeating: 0, count: features.schema.count)
    var held = OutOfBag(table, isWanted: settings.outOfBag && drawCount > 0)
    for start in stride(from: 0, to: settings.treeCount, by: Self.batchSize) {
      try context.checkCancellation()
      let count = min(Self.batchSize, settings.treeCount - start)
      let grown = try context.workers.map(count) { try grow(start + $0) }
      for (nodes, shares, _) in grown {
        trees.append(nodes)
        for field in gains.indices { gains[field] += shares[field] }
      }
      held.add(grown.map(\.held), context.workers)
      context.progress(FitProgress(iteration: start + count, iterationCount: settings.treeCount))
    }
    let total = gains.reduce(0, +)
    return ForestModel(
      schema: features.schema, classes: classes, features: features.features, trees: trees,
      importance: total > 0 ? gains.map { $0 / total } : nil, outOfBagScore: held.score())
  }

  /// One tree: its nodes, each field's share of its gains, the leaves of rows it did not see.
  private func grow(_ index: Int) throws -> (nodes: TreeNodes, shares: [Double], held: HeldRows) {
    try context.checkCancellation()
    let seed = context.seed.derived("tree").derived(index).value
    let tree = table.grow(growth, seed: seed, drawCount: drawCount, wantsOthers: settings.outOfBag)
    var shares = [Double](repeating: 0, count: features.schema.count)
    for (feature, gain) in zip(tree.feature, tree.gain) { shares[features.features[Int(feature)].field] += gain }
    let total = shares.reduce(0, +)
    if total > 0 { for field in shares.indices { shares[field] /= total } }
    let held = HeldRows(rows: tree.others, leaves: tree.otherLeaves, values: tree.others.isEmpty ? [] : tree.leaves)
    return (TreeNodes(tree, features.features, bins, leafWidth: table.leafWidth), shares, held)
  }
}

extension TreeNodes {
  /// A grown tree with codes turned into thresholds on raw values.
  init(_ tree: ForestTree, _ features: [TreeFeature], _ bins: [BinValues], leafWidth: Int) {
    self.init(
      feature: tree.feature, missingLeft: tree.missingLeft, left: tree.left, right: tree.right,
      roots: [tree.feature.isEmpty ? -1 : 0], leaves: tree.leaves, leafWidth: leafWidth, cover: tree.cover)
    threshold.reserveCapacity(feature.count)
    categories.reserveCapacity(feature.count)
    for node in feature.indices {
      switch features[Int(feature[node])].coding {
      case .numbers:
        threshold.append(
          bins[Int(feature[node])].threshold(after: Int(tree.code[node]), share: tree.share[node]))
        categories.append(-1)
      case .categories(_, let count):
        let first = Int(tree.set[node])
        threshold.append(0)
        categories.append(Int32(words.count))
        words.append(contentsOf: tree.sets[first..<(first + (count + 31) / 32)])
      }
    }
  }
}

extension ForestTable {
  /// The rows of a fit, put in an order that follows from what they hold.
  convenience init(
    _ rows: TrainingRows, _ features: TreeFeatures, _ bins: [BinValues], _ workers: Workers
  ) throws {
    let columns = try features.codes(rows.frame, workers)
    let target = rows.target.doubles
    let hashes = columns.rowHashes()
    let keys = hashes.indices.map { row in
      let key = StableHash.combine(hashes[row], StableHash.hash(target[row]))
      return rows.weights.map { StableHash.combine(key, StableHash.hash($0[row])) } ?? key
    }
    let order = keys.indices.map { UInt32($0) }.sorted { keys[Int($0)] < keys[Int($1)] }
    self.init(
      columns: columns, order: order, categoryCounts: features.features.map(\.categoryCount),
      points: bins.flatMap(\.points),
      target: (target, rows.target.classNames.count), weights: rows.weights)
  }
}
