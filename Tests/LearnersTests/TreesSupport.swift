import Basics
import Frames
import Kernels
import Modeling

import Learners

/// Made-up tables for tree tests; every value follows from a hash of its place.
enum TreeTables {
  static func uniform(_ row: Int, _ column: Int) -> Double {
    StableHash.fraction(StableHash.combine(UInt64(row), UInt64(column)))
  }

  /// Numbers, an integer, a boolean, two category columns, missing values in two columns.
  static func mixed(_ rowCount: Int, from first: Int = 0) throws -> (frame: Frame, score: [Double]) {
    let rows = first..<(first + rowCount)
    let a = rows.map { uniform($0, 0) * 4 - 2 }
    let b = rows.map { uniform($0, 1) < 0.1 ? Double.nan : uniform($0, 2) * 10 }
    let c = rows.map { Int64(uniform($0, 3) * 40) }
    let d = rows.map { uniform($0, 4) < 0.5 }
    let e = rows.map { uniform($0, 5) < 0.05 ? nil : "level \(Int(uniform($0, 6) * 12))" }
    let f = rows.map { Optional("x\(Int(uniform($0, 7) * 3))") }
    let score = rows.indices.map { index -> Double in
      let level = Double((Int(uniform(rows[index], 6) * 12) * 7) % 12)
      return a[index] * a[index] + (b[index].isNaN ? 3 : b[index] * 0.2) + (c[index] > 20 ? 1.5 : 0)
        * (d[index] ? 1 : -1)
        + level * 0.3 + (f[index] == "x1" ? 1 : 0)
    }
    let frame = try Frame([
      ("a", Column(numbers: a)), ("b", Column(numbers: b)), ("c", Column(.integer(c))), ("d", Column(.boolean(d))),
      ("e", Column(categories: e)), ("f", Column(categories: f)),
    ])
    return (frame, score)
  }

  /// Two classes, noisy.
  static func classes(_ rowCount: Int) throws -> TrainingData {
    let (frame, score) = try mixed(rowCount)
    let codes = score.indices.map { Int32(score[$0] + 2 * uniform($0, 9) > 4.2 ? 1 : 0) }
    return try TrainingData(frame: frame, target: .classes(codes: codes, names: ["no", "yes"]))
  }

  /// Numbers, noisy.
  static func values(_ rowCount: Int) throws -> TrainingData {
    let (frame, score) = try mixed(rowCount)
    return try TrainingData(frame: frame, target: .values(score.indices.map { score[$0] + 0.3 * uniform($0, 9) }))
  }

  /// Three classes.
  static func three(_ rowCount: Int) throws -> TrainingData {
    let (frame, score) = try mixed(rowCount)
    let codes = score.map { Int32($0 < 3 ? 0 : $0 < 5 ? 1 : 2) }
    return try TrainingData(frame: frame, target: .classes(codes: codes, names: ["low", "middle", "high"]))
  }

  static func short(_ change: (inout GradientBoostedTrees) -> Void = { _ in }) -> GradientBoostedTrees {
    var settings = GradientBoostedTrees()
    settings.iterationCount = 12
    settings.leafCount = 15
    change(&settings)
    return settings
  }
}

extension TreeEnsemble {
  /// The archive's bytes.
  func bytes() throws -> [UInt8] {
    var writer = ArchiveWriter()
    try write(to: &writer)
    return writer.encoded()
  }
}
