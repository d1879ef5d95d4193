package import Basics

/// Columns turned into rows.
package enum RowPacking {
  /// Row-major `(value − center) · factor`, held to ±`limit`, rows `stride` numbers apart with zeros past the last
  /// column.
  ///
  /// - Shape: `columns` `[column][rowCount]`; `centers`, `factors` `[column]`.
  package static func rows(
    _ columns: [[Double]], rowCount: Int, stride: Int, scale: (centers: [Double], factors: [Double], limit: Double),
    workers: Workers
  ) -> [Double] {
    precondition(columns.count <= stride && columns.allSatisfy { $0.count == rowCount }, "columns fit")
    precondition(scale.centers.count == columns.count && scale.factors.count == columns.count, "scales fit")
    let size = rowCount * stride
    let blocks = Workers.blocks(rowCount, minimum: 256, maximumCount: 8192)
    return [Double](unsafeUninitializedCapacity: size) { buffer, initialized in
      // SAFETY: every block writes its own rows alone, all `stride` numbers of each; `run` returns when all have.
      if let base = buffer.baseAddress {
        nonisolated(unsafe) let out = base
        workers.run(blocks.count) { block in
          let range = blocks[block]
          for d in 0..<stride {
            var place = range.lowerBound * stride + d
            guard d < columns.count else {
              for _ in range {
                out[place] = 0
                place += stride
              }
              continue
            }
            let (center, factor, limit) = (scale.centers[d], scale.factors[d], scale.limit)
            let list = columns[d]
            let column = list.span
            for row in range {
              let value = (column[row] - center) * factor
              out[place] = value < -limit ? -limit : value > limit ? limit : value
              place += stride
            }
          }
        }
      }
      initialized = size
    }
  }
}
