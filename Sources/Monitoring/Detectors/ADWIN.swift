public import Basics

/// Adaptive windowing: keeps the longest window whose halves, wherever it is cut, have the same mean, and raises an
/// alarm when it has to drop the older part.
///
/// The window is stored as exponentially growing buckets, so memory is logarithmic in its width. False alarms on a
/// still stream stay below `confidence` per test.
///
/// - Source: Bifet and Gavaldà, *Learning from time-changing data with adaptive windowing*, SDM 2007 (ADWIN2). Alarms
///   and widths equal those of river's window; `river.drift.ADWIN` drops the newer part too after an alarm, this does
///   not, as the paper has it.
public struct ADWIN: DriftDetector, Hashable {
  /// What it is.
  public static let card = Card(
    name: "adwin",
    summary: "Adaptive window for a change of the mean, with a bound on false alarms. Use it for errors in 0 … 1.",
    hyperparameters: [
      Hyperparameter("confidence", "Chance of a false alarm of one test.", .real(1e-12...0.5, logarithmic: true)),
      Hyperparameter("interval", "Values between tests.", .integer(1...100_000, logarithmic: true)),
      Hyperparameter("buckets", "Buckets of each size.", .integer(1...100, logarithmic: false)),
      Hyperparameter(
        "minimum_part", "Values either part of a cut must have.", .integer(1...100_000, logarithmic: true)),
      Hyperparameter("grace", "Values before the first test.", .integer(0...1_000_000, logarithmic: false)),
    ],
    source: "Bifet and Gavaldà, Learning from time-changing data with adaptive windowing, SDM 2007")

  /// Chance of a false alarm of one test.
  public var confidence = 0.002
  /// Values between tests.
  public var interval = 32
  /// Buckets of each size.
  public var buckets = 5
  /// Values either part of a cut must have.
  public var minimumPart = 5
  /// Values before the first test.
  public var grace = 10

  private struct Bucket: Sendable, Hashable, Codable {
    var sum: Double
    /// Sum of squared deviations.
    var spread: Double
  }

  /// `rows[i]` holds buckets of `2ⁱ` values, oldest first.
  private var rows: [[Bucket]] = [[]]
  private var sum = 0.0
  private var spread = 0.0
  private var width = 0
  private var seen = 0

  /// The defaults.
  public init() {}

  /// Values in the window.
  public var windowWidth: Int { width }
  /// Mean of the window; `nil` when it is empty.
  public var mean: Double? { width > 0 ? sum / Double(width) : nil }

  /// Takes the next value; a value that is not finite is passed over.
  public mutating func update(with value: Double) -> DriftState {
    guard value.isFinite else { return .stable }
    insert(value)
    seen += 1
    guard seen % max(1, interval) == 0, width > grace else { return .stable }
    var hasChanged = false
    while width > 0, hasCut() {
      dropOldest()
      hasChanged = true
    }
    return hasChanged ? .drift : .stable
  }

  private mutating func insert(_ value: Double) {
    if width > 0 {
      let gap = value - sum / Double(width)
      spread += Double(width) * gap * gap / Double(width + 1)
    }
    rows[0].append(Bucket(sum: value, spread: 0))
    width += 1
    sum += value
    compress()
  }

  /// Joins the two oldest buckets of a size once there is one more than allowed.
  private mutating func compress() {
    var level = 0
    while level < rows.count, rows[level].count > max(1, buckets) {
      let size = Double(1 << level)
      let (a, b) = (rows[level][0], rows[level][1])
      let gap = (a.sum - b.sum) / size
      let joined = Bucket(sum: a.sum + b.sum, spread: a.spread + b.spread + size * gap * gap / 2)
      rows[level].removeFirst(2)
      if level + 1 == rows.count { rows.append([]) }
      rows[level + 1].append(joined)
      level += 1
    }
  }

  /// Whether some cut between buckets divides parts of different means.
  private func hasCut() -> Bool {
    var before = (count: 0.0, sum: 0.0)
    var after = (count: Double(width), sum: sum)
    for level in rows.indices.reversed() {
      let size = Double(1 << level)
      for (index, bucket) in rows[level].enumerated() {
        if level == 0, index == rows[level].count - 1 { return false }
        before = (before.count + size, before.sum + bucket.sum)
        after = (after.count - size, after.sum - bucket.sum)
        if isCut(before, after) { return true }
      }
    }
    return false
  }

  private func isCut(_ before: (count: Double, sum: Double), _ after: (count: Double, sum: Double)) -> Bool {
    let least = Double(minimumPart)
    guard before.count >= least, after.count >= least, width > 1 else { return false }
    let gap = before.sum / before.count - after.sum / after.count
    let logarithm = Mathematics.log(2 * Mathematics.log(Double(width)) / confidence)
    let harmonic = 1 / (before.count - least + 1) + 1 / (after.count - least + 1)
    let variance = max(0, spread) / Double(width)
    let bound = (2 * harmonic * variance * logarithm).squareRoot() + 2.0 / 3 * logarithm * harmonic
    return gap.magnitude > bound
  }

  private mutating func dropOldest() {
    let level = rows.count - 1
    guard let oldest = rows[level].first else { return }
    let size = 1 << level
    width -= size
    sum -= oldest.sum
    if width > 0 {
      let gap = oldest.sum / Double(size) - sum / Double(width)
      spread -= oldest.spread + Double(size) * Double(width) * gap * gap / Double(size + width)
    } else {
      spread = 0
    }
    rows[level].removeFirst()
    while rows.count > 1, rows[rows.count - 1].isEmpty { rows.removeLast() }
  }

  enum CodingKeys: String, CodingKey {
    case confidence, interval, buckets, grace, rows, sum, spread, width, seen
    case minimumPart = "minimum_part"
  }

  /// Refuses a state whose buckets and counts do not fit together.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    confidence = try container.decode(Double.self, forKey: .confidence)
    interval = try container.decode(Int.self, forKey: .interval)
    buckets = try container.decode(Int.self, forKey: .buckets)
    minimumPart = try container.decode(Int.self, forKey: .minimumPart)
    grace = try container.decode(Int.self, forKey: .grace)
    rows = try container.decode([[Bucket]].self, forKey: .rows)
    sum = try container.decode(Double.self, forKey: .sum)
    spread = try container.decode(Double.self, forKey: .spread)
    width = try container.decode(Int.self, forKey: .width)
    seen = try container.decode(Int.self, forKey: .seen)
    guard 1...48 ~= rows.count, rows.allSatisfy({ $0.count <= max(1, buckets) + 1 }), buckets <= 100, seen >= 0,
      width == rows.enumerated().reduce(0, { $0 + $1.element.count << $1.offset }), confidence > 0
    else { throw ProfileError.corrupt("the buckets of a detector do not fit together") }
  }
}
