import CKernels

/// How a layer bends its scores.
package enum NeuralActivation: Int32, Sendable {
  case identity = 0
  /// `max(0, x)`.
  case relu = 1
  /// `x · Φ(x)` by its tanh form (Hendrycks and Gimpel 2016).
  case gelu = 2
  /// Hyperbolic tangent.
  case tanh = 3
}

/// Rows of equal width in a region: `groupCount` runs of adjacent rows, `groupStep` numbers apart.
package struct NeuralRows: Sendable {
  var shape: ck_rows

  /// - Parameter groupStep: from the start of a run to that of the next; a run's own length unless given.
  package init(rowCount: Int, columnCount: Int, groupCount: Int = 1, groupStep: Int? = nil) {
    precondition(rowCount >= 0 && columnCount >= 0 && groupCount >= 1, "a shape")
    shape = ck_rows(
      groups: groupCount, group_step: groupStep ?? rowCount * columnCount, rows: rowCount, columns: columnCount)
  }

  /// Numbers from the first to the last.
  var extent: Int { (shape.groups - 1) * shape.group_step + shape.rows * shape.columns }
  /// Numbers in a row.
  package var columnCount: Int { shape.columns }
  /// Rows in all runs.
  package var rowCount: Int { shape.groups * shape.rows }
}

/// Element-wise and per-column steps of networks, one thread each.
package enum NeuralKernels {
  /// `out = f(x)`; the two may be the same region.
  package static func activate(_ x: NeuralRegion, into out: NeuralRegion, _ activation: NeuralActivation) {
    precondition(x.count == out.count, "equal lengths")
    // SAFETY: equal lengths, checked above.
    ck_activate(x.base, out.base, x.count, activation.rawValue)
  }

  /// Multiplies `gradient` by `f'(x)`, where `out = f(x)`.
  package static func activateBackward(
    _ x: NeuralRegion, _ out: NeuralRegion, gradient: NeuralRegion, _ activation: NeuralActivation
  ) {
    precondition(x.count == out.count && gradient.count == x.count, "equal lengths")
    // SAFETY: equal lengths, checked above.
    ck_activate_backward(x.base, out.base, gradient.base, x.count, activation.rawValue)
  }

  /// Adds `bias` to every row of `x`.
  package static func addBias(_ bias: NeuralRegion, to x: NeuralRegion) {
    precondition(bias.count > 0 && x.count.isMultiple(of: bias.count), "whole rows")
    // SAFETY: whole rows, checked above.
    ck_add_bias(x.base, bias.base, x.count / bias.count, bias.count)
  }

  /// `sums` = sum of the rows of `x`.
  package static func columnSums(_ x: NeuralRegion, into sums: NeuralRegion) {
    precondition(sums.count > 0 && x.count.isMultiple(of: sums.count), "whole rows")
    // SAFETY: whole rows, checked above.
    ck_column_sums(x.base, x.count / sums.count, sums.count, sums.base)
  }

  /// Mean of each column and sum of squared distances from it.
  package static func moments(
    _ x: NeuralRegion, _ rows: NeuralRows, mean: NeuralRegion, squares: NeuralRegion
  ) {
    precondition(rows.extent <= x.count && rows.rowCount > 0, "the rows lie inside")
    precondition(mean.count == rows.columnCount && squares.count == rows.columnCount, "one number a column")
    // SAFETY: sizes checked above.
    ck_column_moments(x.base, rows.shape, mean.base, squares.base)
  }

  /// `out = x · scale + shift`, column by column; `out` may be `x`.
  package static func affine(
    _ x: NeuralRegion, _ rows: NeuralRows, scale: NeuralRegion, shift: NeuralRegion, into out: NeuralRegion
  ) {
    precondition(rows.extent <= x.count && rows.extent <= out.count, "the rows lie inside")
    precondition(scale.count == rows.columnCount && shift.count == rows.columnCount, "one number a column")
    // SAFETY: sizes checked above.
    ck_column_affine(x.base, rows.shape, scale.base, shift.base, out.base)
  }

  /// Adds the sums of `gradient`, then those of `gradient · (x − mean) · inverse`, to `sums`.
  package static func normSums(
    gradient: NeuralRegion, _ x: NeuralRegion, _ rows: NeuralRows, _ norm: NeuralNorm, into sums: NeuralRegion
  ) {
    precondition(rows.extent <= x.count && rows.extent <= gradient.count, "the rows lie inside")
    precondition(norm.mean.count == rows.columnCount && sums.count == 2 * rows.columnCount, "numbers a column")
    // SAFETY: sizes checked above and by `NeuralNorm`.
    ck_norm_sums(gradient.base, x.base, rows.shape, norm.mean.base, norm.inverse.base, sums.base)
  }

  /// Turns `gradient` by the output of a batch normalisation into that by its input; `means` are those of `normSums`.
  package static func normBackward(
    gradient: NeuralRegion, _ x: NeuralRegion, _ rows: NeuralRows, _ norm: NeuralNorm, means: NeuralRegion
  ) {
    precondition(rows.extent <= x.count && rows.extent <= gradient.count, "the rows lie inside")
    precondition(norm.mean.count == rows.columnCount && means.count == 2 * rows.columnCount, "numbers a column")
    // SAFETY: sizes checked above and by `NeuralNorm`.
    ck_norm_backward(
      gradient.base, x.base, rows.shape, norm.mean.base, norm.inverse.base, norm.scale.base, means.base)
  }

  /// Sets a share of the numbers to 0 and divides the others by what is left of 1; which, follows from `key` and the
  /// position `first + index` alone, so the same call repeats it on gradients.
  package static func dropout(_ x: NeuralRegion, first: Int, key: UInt32, share: Double) {
    // SAFETY: the kernel touches exactly `count` numbers.
    ck_dropout(
      x.base, x.count, UInt32(truncatingIfNeeded: first), key, UInt32(share * 4_294_967_295), Float(1 / (1 - share)))
  }

  /// Cross-entropy of softmax scores, summed over rows; `gradient` gets the derivatives of the mean over rows.
  ///
  /// - Shape: `scores` and `gradient` `[rows, classCount]`; `target` and `weights` `[rows]`.
  package static func softmaxLoss(
    _ scores: NeuralRegion, target: [Int32], weights: [Float]?, smoothing: Double = 0, gradient: NeuralRegion? = nil
  ) -> Double {
    if target.isEmpty { return 0 }
    let classCount = scores.count / target.count
    precondition(classCount * target.count == scores.count && weights?.count ?? target.count == target.count, "shapes")
    precondition(target.allSatisfy { $0 >= 0 && $0 < classCount }, "classes in range")
    precondition(gradient?.count ?? scores.count == scores.count, "shapes")
    func run(_ weights: UnsafePointer<Float>?) -> Double {
      // SAFETY: sizes and classes checked above.
      target.withUnsafeBufferPointer {
        ck_softmax_loss(
          scores.base, target.count, classCount, $0.baseAddress, weights, Float(smoothing), gradient?.base)
      }
    }
    return weights.map { $0.withUnsafeBufferPointer { run($0.baseAddress) } } ?? run(nil)
  }

  /// Half the squared distance of scores from targets, summed over rows; `gradient` gets the derivatives of the mean.
  package static func squaredLoss(
    _ scores: NeuralRegion, target: [Float], weights: [Float]?, gradient: NeuralRegion? = nil
  ) -> Double {
    precondition(scores.count == target.count && weights?.count ?? target.count == target.count, "shapes")
    precondition(gradient?.count ?? scores.count == scores.count, "shapes")
    func run(_ weights: UnsafePointer<Float>?) -> Double {
      // SAFETY: equal lengths, checked above.
      target.withUnsafeBufferPointer {
        ck_squared_loss(scores.base, target.count, $0.baseAddress, weights, gradient?.base)
      }
    }
    return weights.map { $0.withUnsafeBufferPointer { run($0.baseAddress) } } ?? run(nil)
  }

  /// `y += factor · x`.
  package static func add(_ x: NeuralRegion, times factor: Float, to y: NeuralRegion) {
    precondition(x.count == y.count, "equal lengths")
    // SAFETY: equal lengths, checked above.
    ck_add_scaled(y.base, x.base, factor, x.count)
  }

  /// Rows `rows` of a table that lies column by column (`rowCount` numbers each), as rows of `out`.
  package static func rows(
    _ rows: Range<Int>, ofColumns columns: NeuralRegion, rowCount: Int, into out: NeuralMatrix
  ) {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= rowCount && out.rowCount == rows.count, "rows in range")
    precondition(columns.count == rowCount * out.columnCount && out.columnStep == 1, "shapes")
    // SAFETY: shapes checked above; the matrix lies inside its region.
    ck_rows_from_columns(
      columns.base, rowCount, rows.lowerBound, rows.count, out.columnCount, out.region.base, out.rowStep)
  }
}

/// What batch normalisation did to each column: `(x − mean) · inverse`, then `· gain`.
package struct NeuralNorm: Sendable {
  let mean: NeuralRegion
  let inverse: NeuralRegion
  let scale: NeuralRegion

  /// - Parameter scale: gain times `inverse`.
  package init(mean: NeuralRegion, inverse: NeuralRegion, scale: NeuralRegion) {
    precondition(mean.count == inverse.count && scale.count == mean.count, "equal lengths")
    self.mean = mean
    self.inverse = inverse
    self.scale = scale
  }
}
