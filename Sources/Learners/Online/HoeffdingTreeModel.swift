import Basics
public import Frames
public import Modeling

/// The tree that `HoeffdingTree` has grown so far.
public struct HoeffdingTreeModel: UpdatableModel {
  /// The columns it needs.
  public let schema: Schema
  /// Class names.
  public let classes: [String]
  let settings: HoeffdingTree
  let features: [HoeffdingFeature]
  /// Gain times weight of the splits on each field.
  private(set) var gains: [Double]
  /// Node 0 is the root; places of removed nodes are used again.
  private(set) var nodes: [Node]
  private var free: [Int] = []

  /// A leaf, or a test with two children.
  struct Node: Sendable, Hashable {
    var leaf: HoeffdingLeaf?
    var test: HoeffdingTest?
    var left = 0
    var right = 0
    /// Weight that came by, for rows whose cell is missing.
    var leftWeight = 0.0
    var rightWeight = 0.0
    var errors = ErrorWatch()
    /// Root of the subtree that may take its place; 0: none.
    var alternate = 0
    var alternateErrors = ErrorWatch()
  }

  init(settings: HoeffdingTree, _ data: TrainingData) throws {
    let owner = HoeffdingTree.card.name
    for field in data.frame.schema.fields where field.kind == .text || field.kind == .vector || field.kind == .timestamp
    {
      throw MLError(
        .schemaMismatch, "\(owner): column '\(field.name)' must be numbers or categories; got \(field.kind.rawValue).",
        hint: "Remove it, or prepare it first.", field: field.name)
    }
    schema = data.frame.schema
    classes = data.target.classNames
    self.settings = settings
    features = zip(data.frame.schema.fields, data.frame.columns).map { field, column in
      guard case .category(_, let levels) = column.storage else {
        return HoeffdingFeature(isCategory: false, categories: [])
      }
      return HoeffdingFeature(isCategory: true, categories: levels)
    }
    gains = [Double](repeating: 0, count: features.count)
    let shares = [Double](repeating: 0, count: classes.count)
    nodes = [Node(leaf: HoeffdingLeaf(classes: shares, kinds: features))]
  }

  init(
    schema: Schema, classes: [String], settings: HoeffdingTree, features: [HoeffdingFeature], gains: [Double],
    nodes: [Node], free: [Int]
  ) {
    self.schema = schema
    self.classes = classes
    self.settings = settings
    self.features = features
    self.gains = gains
    self.nodes = nodes
    self.free = free
  }

  private var leafCount: Int { nodes.count - free.count }

  /// Cells of `frame` `[row][feature]`: numbers, category codes by name (-1 for one not known), NaN where missing.
  private func rows(_ frame: Frame) throws -> [[Double]] {
    let owner = HoeffdingTree.card.name
    let columns = try zip(schema.fields, features).map { field, feature -> [Double] in
      let column = try frame.column(field.name)
      if feature.isCategory {
        guard case .category(let codes, let levels) = column.storage else {
          throw MLError(
            .schemaMismatch, "\(owner): column '\(field.name)' must be categories; got \(column.kind.rawValue).",
            field: field.name)
        }
        let known = Dictionary(
          feature.categories.enumerated().map { ($1, Double($0)) }, uniquingKeysWith: { first, _ in first })
        let map = levels.map { known[$0] ?? -1 }
        return codes.indices.map { column.isPresent($0) ? map[Int(codes[$0])] : .nan }
      }
      guard column.kind.isNumeric || column.kind == .boolean, let values = column.doubles else {
        throw MLError(
          .schemaMismatch, "\(owner): column '\(field.name)' must be numbers; got \(column.kind.rawValue).",
          field: field.name)
      }
      guard values.allSatisfy({ $0.isNaN || abs($0) <= 1e140 }) else {
        throw MLError(
          .invalidData, "\(owner): column '\(field.name)' must hold moderate numbers; its squares overflow.",
          hint: "Put the step 'impute' before it, or divide it.", field: field.name)
      }
      return values
    }
    return (0..<frame.rowCount).map { row in columns.map { $0[row] } }
  }

  /// Learns from further rows in their order.
  ///
  /// - Throws: `.schemaMismatch` for other columns or classes; `.invalidData` for infinite or huge cells.
  public mutating func update(with data: TrainingData, in context: FitContext) throws {
    try context.checkCancellation()
    guard case .classes(let codes, let names) = data.target, names == classes else {
      throw MLError(
        .schemaMismatch, "hoeffding-tree: further rows must have the \(classes.count) classes of the model.")
    }
    let rows = try rows(data.frame)
    var copy = self
    for (row, cells) in rows.enumerated() {
      if row & 255 == 0 { try context.checkCancellation() }
      if row & 8191 == 0 { context.progress(FitProgress(iteration: row, iterationCount: rows.count)) }
      let weight = data.weights?[row] ?? 1
      if weight > 0 { copy.learn(cells, Int(codes[row]), weight) }
    }
    self = copy
  }

  // MARK: Learning

  private mutating func learn(_ cells: [Double], _ code: Int, _ weight: Double) {
    var path: [Int] = []
    var index = 0
    while let test = nodes[index].test {
      path.append(index)
      if nodes[index].alternate > 0 { learnAlternate(index, cells, code, weight) }
      let goesLeft = test.goesLeft(cells[test.feature])
      if goesLeft == true { nodes[index].leftWeight += weight }
      if goesLeft == false { nodes[index].rightWeight += weight }
      index = child(index, goesLeft)
    }
    let isWrong = HoeffdingLeaf.largest(nodes[index].leaf?.probabilities(cells) ?? []) != code
    grow(index, cells, code, weight)
    guard settings.adaptive else { return }
    for node in path { watch(node, isWrong, weight) }
  }

  private func child(_ index: Int, _ goesLeft: Bool?) -> Int {
    let node = nodes[index]
    return goesLeft ?? (node.leftWeight >= node.rightWeight) ? node.left : node.right
  }

  private func leaf(from root: Int, _ cells: [Double]) -> Int {
    var index = root
    while let test = nodes[index].test { index = child(index, test.goesLeft(cells[test.feature])) }
    return index
  }

  private mutating func learnAlternate(_ index: Int, _ cells: [Double], _ code: Int, _ weight: Double) {
    let place = leaf(from: nodes[index].alternate, cells)
    let isWrong = HoeffdingLeaf.largest(nodes[place].leaf?.probabilities(cells) ?? []) != code
    nodes[index].alternateErrors.add(isWrong, weight: weight)
    grow(place, cells, code, weight)
  }

  /// Notes an error below `index`; starts, promotes or drops its replacement.
  private mutating func watch(_ index: Int, _ isWrong: Bool, _ weight: Double) {
    guard nodes[index].test != nil else { return }
    nodes[index].errors.add(isWrong, weight: weight)
    if nodes[index].alternate == 0 {
      guard nodes[index].errors.hasRisen, leafCount < settings.maximumLeaves else { return }
      nodes[index].errors.forget()
      let shares = [Double](repeating: 0, count: classes.count)
      nodes[index].alternateErrors = ErrorWatch()
      let place = add(Node(leaf: HoeffdingLeaf(classes: shares, kinds: features)))
      nodes[index].alternate = place
      return
    }
    let (own, other) = (nodes[index].errors, nodes[index].alternateErrors)
    guard other.weight >= 300 else { return }
    let bound = ErrorWatch.bound(own.recent, own.weight, other.weight)
    if other.recent < own.recent - bound {
      promote(index)
    } else if other.recent > own.recent + bound || other.weight > 5000 {
      remove(nodes[index].alternate)
      nodes[index].alternate = 0
    }
  }

  private mutating func promote(_ index: Int) {
    let place = nodes[index].alternate
    remove(nodes[index].left)
    remove(nodes[index].right)
    nodes[index] = nodes[place]
    nodes[place] = Node()
    free.append(place)
  }

  private mutating func add(_ node: Node) -> Int {
    if let place = free.popLast() {
      nodes[place] = node
      return place
    }
    nodes.append(node)
    return nodes.count - 1
  }

  private mutating func remove(_ root: Int) {
    var left = [root]
    while let index = left.popLast() {
      if nodes[index].test != nil { left += [nodes[index].left, nodes[index].right] }
      if nodes[index].alternate > 0 { left.append(nodes[index].alternate) }
      nodes[index] = Node()
      free.append(index)
    }
  }

  /// Takes a row into leaf `index` and splits it when it is time.
  private mutating func grow(_ index: Int, _ cells: [Double], _ code: Int, _ weight: Double) {
    nodes[index].leaf?.add(cells, code: code, weight: weight)
    guard let leaf = nodes[index].leaf, leaf.total - leaf.tried >= Double(settings.gracePeriod),
      leaf.classes.count(where: { $0 > 0 }) > 1, leafCount < settings.maximumLeaves
    else { return }
    nodes[index].leaf?.tried = leaf.total
    let splits = leaf.splits().sorted { ($0.gain, $1.test.feature) > ($1.gain, $0.test.feature) }
    guard let best = splits.first else { return }
    let range = Mathematics.log(Double(max(2, classes.count))) * 1.4426950408889634
    let bound = (range * range * -Mathematics.log(settings.splitConfidence) / (2 * leaf.total)).squareRoot()
    let next = splits.count > 1 ? splits[1].gain : 0
    guard best.gain > 1e-10, best.gain - next > bound || bound < settings.tieThreshold else { return }
    gains[best.test.feature] += best.gain * leaf.total
    let left = add(Node(leaf: HoeffdingLeaf(classes: best.left, kinds: features)))
    let right = add(Node(leaf: HoeffdingLeaf(classes: best.right, kinds: features)))
    var node = Node(test: best.test, left: left, right: right)
    node.leftWeight = best.left.reduce(0, +)
    node.rightWeight = best.right.reduce(0, +)
    nodes[left].leaf?.tried = node.leftWeight
    nodes[right].leaf?.tried = node.rightWeight
    nodes[index] = node
  }

  // MARK: Predicting

  /// Probabilities.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column or one of another kind; `.invalidData` for huge cells.
  public func predict(_ frame: Frame) throws -> Predictions {
    let out = try rows(frame).flatMap { cells in nodes[leaf(from: 0, cells)].leaf?.probabilities(cells) ?? [] }
    return Predictions(.probabilities(out, classes: classes))
  }

  /// Share of each field in the gains of all splits so far; `nil` before the first.
  public var importance: [Double]? {
    let total = gains.reduce(0, +)
    return total > 0 && total.isFinite ? gains.map { $0 / total } : nil
  }
}

/// Errors of a subtree: a fast and a slow running mean.
///
/// - Source: Ross and others, *Exponentially weighted moving average charts for detecting concept drift*, 2012.
struct ErrorWatch: Sendable, Hashable {
  /// Rows seen.
  var weight = 0.0
  /// Mean over all rows since the last alarm.
  var usual = 0.0
  /// Mean over about the last 300 rows.
  var recent = 0.0

  /// Takes one row in.
  mutating func add(_ isWrong: Bool, weight added: Double) {
    let value = isWrong ? 1.0 : 0.0
    weight += added
    usual += (value - usual) * min(1, added / weight)
    recent += (value - recent) * min(1, added / min(weight, 300))
  }

  /// Whether recent errors exceed the usual ones by more than chance allows in one of 10,000 looks.
  var hasRisen: Bool {
    guard weight >= 600 else { return false }
    let spread = max(usual * (1 - usual), 0.01) / 600
    return recent - usual > 3.9 * spread.squareRoot()
  }

  /// Starts the usual mean anew from the recent one.
  mutating func forget() {
    usual = recent
    weight = 300
  }

  /// Difference of two error rates that chance explains in one of twenty cases.
  static func bound(_ rate: Double, _ first: Double, _ second: Double) -> Double {
    let rows = 1 / (1 / max(1, min(first, 300)) + 1 / max(1, min(second, 300)))
    return (2 * max(rate * (1 - rate), 0.01) * Mathematics.log(40) / 2 / rows).squareRoot()
  }
}
