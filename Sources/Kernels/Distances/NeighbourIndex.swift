/// Finds nearest rows, the exact ones: by a tree where rows have few numbers, by trying all of them otherwise.
package struct NeighbourIndex: Sendable {
  private enum Way: Sendable {
    case all(RowTiles)
    case tree(RowTree)
  }

  /// Rows.
  package let rowCount: Int
  /// Numbers of a row.
  package let width: Int
  private let metric: RowDistance
  private let way: Way

  /// An index over row-major `rows`; chooses its way by width, row count and metric.
  package init(_ rows: [Double], rowCount: Int, width: Int, metric: RowDistance, stride: Int? = nil) {
    self.rowCount = rowCount
    self.width = width
    self.metric = metric
    if metric != .cosine, width <= 12, rowCount >= 200 << (width / 2) {
      way = .tree(RowTree(rows, rowCount: rowCount, width: width, stride: stride))
    } else {
      way = .all(RowTiles(rows, rowCount: rowCount, width: width, stride: stride))
    }
  }

  /// The nearest `count` rows of every query (row-major, `width` apart), ascending by distance, ties by row number.
  package func nearest(queries: Span<Double>, count: Int) -> NearestRows {
    switch way {
    case .all(let tiles): tiles.nearest(metric, queries: queries, count: count)
    case .tree(let tree): tree.nearest(metric, queries: queries, count: count)
    }
  }
}
