public import Basics
import Frames
import Modeling

extension HoeffdingTreeModel {
  private static let nodeWidth = 15

  /// Adds schema, settings, categories, and all nodes with what their leaves have seen.
  public func write(to archive: inout ArchiveWriter) throws {
    archive.set("schema", try Configuration.encode(schema))
    archive.set("settings", try Configuration.encode(settings))
    archive.add("classes", strings: classes)
    archive.add("category_counts", int64s: features.map { $0.isCategory ? Int64($0.categories.count) : -1 })
    archive.add("categories", strings: features.flatMap(\.categories))
    archive.add("gains", doubles: gains)
    archive.add("nodes", doubles: nodes.flatMap(Self.numbers))
    archive.add("leaves", doubles: nodes.flatMap { $0.leaf.map(Self.numbers) ?? [] })
  }

  private static func numbers(_ node: Node) -> [Double] {
    let kind: Double = node.leaf != nil ? 1 : node.test != nil ? 2 : 0
    let test = node.test ?? HoeffdingTest(feature: 0, value: 0, isCategory: false)
    return [kind, Double(test.feature), test.value, test.isCategory ? 1 : 0]
      + [Double(node.left), Double(node.right), node.leftWeight, node.rightWeight, Double(node.alternate)]
      + [node.errors.weight, node.errors.usual, node.errors.recent]
      + [node.alternateErrors.weight, node.alternateErrors.usual, node.alternateErrors.recent]
  }

  private static func numbers(_ leaf: HoeffdingLeaf) -> [Double] {
    [leaf.tried, leaf.rightByMajority, leaf.rightByBayes] + leaf.classes
      + leaf.numbers.flatMap { $0.flatMap { [$0.weight, $0.mean, $0.squares] } }
      + leaf.ranges.flatMap { $0.map { [1, $0.lowerBound, $0.upperBound] } ?? [0, 0, 0] }
      + leaf.categories.flatMap { $0 }
  }

  /// Reads what `write` wrote.
  public init(from archive: ArchiveReader) throws {
    let damaged = archive.corrupt("holds a Hoeffding tree whose parts do not fit together")
    let schema = try Configuration.decode(Schema.self, from: archive.value("schema"))
    guard
      let settings = try? Configuration.decode(
        HoeffdingTree.self, defaults: HoeffdingTree(), settings: archive.value("settings"))
    else { throw damaged }
    let classes = try archive.strings("classes")
    let counts = try archive.int64s("category_counts")
    let names = try archive.strings("categories")
    let gains = try archive.doubles("gains")
    guard counts.count == schema.count, gains.count == schema.count, classes.count > 1,
      counts.allSatisfy({ $0 >= -1 && $0 <= Int64(names.count) }),
      counts.reduce(0, { $0 + max(0, $1) }) == Int64(names.count), gains.allSatisfy({ $0.isFinite && $0 >= 0 }),
      zip(counts, schema.fields).allSatisfy({ ($1.kind == .category) == ($0 >= 0) })
    else { throw damaged }
    var start = 0
    let features = counts.map { count in
      defer { start += Int(max(0, count)) }
      let own = count >= 0 ? Array(names[start..<(start + Int(count))]) : []
      return HoeffdingFeature(isCategory: count >= 0, categories: own)
    }
    let flat = try archive.doubles("nodes")
    let cells = try archive.doubles("leaves")
    guard !flat.isEmpty, flat.count.isMultiple(of: Self.nodeWidth), flat.allSatisfy(\.isFinite),
      cells.allSatisfy(\.isFinite)
    else { throw damaged }
    var reader = LeafReader(cells: cells, features: features, classCount: classes.count)
    let count = flat.count / Self.nodeWidth
    let nodes = try (0..<count).map { index in
      let part = Array(flat[(index * Self.nodeWidth)..<((index + 1) * Self.nodeWidth)])
      guard let node = Self.node(part, count: count, features: features, &reader) else { throw damaged }
      return node
    }
    guard reader.isDone, let free = Self.unused(nodes) else { throw damaged }
    self.init(
      schema: schema, classes: classes, settings: settings, features: features, gains: gains, nodes: nodes, free: free)
  }

  private static func node(
    _ part: [Double], count: Int, features: [HoeffdingFeature], _ reader: inout LeafReader
  ) -> Node? {
    func place(_ value: Double, below limit: Int) -> Int? {
      value >= 0 && value < Double(limit) && value == value.rounded() ? Int(value) : nil
    }
    guard let left = place(part[4], below: count), let right = place(part[5], below: count),
      let alternate = place(part[8], below: count), part[6] >= 0, part[7] >= 0
    else { return nil }
    var node = Node(left: left, right: right, leftWeight: part[6], rightWeight: part[7], alternate: alternate)
    node.errors = ErrorWatch(weight: part[9], usual: part[10], recent: part[11])
    node.alternateErrors = ErrorWatch(weight: part[12], usual: part[13], recent: part[14])
    switch part[0] {
    case 0: break
    case 1:
      guard let leaf = reader.leaf() else { return nil }
      node.leaf = leaf
    case 2:
      guard let feature = place(part[1], below: features.count), (part[3] == 1) == features[feature].isCategory
      else { return nil }
      node.test = HoeffdingTest(feature: feature, value: part[2], isCategory: part[3] == 1)
    default: return nil
    }
    return node
  }

  /// Places that the tree does not reach; `nil` when some node is reached twice or leads to an empty place.
  private static func unused(_ nodes: [Node]) -> [Int]? {
    var isReached = [Bool](repeating: false, count: nodes.count)
    var left = [0]
    while let index = left.popLast() {
      if isReached[index] || (nodes[index].leaf == nil && nodes[index].test == nil) { return nil }
      isReached[index] = true
      if nodes[index].test != nil {
        left += [nodes[index].left, nodes[index].right]
        if nodes[index].alternate > 0 { left.append(nodes[index].alternate) }
      }
    }
    return nodes.indices.filter { !isReached[$0] }.reversed()
  }

  /// Reads leaves one after the other.
  private struct LeafReader {
    let cells: [Double]
    let features: [HoeffdingFeature]
    let classCount: Int
    private var position = 0

    init(cells: [Double], features: [HoeffdingFeature], classCount: Int) {
      self.cells = cells
      self.features = features
      self.classCount = classCount
    }

    var isDone: Bool { position == cells.count }

    private mutating func next(_ count: Int) -> [Double]? {
      guard count <= cells.count - position else { return nil }
      defer { position += count }
      return Array(cells[position..<(position + count)])
    }

    mutating func leaf() -> HoeffdingLeaf? {
      guard let head = next(3), let classes = next(classCount), (head + classes).allSatisfy({ $0 >= 0 }) else {
        return nil
      }
      var leaf = HoeffdingLeaf(classes: classes, kinds: features)
      (leaf.tried, leaf.rightByMajority, leaf.rightByBayes) = (head[0], head[1], head[2])
      for feature in features.indices where !features[feature].isCategory {
        guard let flat = next(3 * classCount) else { return nil }
        leaf.numbers[feature] = (0..<classCount).map {
          RunningMoments(weight: flat[$0 * 3], mean: flat[$0 * 3 + 1], squares: flat[$0 * 3 + 2])
        }
        guard leaf.numbers[feature].allSatisfy({ $0.weight >= 0 && $0.squares >= 0 }) else { return nil }
      }
      for feature in features.indices {
        guard let flat = next(3), flat[1] <= flat[2] else { return nil }
        leaf.ranges[feature] = flat[0] == 1 ? flat[1]...flat[2] : nil
      }
      for feature in features.indices where features[feature].isCategory {
        guard let flat = next(leaf.categories[feature].count), flat.allSatisfy({ $0 >= 0 }) else { return nil }
        leaf.categories[feature] = flat
      }
      return leaf
    }
  }
}
