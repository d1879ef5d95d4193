import Basics
import Frames
import Modeling
import Testing
import Transforms

@Suite struct ReductionTests {
  private let json: JSONValue

  init() throws {
    let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    json = try JSONValue(parsing: FileSystem.read("/\(folder)/Fixtures/Golden/reduction/reduction.json"))
  }

  private func doubles(_ json: JSONValue?) -> [Double] { json?.arrayValue?.compactMap(\.doubleValue) ?? [] }
  private func rows(_ key: String) -> [[Double]] { (json[key]?.arrayValue ?? []).map { doubles($0) } }
  private func gap(_ a: [Double], _ b: [Double]) -> Double {
    a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
  }

  private func frame(_ rows: [[Double]]) throws -> Frame {
    try Frame(rows[0].indices.map { d in ("x\(d)", Column(numbers: rows.map { $0[d] })) })
  }

  private func turned(_ frame: Frame) throws -> [[Double]] {
    let columns = try frame.schema.names.map { try frame.column($0).doubles ?? [] }
    return (0..<frame.rowCount).map { row in columns.map { $0[row] } }
  }

  @Test func principalComponentsAgree() throws {
    var step = PrincipalComponents()
    step.standardise = false
    step.explainedShare = 1
    let fitted = try step.fit(frame(rows("x")), target: nil, in: FitContext())
    let expected = doubles(json["variances"])
    #expect(gap(fitted.variances, expected) < 1e-9 * expected[0])
    for (own, other) in zip(fitted.directions, rows("directions")) {
      let dot = zip(own, other).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(abs(dot) - 1) < 1e-9)
    }
    #expect(abs(fitted.explainedShares.reduce(0, +) - 1) < 1e-12)
  }

  @Test func whiteningAgreesUpToSign() throws {
    var step = PrincipalComponents()
    (step.standardise, step.whiten, step.componentCount) = (false, true, 3)
    let table = try frame(rows("x"))
    let made = try turned(step.fit(table, target: nil, in: FitContext()).transform(table))
    for (own, other) in zip(made, rows("whitened")) { #expect(gap(own.map(abs), other.map(abs)) < 1e-9) }
  }

  /// More columns than the exact way takes: subspace iteration finds the same.
  @Test func wideTablesAgreeWithTheExactWay() throws {
    var random = Seed(2).generator
    let factors = (0..<6).map { k in (0..<2100).map { _ in random.normal() * Double(6 - k) } }
    let table = try frame(
      (0..<40).map { _ in
        let weights = factors.map { _ in random.normal() }
        return (0..<2100).map { d in
          factors.indices.reduce(0.01 * random.normal()) { $0 + weights[$1] * factors[$1][d] }
        }
      })
    var step = PrincipalComponents()
    (step.standardise, step.componentCount) = (false, 4)
    let fitted = try step.fit(table, target: nil, in: FitContext())
    let made = try turned(fitted.transform(table))
    // Scores of different components do not correlate and have the variances announced.
    for a in 0..<4 {
      for b in 0...a {
        let product = made.reduce(0) { $0 + $1[a] * $1[b] } / 39
        #expect(abs(product - (a == b ? fitted.variances[a] : 0)) < 1e-6 * fitted.variances[0])
      }
    }
  }

  @Test func singularValuesAgree() throws {
    let sparse = json["sparse"]
    let matrix = SparseMatrix(
      width: 40, offsets: doubles(sparse?["offsets"]).map { Int($0) },
      indices: doubles(sparse?["indices"]).map { Int32($0) }, values: doubles(sparse?["values"]))
    var step = TruncatedSVD()
    step.componentCount = 8
    let table = try Frame([("terms", Column(.vector(matrix)))])
    let fitted = try step.fit(table, target: nil, in: FitContext())
    #expect(gap(fitted.values, doubles(sparse?["singular"])) < 1e-9)
    let made = try turned(fitted.transform(table))
    for k in 0..<8 {
      let square = made.reduce(0) { $0 + $1[k] * $1[k] }
      #expect(abs(square.squareRoot() - fitted.values[k]) < 1e-9)
    }
  }

  @Test func nystroemWithEveryRowIsTheKernel() throws {
    var step = NystroemFeatures()
    (step.componentCount, step.gamma) = (80, 0.2)
    let table = try frame(rows("x"))
    let made = try turned(step.fit(table, target: nil, in: FitContext()).transform(table))
    for (i, line) in rows("kernel").enumerated() {
      for (j, value) in line.enumerated() {
        #expect(abs(zip(made[i], made[j]).reduce(0) { $0 + $1.0 * $1.1 } - value) < 1e-6)
      }
    }
  }

  @Test func fourierFeaturesApproximateTheKernel() throws {
    var step = RandomFourierFeatures()
    (step.componentCount, step.gamma) = (4000, 0.2)
    let table = try frame(rows("x"))
    let made = try turned(step.fit(table, target: nil, in: FitContext()).transform(table))
    for (i, line) in rows("kernel").enumerated() {
      for (j, value) in line.enumerated() {
        #expect(abs(zip(made[i], made[j]).reduce(0) { $0 + $1.0 * $1.1 } - value) < 0.08)
      }
    }
  }
}
