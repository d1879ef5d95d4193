import Basics
import Frames
import Modeling
import Monitoring

/// Made-up traffic.
enum Streams {
  /// Fractions of SplitMix64, as the golden script makes them.
  static func uniform(_ count: Int, seed: UInt64 = 42) -> [Double] {
    (1...count).map { StableHash.fraction(StableHash.mix(seed &+ UInt64($0) &* 0x9E37_79B9_7F4A_7C15)) }
  }

  /// Six columns: normal, half at one value, integers, category, boolean, text.
  static func frame(
    _ rows: Int, seed: UInt64, shift: Double = 0, levels: [String] = ["a", "b", "c", "rare"]
  ) throws -> Frame {
    var stream = Seed(seed).generator
    var (normal, tied, whole): ([Double], [Double], [Int64]) = ([], [], [])
    var (level, flag, text): ([String?], [Bool], [String]) = ([], [], [])
    for _ in 0..<rows {
      normal.append(stream.normal() + shift)
      tied.append(stream.uniform() < 0.5 ? 40 : (stream.normal() * 12 + 40).rounded())
      whole.append(Int64(stream.index(below: 60)))
      let u = stream.uniform()
      level.append(u < 0.05 ? nil : u < 0.5 ? levels[0] : u < 0.8 ? levels[1] : u < 0.99 ? levels[2] : levels[3])
      flag.append(stream.uniform() < 0.3)
      text.append(String(repeating: "word ", count: 1 + stream.index(below: 8)) + "12!")
    }
    return try Frame([
      ("normal", Column(numbers: normal)), ("tied", Column(numbers: tied)), ("whole", Column(.integer(whole))),
      ("level", Column(categories: level)), ("flag", Column(.boolean(flag))), ("text", Column(.text(text))),
    ])
  }

  /// Probabilities that follow column `normal`, calibrated by construction.
  static func predictions(_ frame: Frame) throws -> Predictions {
    let scores = try frame.column("normal").doubles ?? []
    return Predictions(
      .probabilities(
        scores.flatMap { score in
          let p = Mathematics.logistic(score)
          return [1 - p, p]
        }, classes: ["no", "yes"]))
  }

  static func window(
    on reference: FrameProfile, _ frame: Frame, _ predictions: Predictions? = nil
  ) throws -> WindowProfile {
    var window = WindowProfile(on: reference)
    try window.add(frame, predictions: predictions)
    return window
  }
}

extension JSONValue {
  /// Whether every number in the document is finite and none is missing where one should be.
  var holdsOnlyFiniteNumbers: Bool {
    switch self {
    case .number(let value): value.isFinite
    case .array(let values): values.allSatisfy(\.holdsOnlyFiniteNumbers)
    case .object(let pairs): pairs.allSatisfy(\.1.holdsOnlyFiniteNumbers)
    default: true
    }
  }
}
