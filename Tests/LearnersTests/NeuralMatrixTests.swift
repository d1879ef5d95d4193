import Basics
import Kernels
import Testing

/// Matrix products beside a plain triple loop, on every instruction set of this machine.
@Suite struct NeuralMatrixTests {
  struct Shape: Sendable, CustomTestStringConvertible {
    var m: Int, n: Int, k: Int
    var testDescription: String { "\(m)×\(k) · \(k)×\(n)" }
  }
  static let shapes = [
    (1, 1, 1), (1, 10, 64), (2, 33, 7), (5, 16, 5), (13, 31, 17), (14, 32, 320), (15, 64, 321), (29, 100, 3),
    (64, 10, 128),
    (170, 70, 650), (7, 96, 0), (3, 1, 700),
  ].map { Shape(m: $0.0, n: $0.1, k: $0.2) }

  private func numbers(_ count: Int, _ seed: UInt64) -> [Float] {
    var stream = Seed(seed).generator
    return (0..<count).map { _ in Float(stream.uniform() - 0.5) }
  }

  private func transposed(_ values: [Float], _ rows: Int, _ columns: Int) -> [Float] {
    (0..<(rows * columns)).map { values[($0 % rows) * columns + $0 / rows] }
  }

  @Test(arguments: shapes) func agreesWithAPlainLoop(_ s: Shape) {
    let (a, b) = (numbers(s.m * s.k, 1), numbers(s.k * s.n, 2))
    var expected = [Double](repeating: 0, count: s.m * s.n)
    for i in 0..<s.m {
      for p in 0..<s.k { for j in 0..<s.n { expected[i * s.n + j] += Double(a[i * s.k + p]) * Double(b[p * s.n + j]) } }
    }
    let (at, bt) = (transposed(a, s.m, s.k), transposed(b, s.k, s.n))
    let lefts = [
      NeuralMatrix(NeuralBuffer(a).whole, rowCount: s.m, columnCount: s.k),
      NeuralMatrix(NeuralBuffer(at).whole, rowCount: s.k, columnCount: s.m).transposed,
    ]
    let rights = [
      NeuralMatrix(NeuralBuffer(b).whole, rowCount: s.k, columnCount: s.n),
      NeuralMatrix(NeuralBuffer(bt).whole, rowCount: s.n, columnCount: s.k).transposed,
    ]
    for set in InstructionSet.available {
      for (left, right) in lefts.flatMap({ left in rights.map { (left, $0) } }) {
        let out = NeuralBuffer([Float](repeating: 7, count: s.m * s.n + 1))
        MatrixMultiply.run(left, right, into: NeuralMatrix(out.whole, rowCount: s.m, columnCount: s.n), on: set)
        let gap = zip(out.whole.values, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
        #expect(gap < 1e-5 * Double(s.k + 1).squareRoot(), "\(set)")
        #expect(out.whole[s.m * s.n] == 7, "\(set) wrote past the end")
      }
    }
  }

  @Test func oneRowIsAsInABatch() {
    let (m, n, k) = (67, 45, 333)
    let (a, b) = (NeuralBuffer(numbers(m * k, 3)), NeuralBuffer(numbers(k * n, 4)))
    let right = NeuralMatrix(b.whole, rowCount: k, columnCount: n)
    for set in InstructionSet.available {
      let whole = NeuralBuffer(count: m * n)
      MatrixMultiply.run(
        NeuralMatrix(a.whole, rowCount: m, columnCount: k), right,
        into: NeuralMatrix(whole.whole, rowCount: m, columnCount: n), on: set)
      for row in 0..<m {
        let one = NeuralBuffer(count: n)
        MatrixMultiply.run(
          NeuralMatrix(a[(row * k)..<((row + 1) * k)], rowCount: 1, columnCount: k), right,
          into: NeuralMatrix(one.whole, rowCount: 1, columnCount: n), on: set)
        #expect(one.whole.values == whole[(row * n)..<((row + 1) * n)].values)
      }
    }
  }

  @Test func threadsDoNotShow() {
    let (m, n, k) = (300, 200, 150)
    let left = NeuralMatrix(NeuralBuffer(numbers(m * k, 5)).whole, rowCount: m, columnCount: k)
    let right = NeuralMatrix(NeuralBuffer(numbers(k * n, 6)).whole, rowCount: k, columnCount: n)
    let results = [1, 2, 3, 8].map { count in
      let out = NeuralBuffer([Float](repeating: 1, count: m * n))
      MatrixMultiply.run(
        left, right, into: NeuralMatrix(out.whole, rowCount: m, columnCount: n), adding: true,
        workers: Workers(count: count))
      return out.whole.values
    }
    #expect(results.allSatisfy { $0 == results[0] })
    let plain = NeuralBuffer(count: m * n)
    MatrixMultiply.run(left, right, into: NeuralMatrix(plain.whole, rowCount: m, columnCount: n))
    #expect(zip(results[0], plain.whole.values).allSatisfy { abs($0 - 1 - $1) < 1e-4 })
  }
}
