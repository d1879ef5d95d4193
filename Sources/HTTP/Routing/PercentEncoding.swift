/// Percent-encoding of addresses (RFC 3986).
public enum PercentEncoding {
  /// The text behind the escapes; `nil` for a broken escape or bytes that are not UTF-8.
  public static func decoded(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String? {
    let source = Array(text.utf8)
    guard source.contains(where: { $0 == 37 || (plusIsSpace && $0 == 43) }) else { return String(text) }
    var out: [UInt8] = []
    out.reserveCapacity(source.count)
    var index = 0
    while index < source.count {
      let byte = source[index]
      if byte == 37 {
        guard index + 2 < source.count, let high = digit(source[index + 1]), let low = digit(source[index + 2]) else {
          return nil
        }
        out.append(high << 4 | low)
        index += 3
      } else {
        out.append(plusIsSpace && byte == 43 ? 32 : byte)
        index += 1
      }
    }
    return String(validating: out, as: UTF8.self)
  }

  /// The text with everything escaped but letters, digits and `-._~`.
  public static func encoded(_ text: String) -> String {
    let hex = Array("0123456789ABCDEF".utf8)
    var out: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 48...57, 65...90, 97...122, 45, 46, 95, 126: out.append(byte)
      default: out.append(contentsOf: [37, hex[Int(byte >> 4)], hex[Int(byte & 15)]])
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 48...57: byte - 48
    case 65...70: byte - 55
    case 97...102: byte - 87
    default: nil
    }
  }
}
