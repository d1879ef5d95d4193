import Basics

/// Eigenvalues and eigenvectors of a symmetric matrix, values descending.
///
/// - Source: Householder tridiagonalisation and implicit QL as EISPACK `tred2`, `tql2` (Wilkinson and Reinsch 1971),
///   with vectors stored by row so that inner loops run through memory.
struct SymmetricEigen {
  /// Descending.
  private(set) var values: [Double]
  /// Row-major `[n, n]`: one vector a row, length 1, the entry of the largest size positive.
  private(set) var vectors: [Double]

  /// - Parameter matrix: row-major `[n, n]`, symmetric, finite.
  init(_ matrix: [Double], _ n: Int) {
    var d = [Double](repeating: 0, count: n)
    var e = d
    var v = matrix
    if n > 0 {
      Self.tridiagonalise(&v, &d, &e, n)
      Self.diagonalise(&v, &d, &e, n)
    }
    let order = d.indices.sorted { (-d[$0], $0) < (-d[$1], $1) }
    values = order.map { d[$0] }
    vectors = []
    vectors.reserveCapacity(n * n)
    for k in order {
      let row = v[(k * n)..<((k + 1) * n)]
      var largest = row.startIndex
      for place in row.indices where abs(row[place]) > abs(row[largest]) * (1 + 1e-9) { largest = place }
      let sign: Double = row.isEmpty || row[largest] >= 0 ? 1 : -1
      vectors.append(contentsOf: row.map { $0 * sign })
    }
  }

  /// Row `j` of `v` becomes the `j`-th column of the orthogonal matrix; `d`, `e` diagonal and off-diagonal.
  private static func tridiagonalise(
    _ array: inout [Double], _ diagonal: inout [Double], _ below: inout [Double], _ n: Int
  ) {
    var v = array.mutableSpan
    var d = diagonal.mutableSpan
    var e = below.mutableSpan
    for j in 0..<n { d[j] = v[j * n + n - 1] }
    for i in stride(from: n - 1, to: 0, by: -1) {
      var (scale, h) = (0.0, 0.0)
      for k in 0..<i { scale += abs(d[k]) }
      if scale == 0 {
        e[i] = d[i - 1]
        for j in 0..<i {
          d[j] = v[j * n + i - 1]
          v[j * n + i] = 0
          v[i * n + j] = 0
        }
      } else {
        for k in 0..<i {
          d[k] /= scale
          h += d[k] * d[k]
        }
        let f = d[i - 1]
        let g = f > 0 ? -h.squareRoot() : h.squareRoot()
        e[i] = scale * g
        h -= f * g
        d[i - 1] = f - g
        for j in 0..<i { e[j] = 0 }
        for j in 0..<i {
          let f = d[j]
          v[i * n + j] = f
          var g = e[j] + v[j * n + j] * f
          for k in (j + 1)..<max(j + 1, i) {
            g += v[j * n + k] * d[k]
            e[k] += v[j * n + k] * f
          }
          e[j] = g
        }
        var f2 = 0.0
        for j in 0..<i {
          e[j] /= h
          f2 += e[j] * d[j]
        }
        let hh = f2 / (h + h)
        for j in 0..<i { e[j] -= hh * d[j] }
        for j in 0..<i {
          let (f, g) = (d[j], e[j])
          for k in j..<i { v[j * n + k] -= f * e[k] + g * d[k] }
          d[j] = v[j * n + i - 1]
          v[j * n + i] = 0
        }
      }
      d[i] = h
    }
    accumulate(&v, &d, n)
    e[0] = 0
  }

  /// Multiplies the reflections together.
  private static func accumulate(_ v: inout MutableSpan<Double>, _ d: inout MutableSpan<Double>, _ n: Int) {
    for i in 0..<(n - 1) {
      v[i * n + n - 1] = v[i * n + i]
      v[i * n + i] = 1
      let h = d[i + 1]
      if h != 0 {
        for k in 0...i { d[k] = v[(i + 1) * n + k] / h }
        for j in 0...i {
          var g = 0.0
          for k in 0...i { g += v[(i + 1) * n + k] * v[j * n + k] }
          for k in 0...i { v[j * n + k] -= g * d[k] }
        }
      }
      for k in 0...i { v[(i + 1) * n + k] = 0 }
    }
    for j in 0..<n {
      d[j] = v[j * n + n - 1]
      v[j * n + n - 1] = 0
    }
    v[(n - 1) * n + n - 1] = 1
  }

  private static func diagonalise(
    _ array: inout [Double], _ diagonal: inout [Double], _ below: inout [Double], _ n: Int
  ) {
    var v = array.mutableSpan
    var d = diagonal.mutableSpan
    var e = below.mutableSpan
    for i in 1..<max(1, n) { e[i - 1] = e[i] }
    e[n - 1] = 0
    var (f, size) = (0.0, 0.0)
    for l in 0..<n {
      size = max(size, abs(d[l]) + abs(e[l]))
      var m = l
      while m < n - 1, abs(e[m]) > 0x1p-52 * size { m += 1 }
      var turns = 0
      while m > l, turns < 60 {
        turns += 1
        let g = d[l]
        var p = (d[l + 1] - g) / (2 * e[l])
        var r = hypotenuse(p, 1)
        if p < 0 { r = -r }
        d[l] = e[l] / (p + r)
        d[l + 1] = e[l] * (p + r)
        let next = d[l + 1]
        let h = g - d[l]
        for i in (l + 2)..<max(l + 2, n) { d[i] -= h }
        f += h
        p = d[m]
        var (c, c2, c3, s, s2) = (1.0, 1.0, 1.0, 0.0, 0.0)
        let second = e[l + 1]
        for i in stride(from: m - 1, through: l, by: -1) {
          (c3, c2, s2) = (c2, c, s)
          let g = c * e[i]
          let h = c * p
          r = hypotenuse(p, e[i])
          e[i + 1] = s * r
          s = e[i] / r
          c = p / r
          p = c * d[i] - s * g
          d[i + 1] = h + s * (c * g + s * d[i])
          let (upper, lower) = ((i + 1) * n, i * n)
          for k in 0..<n {
            let h = v[upper + k]
            v[upper + k] = s * v[lower + k] + c * h
            v[lower + k] = c * v[lower + k] - s * h
          }
        }
        p = -s * s2 * c3 * second * e[l] / next
        e[l] = s * p
        d[l] = c * p
        if abs(e[l]) <= 0x1p-52 * size { break }
      }
      d[l] += f
      e[l] = 0
    }
  }

  private static func hypotenuse(_ a: Double, _ b: Double) -> Double {
    let (x, y) = (max(abs(a), abs(b)), min(abs(a), abs(b)))
    if x == 0 { return 0 }
    let ratio = y / x
    return x * (1 + ratio * ratio).squareRoot()
  }
}
