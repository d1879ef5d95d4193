import CKernels

/// Centers as the kernel of Lloyd's algorithm reads them: column by column, times -2, with their squared lengths.
package struct PackedCenters: Sendable {
  /// Centers.
  package let count: Int
  /// Numbers of a center.
  package let width: Int
  let padded: Int
  let values: [Double]
  let lengths: [Double]

  /// Packs row-major `centers`, `stride` numbers apart.
  package init(_ centers: [Double], count: Int, width: Int, stride: Int) {
    precondition(count > 0 && stride >= width && centers.count >= count * stride, "centers fit")
    let padded = (count + 15) / 16 * 16
    var values = [Double](repeating: 0, count: padded * width)
    var lengths = [Double](repeating: .infinity, count: padded)
    for k in 0..<count {
      var length = 0.0
      for d in 0..<width {
        let value = centers[k * stride + d]
        values[d * padded + k] = -2 * value
        length += value * value
      }
      lengths[k] = length
    }
    self.count = count
    self.width = width
    self.padded = padded
    self.values = values
    self.lengths = lengths
  }
}

/// What one pass over a block of rows found.
package struct ClusterSums: Sendable {
  /// Sums of rows, `[center, stride]`.
  package var sums: [Double]
  /// Sums of weights, `[center]`.
  package var masses: [Double]
  /// Weighted sum of `|c|² − 2 x·c` of the nearest centers.
  package var score: Double
}

/// Row-major rows, a multiple of four numbers apart, as clustering passes read them.
package struct ClusterRows: Sendable {
  /// `[rowCount, stride]`, zeros past the last column.
  package let values: [Double]
  /// Rows.
  package let rowCount: Int
  /// Numbers of a row.
  package let width: Int
  /// Numbers from one row to the next.
  package let stride: Int
  /// Weight of each row; `nil`: 1 each.
  package let weights: [Double]?

  /// Numbers from one row to the next for rows of `width` numbers.
  package static func stride(for width: Int) -> Int { (width + 3) / 4 * 4 }

  /// Wraps rows of the shape above.
  package init(_ values: [Double], rowCount: Int, width: Int, weights: [Double]? = nil) {
    stride = Self.stride(for: width)
    precondition(width > 0 && values.count == rowCount * stride && (weights?.count ?? rowCount) == rowCount, "rows fit")
    self.values = values
    self.rowCount = rowCount
    self.width = width
    self.weights = weights
  }

  /// Nearest center of each row of `range` into `labels`, ties to the lowest center, and the sums of the rows of each.
  package func assign(_ range: Range<Int>, to centers: PackedCenters, labels: inout MutableSpan<Int32>) -> ClusterSums {
    precondition(range.lowerBound >= 0 && range.upperBound <= rowCount && labels.count == range.count, "rows exist")
    precondition(centers.width == width, "centers are as wide as rows")
    var sums = [Double](repeating: 0, count: centers.count * stride)
    var masses = [Double](repeating: 0, count: centers.count)
    var score = 0.0
    // SAFETY: rows, labels and centers were checked above; labels lie below `centers.count` because padding is infinite
    // and rows are finite, else they are 0.
    labels.withUnsafeMutableBufferPointer { labels in
      sums.withUnsafeMutableBufferPointer { sums in
        masses.withUnsafeMutableBufferPointer { masses in
          guard let labels = labels.baseAddress, let sums = sums.baseAddress, let masses = masses.baseAddress else {
            return
          }
          withRows(range, centers) { score = ck_cluster($0, labels, sums, masses) }
        }
      }
    }
    return ClusterSums(sums: sums, masses: masses, score: score)
  }

  /// Nearest center of each row of `range` into `labels`, ties to the lowest center.
  package func label(_ range: Range<Int>, by centers: PackedCenters, into labels: inout MutableSpan<Int32>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= rowCount && labels.count == range.count, "rows exist")
    precondition(centers.width == width, "centers are as wide as rows")
    // SAFETY: as in `assign`; without sums the kernel writes labels only.
    labels.withUnsafeMutableBufferPointer { labels in
      guard let labels = labels.baseAddress else { return }
      withRows(range, centers) { _ = ck_cluster($0, labels, nil, nil) }
    }
  }

  private func withRows(_ range: Range<Int>, _ centers: PackedCenters, _ body: (UnsafePointer<ck_cluster_rows>) -> Void)
  {
    // SAFETY: pointers are lent for the call alone and moved to the first row of a range inside the arrays.
    values.withUnsafeBufferPointer { values in
      centers.values.withUnsafeBufferPointer { packed in
        centers.lengths.withUnsafeBufferPointer { lengths in
          guard let values = values.baseAddress else { return }
          func run(_ weights: UnsafePointer<Double>?) {
            var rows = ck_cluster_rows(
              rows: values + range.lowerBound * stride, count: range.count, width: width, stride: stride,
              weights: weights, centers: packed.baseAddress, lengths: lengths.baseAddress, padded: centers.padded)
            body(&rows)
          }
          guard let weights else { return run(nil) }
          weights.withUnsafeBufferPointer { run($0.baseAddress.map { $0 + range.lowerBound }) }
        }
      }
    }
  }
}
