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

  /// 95 % intervals unless told otherwise.
  public init(replicateCount: Int? = nil, confidence: Double = 0.95, seed: Seed = Seed(0), workers: Workers = .serial) {
    self.replicateCount = replicateCount
    self.confidence = confidence
    self.seed = seed
    self.workers = workers
  }

  func replicates(rowCount: Int) -> Int {
    if let replicateCount { return max(0, replicateCount) }
    return max(200, min(500, 500 * 50_000 / max(1, rowCount)))
  }
}
