import CKernels

/// Loops of linear learners over a chunk of rows held column by column: column `j` starts at `j · stride`.
///
/// Chunks have a multiple of 8 rows; those past the data hold zeros. Sums differ in their last bits between
/// instruction sets, never between thread counts. Every range is checked against its array.
package enum LinearKernels {
  /// `out[place] = (values[rows] − mean) · factor`, then zeros to the end of `place`.
  package static func pack(
    _ values: [Double], _ rows: Range<Int>, mean: Double, factor: Double, into out: inout [Double],
    _ place: Range<Int>
  ) {
    check(rows, values)
    check(place, out)
    precondition(rows.count <= place.count, "values fit")
    // SAFETY: the kernel reads `rows` and writes `place`, both checked above.
    values.withUnsafeBufferPointer { source in
      out.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        ck_linear_pack(
          source + rows.lowerBound, rows.count, place.count, mean, factor, target + place.lowerBound)
      }
    }
  }

  /// `out[place][i] = Σⱼ coefficients[chosen][j] · columns[j][i]`.
  package static func scores(
    _ columns: [Double], stride: Int, coefficients: [Double], _ chosen: Range<Int>, into out: inout [Double],
    _ place: Range<Int>
  ) {
    check(chosen, coefficients)
    check(place, out)
    check(columns.count, stride, chosen.count, place.count)
    // SAFETY: chunk and ranges are checked above.
    columns.withUnsafeBufferPointer { c in
      coefficients.withUnsafeBufferPointer { k in
        out.withUnsafeMutableBufferPointer { o in
          guard let c = c.baseAddress, let k = k.baseAddress, let o = o.baseAddress else { return }
          ck_linear_scores(c, stride, chosen.count, place.count, k + chosen.lowerBound, o + place.lowerBound)
        }
      }
    }
  }

  /// `out[place][j] += Σᵢ columns[j][i] · slopes[rows][i]`.
  package static func addDots(
    _ columns: [Double], stride: Int, slopes: [Double], _ rows: Range<Int>, to out: inout [Double],
    _ place: Range<Int>
  ) {
    check(rows, slopes)
    check(place, out)
    check(columns.count, stride, place.count, rows.count)
    // SAFETY: chunk and ranges are checked above.
    columns.withUnsafeBufferPointer { c in
      slopes.withUnsafeBufferPointer { s in
        out.withUnsafeMutableBufferPointer { o in
          guard let c = c.baseAddress, let s = s.baseAddress, let o = o.baseAddress else { return }
          ck_linear_dots(c, stride, place.count, rows.count, s + rows.lowerBound, o + place.lowerBound)
        }
      }
    }
  }

  /// `out[j · width + k] += Σᵢ weights[rows][i] · columns[j][i] · columns[k][i]` for `k ≤ j`, from `shape.offset`;
  /// `nil` weights mean ones. Cells right above the diagonal may be written too.
  package static func addGram(
    _ shape: LinearChunkShape, _ columns: [Double], weights: [Double]?, from first: Int, to out: inout [Double]
  ) {
    let (count, rows) = (shape.columnCount, shape.rowCount)
    check(columns.count, shape.stride, count, rows)
    if let weights { check(first..<(first + rows), weights) }
    precondition(shape.width >= count, "columns fit")
    check(shape.offset..<(shape.offset + count * shape.width), out)
    // SAFETY: all counts given to the kernel are checked above; `scratch` holds four columns.
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 4 * max(8, rows)) { scratch in
      columns.withUnsafeBufferPointer { c in
        borrowing(weights, from: first) { w in
          out.withUnsafeMutableBufferPointer { o in
            guard let c = c.baseAddress, let s = scratch.baseAddress, let o = o.baseAddress else { return }
            ck_linear_gram(c, shape.stride, count, rows, w, s, o + shape.offset, shape.width)
          }
        }
      }
    }
  }

  /// Weighted log loss of the first scores against `target[rows]` of 0 and 1; fills first and second derivatives.
  /// `nil` weights mean ones.
  package static func logLoss(
    scores: [Double], target: [Double], weights: [Double]?, _ rows: Range<Int>, first: inout [Double],
    second: inout [Double]
  ) -> Double {
    let count = rows.count
    check(rows, target)
    if let weights { check(rows, weights) }
    precondition(scores.count >= count && first.count >= count && second.count >= count, "room for each row")
    // SAFETY: all buffers hold `count` numbers, checked above.
    return scores.withUnsafeBufferPointer { s in
      target.withUnsafeBufferPointer { t in
        borrowing(weights, from: rows.lowerBound) { w in
          first.withUnsafeMutableBufferPointer { f in
            second.withUnsafeMutableBufferPointer { g in
              guard let s = s.baseAddress, let t = t.baseAddress, let f = f.baseAddress, let g = g.baseAddress
              else { return 0 }
              return ck_linear_logistic(s, t + rows.lowerBound, w, count, f, g)
            }
          }
        }
      }
    }
  }

  /// Sums of `w`, `w (x − shift)` and `w (x − shift)²`; `nil` weights mean ones.
  package static func moments(
    _ values: [Double], weights: [Double]?, shift: Double
  ) -> (weight: Double, sum: Double, squares: Double) {
    if let weights { check(values.indices, weights) }
    // SAFETY: both buffers hold `values.count` numbers, checked above; `ck_linear_moments` writes three.
    return values.withUnsafeBufferPointer { v in
      borrowing(weights, from: 0) { w in
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 3) { out in
          guard let v = v.baseAddress, let base = out.baseAddress else { return (0, 0, 0) }
          ck_linear_moments(v, w, values.count, shift, base)
          return (base[0], base[1], base[2])
        }
      }
    }
  }

  /// `Σ a · b`.
  package static func dot(_ a: [Double], _ b: [Double]) -> Double {
    precondition(a.count == b.count, "equal lengths")
    // SAFETY: both buffers hold `a.count` numbers, checked above.
    return a.withUnsafeBufferPointer { x in
      b.withUnsafeBufferPointer { y in
        guard let x = x.baseAddress, let y = y.baseAddress else { return 0 }
        return ck_linear_dot(x, y, a.count)
      }
    }
  }

  /// `Σ a[i + k] · b[j + k]` over `count` numbers.
  package static func dot(_ a: [Double], from i: Int, _ b: [Double], from j: Int, count: Int) -> Double {
    check(i..<(i + count), a)
    check(j..<(j + count), b)
    // SAFETY: both ranges are checked above.
    return a.withUnsafeBufferPointer { x in
      b.withUnsafeBufferPointer { y in
        guard let x = x.baseAddress, let y = y.baseAddress else { return 0 }
        return ck_linear_dot(x + i, y + j, count)
      }
    }
  }

  /// `y[at...] += a · x[range]`.
  package static func add(
    _ a: Double, _ x: [Double], _ range: Range<Int>, to y: inout [Double], at start: Int = 0
  ) {
    check(range, x)
    check(start..<(start + range.count), y)
    // SAFETY: both ranges are checked above.
    x.withUnsafeBufferPointer { source in
      y.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        ck_linear_axpy(a, source + range.lowerBound, target + start, range.count)
      }
    }
  }

  private static func borrowing<R>(
    _ values: [Double]?, from first: Int, _ body: (UnsafePointer<Double>?) -> R
  ) -> R {
    // SAFETY: the pointer does not outlive the call; callers have checked what is read from `first` on.
    guard let values else { return body(nil) }
    return values.withUnsafeBufferPointer { body($0.baseAddress.map { $0 + first }) }
  }

  private static func check(_ range: Range<Int>, _ values: [Double]) {
    precondition(range.lowerBound >= 0 && range.upperBound <= values.count, "range lies inside the array")
  }

  private static func check(_ held: Int, _ stride: Int, _ count: Int, _ rows: Int) {
    precondition(rows.isMultiple(of: 8) && rows <= stride, "whole vectors of rows inside the stride")
    precondition(count == 0 || (count - 1) * stride + rows <= held, "the chunk holds all columns")
  }
}

/// Shape of a chunk of rows and of the matrix that products of its columns are added to.
package struct LinearChunkShape: Sendable {
  /// Numbers from one column to the next.
  package var stride: Int
  /// Columns.
  package var columnCount: Int
  /// Rows, a multiple of 8.
  package var rowCount: Int
  /// Columns of the matrix that is added to.
  package var width: Int
  /// Where that matrix starts.
  package var offset: Int

  /// Makes a shape.
  package init(stride: Int, columnCount: Int, rowCount: Int, width: Int, offset: Int = 0) {
    self.stride = stride
    self.columnCount = columnCount
    self.rowCount = rowCount
    self.width = width
    self.offset = offset
  }
}
