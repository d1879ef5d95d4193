/// How a text file writes its characters, as far as its first bytes tell.
enum TextEncoding: Equatable {
  case utf8, utf16LittleEndian, utf16BigEndian

  /// By the byte-order mark, or by zeros in every other byte.
  static func detect(_ head: [UInt8]) -> TextEncoding {
    if head.starts(with: [0xFF, 0xFE]) { return .utf16LittleEndian }
    if head.starts(with: [0xFE, 0xFF]) { return .utf16BigEndian }
    let probe = head.prefix(64)
    guard probe.count >= 8 else { return .utf8 }
    let pairs = probe.count / 2
    let evenZeros = (0..<pairs).count { probe[2 * $0] == 0 }
    let oddZeros = (0..<pairs).count { probe[2 * $0 + 1] == 0 }
    if evenZeros == 0, oddZeros * 10 >= pairs * 9 { return .utf16LittleEndian }
    if oddZeros == 0, evenZeros * 10 >= pairs * 9 { return .utf16BigEndian }
    return .utf8
  }

  /// UTF-8 of UTF-16 bytes without their mark; lone surrogates become U+FFFD.
  static func utf8(fromUTF16 bytes: [UInt8], bigEndian: Bool) -> [UInt8] {
    var units: [UInt16] = []
    units.reserveCapacity(bytes.count / 2)
    var index = 0
    while index + 1 < bytes.count {
      let a = UInt16(bytes[index])
      let b = UInt16(bytes[index + 1])
      units.append(bigEndian ? a << 8 | b : b << 8 | a)
      index += 2
    }
    if units.first == 0xFEFF { units.removeFirst() }
    return Array(String(decoding: units, as: UTF16.self).utf8)
  }
}
