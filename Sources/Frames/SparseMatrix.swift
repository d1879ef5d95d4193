/// Rows of a sparse matrix, compressed by row (CSR).
///
/// - Shape: `offsets` has `rowCount + 1` entries; row `i` holds `indices[offsets[i] ..< offsets[i + 1]]`, ascending,
///    with its `values`.
public struct SparseMatrix: Sendable, Hashable {
  /// Number of columns.
  public let width: Int
  /// Start of each row and the end of the last.
  public let offsets: [Int]
  /// Column of each stored value.
  public let indices: [Int32]
  /// Stored values.
  public let values: [Double]

  /// Wraps arrays of the shapes above.
  public init(width: Int, offsets: [Int], indices: [Int32], values: [Double]) {
    precondition(indices.count == values.count && offsets.last == indices.count, "CSR arrays agree")
    self.width = width
    self.offsets = offsets
    self.indices = indices
    self.values = values
  }

  /// Rows.
  public var rowCount: Int { offsets.count - 1 }

  /// The chosen rows, in that order.
  public func gathered(_ rows: [Int]) -> SparseMatrix {
    var offsets = [0]
    offsets.reserveCapacity(rows.count + 1)
    var indices: [Int32] = []
    var values: [Double] = []
    for row in rows {
      let range = self.offsets[row]..<self.offsets[row + 1]
      indices.append(contentsOf: self.indices[range])
      values.append(contentsOf: self.values[range])
      offsets.append(indices.count)
    }
    return SparseMatrix(width: width, offsets: offsets, indices: indices, values: values)
  }
}
