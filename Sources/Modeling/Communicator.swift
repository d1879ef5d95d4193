/// Sums integers across the processes that train one model together. Sums of integers do not depend on order, so the
/// model does not depend on the number of ranks.
public protocol Communicator: Sendable {
  /// This process, `0 ..< size`.
  var rank: Int { get }
  /// Processes.
  var size: Int { get }
  /// Replaces `values` by their sums over all ranks.
  func allReduceSum(_ values: inout [Int64]) throws
  /// Replaces `bytes` by those of rank `root`.
  func broadcast(_ bytes: inout [UInt8], from root: Int) throws
  /// Waits for all ranks.
  func barrier() throws
}

/// The one process of today.
public struct SingleProcess: Communicator {
  /// Makes it.
  public init() {}
  /// Always 0.
  public var rank: Int { 0 }
  /// Always 1.
  public var size: Int { 1 }
  /// Leaves the sums as they are.
  public func allReduceSum(_ values: inout [Int64]) throws {}
  /// Leaves the bytes as they are.
  public func broadcast(_ bytes: inout [UInt8], from root: Int) throws {}
  /// Returns at once.
  public func barrier() throws {}
}
