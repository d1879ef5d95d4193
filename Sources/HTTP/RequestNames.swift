import Synchronization

/// Names of requests: short, unique in this process, in order.
public enum RequestNames {
  private static let counter = Atomic<UInt64>(0)
  private static let start = UInt64.random(in: 0..<(1 << 25))
  private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

  /// The next name: 5 digits for the process, 8 for the request; 13 bytes need no memory of their own.
  public static func next() -> String {
    let number = start << 40 | counter.add(1, ordering: .relaxed).newValue & 0xFF_FFFF_FFFF
    let bytes = (0..<13).map { digits[Int(number >> (60 - 5 * UInt64($0)) & 31)] }
    return String(decoding: bytes, as: UTF8.self)
  }
}
