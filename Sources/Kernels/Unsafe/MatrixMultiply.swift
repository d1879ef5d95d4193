package import Basics
import CKernels

/// A row-major matrix of single-precision numbers in a region, as it is or transposed.
package struct NeuralMatrix: Sendable {
  let region: NeuralRegion
  /// Rows.
  package let rowCount: Int
  /// Columns.
  package let columnCount: Int
  let rowStep: Int
  let columnStep: Int

  /// Rows of `columnCount` numbers, `step` apart (`columnCount` unless given).
  package init(_ region: NeuralRegion, rowCount: Int, columnCount: Int, step: Int? = nil) {
    let step = step ?? columnCount
    precondition(rowCount >= 0 && columnCount >= 0 && step >= columnCount, "a shape")
    precondition(rowCount == 0 || (rowCount - 1) * step + columnCount <= region.count, "the matrix lies inside")
    self.init(region: region, rowCount: rowCount, columnCount: columnCount, rowStep: step, columnStep: 1)
  }

  private init(region: NeuralRegion, rowCount: Int, columnCount: Int, rowStep: Int, columnStep: Int) {
    self.region = region
    self.rowCount = rowCount
    self.columnCount = columnCount
    self.rowStep = rowStep
    self.columnStep = columnStep
  }

  /// Rows become columns; nothing is moved.
  package var transposed: NeuralMatrix {
    NeuralMatrix(
      region: region, rowCount: columnCount, columnCount: rowCount, rowStep: columnStep, columnStep: rowStep)
  }

  // SAFETY: the initialiser checked that every element lies inside the region; the kernel does not keep the pointer.
  func kernel(row: Int, column: Int) -> ck_matrix {
    ck_matrix(base: region.base + row * rowStep + column * columnStep, row_step: rowStep, column_step: columnStep)
  }
}

/// Products of single-precision matrices.
///
/// Every element is summed in one order that depends on the inner dimension only: results do not depend on the
/// number of threads, and the rows of a batch come out as they would one by one. They differ in the last bits
/// between instruction sets.
package enum MatrixMultiply {
  /// `c = a · b`, or `c += a · b`.
  ///
  /// - Complexity: `2 · a.rowCount · b.columnCount · a.columnCount` operations, cut into blocks of `c` over the
  ///   workers.
  package static func run(
    _ a: NeuralMatrix, _ b: NeuralMatrix, into c: NeuralMatrix, adding: Bool = false, workers: Workers = .serial
  ) {
    precondition(a.columnCount == b.rowCount, "inner dimensions agree")
    precondition(
      c.rowCount == a.rowCount && c.columnCount == b.columnCount && c.columnStep == 1, "outer dimensions agree")
    let work = a.rowCount * b.columnCount * a.columnCount
    guard workers.count > 1, work > 100_000 else {
      block(a, b, c, adding, 0..<a.rowCount, 0..<b.columnCount)
      return
    }
    let columnBlocks = Workers.blocks(b.columnCount, minimum: 64, maximumCount: 8)
    let rowBlocks = Workers.blocks(a.rowCount, minimum: 112, maximumCount: max(1, 16 / columnBlocks.count))
    workers.run(columnBlocks.count * rowBlocks.count) { task in
      let (row, column) = task.quotientAndRemainder(dividingBy: columnBlocks.count)
      block(a, b, c, adding, rowBlocks[row], columnBlocks[column])
    }
  }

  /// `c = a · b` by the kernels of one instruction set. For tests that run every variant.
  package static func run(_ a: NeuralMatrix, _ b: NeuralMatrix, into c: NeuralMatrix, on set: InstructionSet) {
    precondition(a.columnCount == b.rowCount, "inner dimensions agree")
    precondition(
      c.rowCount == a.rowCount && c.columnCount == b.columnCount && c.columnStep == 1, "outer dimensions agree")
    // SAFETY: shapes agree, checked above, and each matrix lies inside its region.
    ck_sgemm_on(
      set.rawValue, a.rowCount, b.columnCount, a.columnCount, a.kernel(row: 0, column: 0), b.kernel(row: 0, column: 0),
      c.region.base, c.rowStep, 0)
  }

  private static func block(
    _ a: NeuralMatrix, _ b: NeuralMatrix, _ c: NeuralMatrix, _ adding: Bool, _ rows: Range<Int>, _ columns: Range<Int>
  ) {
    // SAFETY: shapes agree, checked by the caller, and each matrix lies inside its region.
    ck_sgemm(
      rows.count, columns.count, a.columnCount, a.kernel(row: rows.lowerBound, column: 0),
      b.kernel(row: 0, column: columns.lowerBound), c.region.base + rows.lowerBound * c.rowStep + columns.lowerBound,
      c.rowStep, adding ? 1 : 0)
  }
}
