public import Basics

/// How intervals are made.
public struct BootstrapOptions: Sendable {
  /// Replicates; `nil` = 500, fewer (down to 200) for more than 50,000 rows, where the ends move less.
  public var replicateCount: Int?
  /// Share of replicates inside the interval, in `0 ..< 1`.
  public var confidence: Double
  /// Seed; the same seed gives the same interval for any thread count.
  public var seed: Seed
  /// Threads.
  public var workers: Workers
  /// Whether rows with equal keys are drawn together, as the rows of one patient or one household are: keys then name
  /// groups, and intervals are as wide as so many groups make them (cluster bootstrap).
  ///
  /// - Source: Field and Welsh, *Bootstrapping clustered data*, JRSS B 69(3), 2007.
  public var keepsEqualKeysTogether: Bool

  /// 95 % intervals of single rows unless told otherwise.
  public init(
    replicateCount: Int? = nil, confidence: Double = 0.95, seed: Seed = Seed(0), workers: Workers = .serial,
    keepsEqualKeysTogether: Bool = false
  ) {
    self.replicateCount = replicateCount
    self.confidence = confidence
    self.seed = seed
    self.workers = workers
    self.keepsEqualKeysTogether = keepsEqualKeysTogether
  }

  func replicates(rowCount: Int) -> Int {
    if let replicateCount { return max(0, replicateCount) }
    return max(200, min(500, 500 * 50_000 / max(1, rowCount)))
  }
}
