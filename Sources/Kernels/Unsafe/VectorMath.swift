import CKernels

/// Element-wise functions on whole arrays; the same bits on every instruction set.
package enum VectorMath {
  /// Probabilities of both classes, `[count, 2]`, from log-odds of the second.
  package static func logisticPairs(_ scores: [Double]) -> [Double] {
    // SAFETY: the array has room for two numbers a score, all of which the kernel writes.
    [Double](unsafeUninitializedCapacity: 2 * scores.count) { out, count in
      scores.withUnsafeBufferPointer { scores in
        guard let from = scores.baseAddress, let to = out.baseAddress else { return }
        ck_logistic_pairs(from, scores.count, to)
      }
      count = 2 * scores.count
    }
  }

  /// Replaces each number by its exponential; arguments are held to -708 ... 709, so nothing overflows.
  package static func exponentiate(_ values: inout MutableSpan<Double>) {
    // SAFETY: the kernel reads and writes exactly `count` numbers of this span.
    values.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      ck_exp(base, buffer.count, base)
    }
  }

  /// Derivatives of the logistic objective: `g = σ(s) − y`, `h = σ(s)(1 − σ(s))`.
  package static func logistic(
    scores: Span<Double>, target: Span<Double>, gradients: inout MutableSpan<Double>,
    hessians: inout MutableSpan<Double>
  ) {
    let count = scores.count
    precondition(target.count == count && gradients.count == count && hessians.count == count, "equal lengths")
    // SAFETY: all four buffers hold `count` numbers, checked above.
    scores.withUnsafeBufferPointer { s in
      target.withUnsafeBufferPointer { t in
        gradients.withUnsafeMutableBufferPointer { g in
          hessians.withUnsafeMutableBufferPointer { h in
            guard let s = s.baseAddress, let t = t.baseAddress, let g = g.baseAddress, let h = h.baseAddress else {
              return
            }
            ck_logistic(s, t, count, g, h)
          }
        }
      }
    }
  }

  /// Largest absolute gradient, largest and least hessian; 0, 0 and infinity of none.
  package static func range(gradients: Span<Double>, hessians: Span<Double>) -> (
    gradient: Double, hessian: Double, leastHessian: Double
  ) {
    precondition(gradients.count == hessians.count, "equal lengths")
    var out = [0, 0, Double.infinity]
    // SAFETY: both buffers hold `count` numbers, checked above; the kernel writes three numbers.
    gradients.withUnsafeBufferPointer { g in
      hessians.withUnsafeBufferPointer { h in
        guard let first = g.baseAddress, let second = h.baseAddress else { return }
        out.withUnsafeMutableBufferPointer { ck_derivative_range(first, second, g.count, $0.baseAddress) }
      }
    }
    return (out[0], out[1], out[2])
  }

  /// Sorts numbers ascending by radix; none may be NaN, -0 becomes 0.
  package static func sort(_ values: inout [Double]) {
    let count = values.count
    if count < 2 { return }
    let scratch = Memory.allocate(Double.self, count)
    defer { Memory.free(scratch) }
    // SAFETY: both buffers hold `count` numbers.
    values.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      ck_sort(base, scratch, count)
    }
  }
}
