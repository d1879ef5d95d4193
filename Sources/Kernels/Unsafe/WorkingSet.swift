import CKernels

/// Inner loops of sequential minimal optimisation.
package enum WorkingSet {
  /// `g -= first · rowOfFirst + second · rowOfSecond` over `count` places, then the place of the largest `g` among
  /// those that may go up; `nil` when none may.
  package static func update(
    _ g: inout [Double], _ rowOfFirst: [Float], _ rowOfSecond: [Float], steps: (first: Double, second: Double),
    mayRise: [UInt8], count: Int
  ) -> Int? {
    precondition(
      g.count >= count && rowOfFirst.count >= count && rowOfSecond.count >= count && mayRise.count >= count, "sizes")
    // SAFETY: every array holds `count` elements, checked above.
    let place = g.withUnsafeMutableBufferPointer { g in
      rowOfFirst.withUnsafeBufferPointer { first in
        rowOfSecond.withUnsafeBufferPointer { second in
          mayRise.withUnsafeBufferPointer { up in
            guard let g = g.baseAddress, let first = first.baseAddress, let second = second.baseAddress,
              let up = up.baseAddress
            else { return count }
            return ck_smo_update(g, first, second, steps.first, steps.second, up, count)
          }
        }
      }
    }
    return place < count ? place : nil
  }

  /// The partner of `first` that lowers the objective most (second order), and the least `g` among places that may
  /// fall.
  ///
  /// - Source: Fan, Chen and Lin, *Working set selection using second order information*, JMLR 6, 2005.
  package static func partner(
    of first: Int, _ g: [Double], row: [Float], diagonal: [Double], mayFall: [UInt8], count: Int
  ) -> (place: Int?, least: Double) {
    precondition(g.count >= count && row.count >= count && diagonal.count >= count && mayFall.count >= count, "sizes")
    var least = 0.0
    // SAFETY: every array holds `count` elements, checked above.
    let place = g.withUnsafeBufferPointer { values in
      row.withUnsafeBufferPointer { row in
        diagonal.withUnsafeBufferPointer { diagonal in
          mayFall.withUnsafeBufferPointer { low in
            guard let values = values.baseAddress, let row = row.baseAddress, let diagonal = diagonal.baseAddress,
              let low = low.baseAddress
            else { return count }
            return ck_smo_second(values, row, diagonal, g[first], diagonal[first], low, count, &least)
          }
        }
      }
    }
    return (place < count ? place : nil, least)
  }
}
