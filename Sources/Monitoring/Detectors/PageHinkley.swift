public import Basics

/// Page–Hinkley test: sums how far values lie from their running mean; an alarm when the sum strays from its extreme.
///
/// - Source: Page, *Continuous inspection schemes*, Biometrika 41, 1954; the same sums as `river.drift.PageHinkley`.
public struct PageHinkley: DriftDetector, Hashable {
  /// What it is.
  public static let card = Card(
    name: "page-hinkley",
    summary: "Cumulative sum test for a change of the mean, in constant memory. Use it for errors of one scale.",
    hyperparameters: [
      Hyperparameter("minimum_values", "Values before the first alarm.", .integer(1...1_000_000, logarithmic: true)),
      Hyperparameter("tolerance", "Change per value that is let pass.", .real(0...1e9, logarithmic: false)),
      Hyperparameter("threshold", "Sum that raises the alarm.", .real(1e-9...1e12, logarithmic: true)),
      Hyperparameter("forgetting", "Weight of the past sum.", .real(0...1, logarithmic: false)),
      Hyperparameter("direction", "Which change counts.", .choice(Direction.allCases.map(\.rawValue))),
    ],
    source: "Page, Continuous inspection schemes, Biometrika 41, 1954")

  /// Which change counts.
  public enum Direction: String, Sendable, Hashable, Codable, CaseIterable {
    case up, down, both
  }

  /// Values before the first alarm.
  public var minimumValues = 30
  /// Change per value that is let pass.
  public var tolerance = 0.005
  /// Sum that raises the alarm.
  public var threshold = 50.0
  /// Weight of the past sum.
  public var forgetting = 0.9999
  /// Which change counts.
  public var direction = Direction.both

  private var count: Int64 = 0
  private var mean = 0.0
  private var rise = 0.0
  private var fall = 0.0
  private var lowestRise: Double?
  private var highestFall = -1.0

  /// The defaults.
  public init() {}

  /// Takes the next value; a value that is not finite is passed over. After `.drift` it starts anew.
  public mutating func update(with value: Double) -> DriftState {
    guard value.isFinite else { return .stable }
    count += 1
    mean += (value - mean) / Double(count)
    let deviation = value - mean
    rise = forgetting * rise + deviation - tolerance
    fall = forgetting * fall + deviation + tolerance
    lowestRise = min(lowestRise ?? rise, rise)
    highestFall = max(highestFall, fall)
    guard count >= Int64(minimumValues) else { return .stable }
    let rose = direction != .down && rise - (lowestRise ?? rise) > threshold
    let fell = direction != .up && highestFall - fall > threshold
    guard rose || fell else { return .stable }
    restart()
    return .drift
  }

  private mutating func restart() {
    (count, mean, rise, fall, lowestRise, highestFall) = (0, 0, 0, 0, nil, -1)
  }

  enum CodingKeys: String, CodingKey {
    case tolerance, threshold, forgetting, direction, count, mean, rise, fall
    case minimumValues = "minimum_values"
    case lowestRise = "lowest_rise"
    case highestFall = "highest_fall"
  }
}
