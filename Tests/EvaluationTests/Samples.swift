import Basics
import Evaluation
import Foundation
import Modeling

/// Small problems with a known seed.
struct Problem {
  var predictions: Predictions
  var target: Target
  var keys: [UInt64]

  /// Two classes; `signal` 0 makes probabilities that know nothing.
  static func binary(_ count: Int, signal: Double = 1.5, seed: UInt64 = 1, positives: Double = 0.35) -> Problem {
    var stream = Seed(seed).generator
    var codes: [Int32] = []
    var values: [Double] = []
    for _ in 0..<count {
      let isPositive = stream.uniform() < positives
      let p = Mathematics.logistic(signal * (isPositive ? 0.6 : -0.6) + stream.normal() - 0.5)
      codes.append(isPositive ? 1 : 0)
      values += [1 - p, p]
    }
    return Problem(
      predictions: Predictions(.probabilities(values, classes: ["no", "yes"])),
      target: .classes(codes: codes, names: ["no", "yes"]), keys: (0..<count).map { StableHash.mix(UInt64($0) + 77) })
  }

  static func multiclass(_ count: Int, seed: UInt64 = 2) -> Problem {
    var stream = Seed(seed).generator
    var codes: [Int32] = []
    var values: [Double] = []
    for _ in 0..<count {
      let code = stream.index(below: 3)
      let raw = (0..<3).map { Mathematics.exp(stream.normal() + ($0 == code ? 1.2 : 0)) }
      codes.append(Int32(code))
      values += raw.map { $0 / raw.reduce(0, +) }
    }
    let names = ["a", "b", "c"]
    return Problem(
      predictions: Predictions(.probabilities(values, classes: names)), target: .classes(codes: codes, names: names),
      keys: (0..<count).map { StableHash.mix(UInt64($0) + 99) })
  }

  static func numbers(_ count: Int, noise: Double = 3, seed: UInt64 = 3) -> Problem {
    var stream = Seed(seed).generator
    let truth = (0..<count).map { _ in 50 + 10 * stream.normal() }
    let predicted = truth.map { $0 + noise * stream.normal() }
    return Problem(
      predictions: Predictions(.values(predicted)), target: .values(truth),
      keys: (0..<count).map { StableHash.mix(UInt64($0) + 55) })
  }

  /// The same rows in another order.
  func gathered(_ rows: [Int]) -> Problem {
    Problem(predictions: predictions.gathered(rows), target: target.gathered(rows), keys: rows.map { keys[$0] })
  }
}

/// A fixed shuffle of `0 ..< count`.
func shuffled(_ count: Int) -> [Int] {
  (0..<count).sorted { StableHash.mix(UInt64($0)) < StableHash.mix(UInt64($1)) }
}

/// Parses a committed golden file.
func golden(_ path: String, file: String = #filePath) throws -> JSONValue {
  let root = URL(filePath: file).deletingLastPathComponent().deletingLastPathComponent()
  return try JSONValue(parsing: Array(Data(contentsOf: root.appending(path: "Fixtures/Golden/\(path)"))))
}

extension JSONValue {
  /// Numbers of an array.
  var doubles: [Double] { arrayValue?.compactMap(\.doubleValue) ?? [] }
}

/// Equal within `tolerance`, relative to the larger of 1 and the size.
func isClose(_ a: Double?, _ b: Double?, _ tolerance: Double = 1e-12) -> Bool {
  guard let a, let b else { return a == nil && b == nil }
  return abs(a - b) <= tolerance * max(1, abs(a), abs(b))
}
