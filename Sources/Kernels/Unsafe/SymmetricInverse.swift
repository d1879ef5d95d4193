import CKernels
package import Basics

/// Inverts symmetric positive definite matrices of thousands of rows.
package enum SymmetricInverse {
  /// Rows taken at once.
  private static let block = 96
  /// Rows one task updates.
  private static let taskRows = 96

  /// Replaces the lower triangle of `matrix`, row-major `[n, n]`, by that of its inverse, in blocked sweeps.
  ///
  /// - Returns: Whether it was positive definite to working precision; otherwise what `matrix` holds means nothing.
  /// - Complexity: O(n³) time, half of a full multiplication; O(n) further space per row of a block.
  /// - Source: Goodnight, *A tutorial on the SWEEP operator*, The American Statistician 33(3), 1979; blocked.
  package static func invert(_ matrix: inout [Double], count n: Int, workers: Workers) -> Bool {
    precondition(matrix.count == n * n, "square matrix")
    var left = [Double](repeating: 0, count: n * block)
    var right = [Double](repeating: 0, count: n * block)
    for start in stride(from: 0, to: n, by: block) {
      let rows = start..<min(n, start + block)
      guard let pivot = inverted(matrix, n, rows) else { return false }
      fillPanels(matrix, n, rows, pivot, &left, &right)
      update(&matrix, n, depth: rows.count, left, right, workers)
      writeBack(&matrix, n, rows, pivot, left)
    }
    for index in matrix.indices { matrix[index] = -matrix[index] }
    return true
  }

  /// Inverse of a diagonal block, full `[b, b]`, by scalar sweeps; `nil` when a pivot is not positive.
  private static func inverted(_ matrix: [Double], _ n: Int, _ rows: Range<Int>) -> [Double]? {
    let b = rows.count
    var small = [Double](repeating: 0, count: b * b)
    for i in 0..<b {
      for j in 0...i {
        small[i * b + j] = matrix[(rows.lowerBound + i) * n + rows.lowerBound + j]
        small[j * b + i] = small[i * b + j]
      }
    }
    for k in 0..<b {
      let pivot = small[k * b + k]
      guard pivot > 0, pivot.isFinite else { return nil }
      for i in 0..<b where i != k {
        let factor = small[i * b + k] / pivot
        for j in 0..<b where j != k { small[i * b + j] -= factor * small[k * b + j] }
      }
      for i in 0..<b where i != k {
        small[i * b + k] /= pivot
        small[k * b + i] = small[i * b + k]
      }
      small[k * b + k] = -1 / pivot
    }
    return small.map { -$0 }
  }

  /// `right` = the block's columns transposed `[b, n]`, zero inside the block; `left` = columns · pivot inverse `[n,
  /// b]`.
  private static func fillPanels(
    _ matrix: [Double], _ n: Int, _ rows: Range<Int>, _ pivot: [Double], _ left: inout [Double],
    _ right: inout [Double]
  ) {
    let b = rows.count
    var columns = [Double](repeating: 0, count: n * b)
    for k in 0..<b {
      let row = rows.lowerBound + k
      for i in 0..<rows.lowerBound { right[k * n + i] = matrix[row * n + i] }
      for i in rows { right[k * n + i] = 0 }
      for i in rows.upperBound..<n { right[k * n + i] = matrix[i * n + row] }
      for i in 0..<n { columns[i * b + k] = -right[k * n + i] }
    }
    for index in left.indices { left[index] = 0 }
    // SAFETY: `left` and `columns` hold `n · b` numbers at least, `pivot` holds `b · b`.
    left.withUnsafeMutableBufferPointer { target in
      columns.withUnsafeBufferPointer { columns in
        pivot.withUnsafeBufferPointer { pivot in
          guard let c = target.baseAddress, let a = columns.baseAddress, let p = pivot.baseAddress else { return }
          ck_update(c, b, a, b, p, b, n, b, b)
        }
      }
    }
  }

  private static func update(
    _ matrix: inout [Double], _ n: Int, depth: Int, _ left: [Double], _ right: [Double], _ workers: Workers
  ) {
    // SAFETY: each task writes its own rows of `matrix`, inside `n` columns; the panels hold `n · depth` numbers and
    // are only read; `run` returns when all tasks have.
    matrix.withUnsafeMutableBufferPointer { target in
      left.withUnsafeBufferPointer { left in
        right.withUnsafeBufferPointer { right in
          guard let matrix = target.baseAddress, let left = left.baseAddress, let right = right.baseAddress else {
            return
          }
          nonisolated(unsafe) let (c, a, b) = (matrix, left, right)
          workers.run((n + taskRows - 1) / taskRows) { task in
            let first = task * taskRows
            let count = min(n, first + taskRows) - first
            ck_update(c + first * n, n, a + first * depth, depth, b, n, count, first + count, depth)
          }
        }
      }
    }
  }

  private static func writeBack(
    _ matrix: inout [Double], _ n: Int, _ rows: Range<Int>, _ pivot: [Double], _ left: [Double]
  ) {
    let b = rows.count
    for i in 0..<n where !rows.contains(i) {
      for k in 0..<b {
        let row = rows.lowerBound + k
        if i > row { matrix[i * n + row] = left[i * b + k] } else { matrix[row * n + i] = left[i * b + k] }
      }
    }
    for i in 0..<b {
      for j in 0...i { matrix[(rows.lowerBound + i) * n + rows.lowerBound + j] = -pivot[i * b + j] }
    }
  }
}
