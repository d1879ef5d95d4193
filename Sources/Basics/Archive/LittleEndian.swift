/// Integers as little-endian bytes.
enum LittleEndian {
  static func bytes<T: FixedWidthInteger>(_ values: [T]) -> [UInt8] {
    let size = T.bitWidth / 8
    var out = [UInt8](repeating: 0, count: values.count * size)
    var offset = 0
    for value in values {
      var word = value
      for _ in 0..<size {
        out[offset] = UInt8(truncatingIfNeeded: word)
        word >>= 8
        offset += 1
      }
    }
    return out
  }

  static func uint64(_ bytes: [UInt8], at offset: Int) -> UInt64 {
    var value: UInt64 = 0
    for i in (0..<8).reversed() { value = value << 8 | UInt64(bytes[offset + i]) }
    return value
  }

  static func uint32(_ bytes: [UInt8], at offset: Int) -> UInt32 {
    var value: UInt32 = 0
    for i in (0..<4).reversed() { value = value << 8 | UInt32(bytes[offset + i]) }
    return value
  }
}
