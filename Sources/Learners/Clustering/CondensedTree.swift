/// An edge of a spanning tree.
struct SpanningEdge: Sendable {
  var a: Int32
  var b: Int32
  var length: Double
}

/// What is left of a single-linkage tree when splits into fewer rows than a cluster needs count as rows falling out.
///
/// - Source: Campello, Moulavi and Sander 2013; McInnes, Healy and Astels, *hdbscan*, JOSS 2017.
struct CondensedTree {
  /// A cluster: appears at density `birth` (one over distance), loses rows, ends in two children or none.
  private struct Cluster {
    var parent: Int
    var birth: Double
    var stability = 0.0
    var children: [Int] = []
  }

  private var clusters: [Cluster]
  /// Cluster that each row falls out of.
  private var last: [Int]
  /// Density at which it does.
  private var density: [Double]
  private let rowCount: Int

  /// - Parameter edges: of a spanning tree, ascending.
  init(_ edges: [SpanningEdge], rowCount: Int, minimumSize: Int) {
    self.rowCount = rowCount
    clusters = [Cluster(parent: -1, birth: 0)]
    last = [Int](repeating: 0, count: rowCount)
    density = [Double](repeating: 0, count: rowCount)
    condense(Dendrogram(edges, rowCount: rowCount), minimumSize)
  }

  /// A cluster for each row, 0 upwards in order of first appearance among rows; −1 for noise.
  func labels() -> [Int32] {
    let chosen = self.chosen()
    var number = [Int32](repeating: -1, count: clusters.count)
    for (place, cluster) in chosen.enumerated() { number[cluster] = Int32(place) }
    for cluster in clusters.indices.dropFirst() where number[cluster] < 0 {
      number[cluster] = number[clusters[cluster].parent]
    }
    return last.map { number[$0] }
  }

  /// Distance at which each chosen cluster appeared, in the order of `labels`.
  func birthDistances() -> [Double] { chosen().map { clusters[$0].birth > 0 ? 1 / clusters[$0].birth : 1e300 } }

  /// Clusters of the greatest total stability, no one inside another; never the whole table.
  private func chosen() -> [Int] {
    var isChosen = [Bool](repeating: false, count: clusters.count)
    var best = clusters.map(\.stability)
    for cluster in clusters.indices.dropFirst().reversed() {
      let below = clusters[cluster].children.reduce(0) { $0 + best[$1] }
      if below > clusters[cluster].stability {
        best[cluster] = below
      } else {
        isChosen[cluster] = true
      }
    }
    var isCovered = [Bool](repeating: false, count: clusters.count)
    for cluster in clusters.indices.dropFirst() {
      let parent = clusters[cluster].parent
      isCovered[cluster] = isCovered[parent] || isChosen[parent]
      if isCovered[cluster] { isChosen[cluster] = false }
    }
    return clusters.indices.filter { isChosen[$0] }
  }

  private mutating func condense(_ tree: Dendrogram, _ minimumSize: Int) {
    guard rowCount > 1 else { return }
    var waiting: [(node: Int, cluster: Int)] = [(tree.root, 0)]
    while let (node, cluster) = waiting.popLast() {
      let merge = tree.merges[node - rowCount]
      let at = merge.length > 0 ? min(1 / merge.length, 1e300) : 1e300
      let (leftSize, rightSize) = (tree.size(merge.left), tree.size(merge.right))
      if leftSize >= minimumSize, rightSize >= minimumSize {
        for child in [merge.left, merge.right] {
          clusters[cluster].stability += weight(tree.size(child), at, cluster)
          clusters[cluster].children.append(clusters.count)
          clusters.append(Cluster(parent: cluster, birth: at))
          descend(child, clusters.count - 1, at, tree, &waiting)
        }
        continue
      }
      for (child, size) in [(merge.left, leftSize), (merge.right, rightSize)] {
        if size >= minimumSize {
          descend(child, cluster, at, tree, &waiting)
        } else {
          for row in tree.rows(child) { drop(row, from: cluster, at) }
        }
      }
    }
  }

  private mutating func descend(
    _ node: Int, _ cluster: Int, _ at: Double, _ tree: Dendrogram, _ waiting: inout [(node: Int, cluster: Int)]
  ) {
    if node >= rowCount { waiting.append((node, cluster)) } else { drop(node, from: cluster, at) }
  }

  private mutating func drop(_ row: Int, from cluster: Int, _ at: Double) {
    last[row] = cluster
    density[row] = at
    clusters[cluster].stability += weight(1, at, cluster)
  }

  /// Rows times how much denser they are than the cluster at its birth; kept finite where rows coincide.
  private func weight(_ size: Int, _ at: Double, _ cluster: Int) -> Double {
    min(Double(size) * (at - clusters[cluster].birth), 1e290)
  }
}

/// Single-linkage merges from the edges of a spanning tree; nodes past the rows are merges in ascending order.
private struct Dendrogram {
  struct Merge {
    var left: Int
    var right: Int
    var length: Double
    var size: Int
  }

  let rowCount: Int
  private(set) var merges: [Merge] = []

  init(_ edges: [SpanningEdge], rowCount: Int) {
    self.rowCount = rowCount
    var parent = Array(0..<max(1, 2 * rowCount))
    func root(_ start: Int) -> Int {
      var node = start
      while parent[node] != node {
        parent[node] = parent[parent[node]]
        node = parent[node]
      }
      return node
    }
    for edge in edges {
      let (a, b) = (root(Int(edge.a)), root(Int(edge.b)))
      let node = rowCount + merges.count
      merges.append(Merge(left: a, right: b, length: edge.length, size: size(a) + size(b)))
      parent[a] = node
      parent[b] = node
    }
  }

  var root: Int { rowCount + merges.count - 1 }

  func size(_ node: Int) -> Int { node < rowCount ? 1 : merges[node - rowCount].size }

  func rows(_ node: Int) -> [Int] {
    var out: [Int] = []
    var waiting = [node]
    while let next = waiting.popLast() {
      if next < rowCount {
        out.append(next)
      } else {
        waiting.append(merges[next - rowCount].left)
        waiting.append(merges[next - rowCount].right)
      }
    }
    return out
  }
}
