import CKernels

/// How far two rows are from each other.
package enum RowDistance: Int32, Sendable, CaseIterable {
  /// One minus the dot product; the cosine distance of rows of length 1.
  case cosine = 0
  /// Sum of squared differences; its order is that of the Euclidean distance.
  case squared = 1
  /// Sum of absolute differences.
  case manhattan = 2
}

/// Rows packed eight by eight for distance kernels.
///
/// The bits of a distance depend on its two rows only, never on the block they are computed in.
package struct RowTiles: Sendable {
  /// Rows.
  package let rowCount: Int
  /// Numbers of a row.
  package let width: Int
  let tiles: [Double]

  /// Tiles in use, the last one filled up with NaN.
  package var tileCount: Int { (rowCount + Int(CK_TILE) - 1) / Int(CK_TILE) }
  /// Distances to all rows take this many numbers: `rowCount` rounded up to whole tiles.
  package var paddedCount: Int { tileCount * Int(CK_TILE) }

  /// Packs row-major `rows`, `stride` numbers apart, of which the first `width` are used.
  package init(_ rows: [Double], rowCount: Int, width: Int, stride: Int? = nil) {
    let stride = stride ?? width
    precondition(rowCount >= 0 && width > 0 && stride >= width && rows.count >= rowCount * stride, "rows fit")
    self.rowCount = rowCount
    self.width = width
    let size = (rowCount + Int(CK_TILE) - 1) / Int(CK_TILE) * Int(CK_TILE) * width
    tiles = [Double](unsafeUninitializedCapacity: size) { buffer, initialized in
      // SAFETY: the kernel writes every number of `tileCount` tiles and reads `rowCount` rows, checked above.
      rows.withUnsafeBufferPointer { rows in
        guard let out = buffer.baseAddress, let rows = rows.baseAddress else { return }
        ck_tiles(rows, rowCount, width, stride, out)
      }
      initialized = size
    }
  }

  /// Distances of row-major `queries` to all rows.
  ///
  /// - Shape: `queries` `[queryCount, width]`; `out` `[queryCount, paddedCount]`, NaN past the last row.
  package func distances(_ metric: RowDistance, queries: Span<Double>, into out: inout MutableSpan<Double>) {
    let queryCount = queries.count / width
    precondition(queries.count == queryCount * width && out.count >= queryCount * paddedCount, "room for all pairs")
    // SAFETY: sizes were checked above and when the tiles were packed.
    queries.withUnsafeBufferPointer { queries in
      tiles.withUnsafeBufferPointer { tiles in
        out.withUnsafeMutableBufferPointer { out in
          guard let q = queries.baseAddress, let t = tiles.baseAddress, let o = out.baseAddress else { return }
          ck_distances(metric.rawValue, q, queryCount, width, t, tileCount, o)
        }
      }
    }
  }

  /// The nearest `count` rows of every query, by trying all of them.
  package func nearest(_ metric: RowDistance, queries: Span<Double>, count: Int) -> NearestRows {
    let queryCount = queries.count / width
    precondition(queries.count == queryCount * width && count > 0 && rowCount < Int(Int32.max), "whole queries")
    var found = NearestRows(queryCount: queryCount, count: count)
    // SAFETY: `found` holds `queryCount * count` places; tiles were checked when they were packed.
    found.fill { best, index in
      queries.withUnsafeBufferPointer { queries in
        tiles.withUnsafeBufferPointer { tiles in
          guard let q = queries.baseAddress, let t = tiles.baseAddress else { return }
          ck_nearest(metric.rawValue, q, queryCount, width, t, tileCount, count, best, index)
        }
      }
    }
    return found
  }
}

/// The nearest rows of some queries, ascending by distance, ties by row number.
package struct NearestRows: Sendable {
  /// Places of each query.
  package let count: Int
  /// `[queryCount, count]`, in units of the metric; infinite where there are fewer rows.
  package private(set) var distances: [Double]
  /// `[queryCount, count]`; `Int32.max` where there are fewer rows.
  package private(set) var rows: [Int32]

  init(queryCount: Int, count: Int) {
    self.count = count
    distances = [Double](repeating: .infinity, count: queryCount * count)
    rows = [Int32](repeating: .max, count: queryCount * count)
  }

  mutating func fill(_ body: (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Int32>) -> Void) {
    // SAFETY: both pointers are lent for the call alone.
    distances.withUnsafeMutableBufferPointer { distances in
      rows.withUnsafeMutableBufferPointer { rows in
        guard let distances = distances.baseAddress, let rows = rows.baseAddress else { return }
        body(distances, rows)
      }
    }
  }
}
