/// Texts found by their UTF-8 bytes, without making a string of what is looked up.
struct ByteTable: Sendable {
  private let bytes: [UInt8]
  private let ends: [Int]
  /// Position + 1 of a text in its slot; 0 is free.
  private let slots: [Int32]
  private let mask: Int

  /// Holds `texts` by position; of equal ones the first.
  init(_ texts: [String]) {
    var bytes: [UInt8] = []
    var ends: [Int] = []
    for text in texts {
      bytes.append(contentsOf: text.utf8)
      ends.append(bytes.count)
    }
    var size = 8
    while size < texts.count * 3 { size *= 2 }
    mask = size - 1
    var slots = [Int32](repeating: 0, count: size)
    self.bytes = bytes
    self.ends = ends
    for index in texts.indices {
      let range = (index == 0 ? 0 : ends[index - 1])..<ends[index]
      var at = Self.hash(bytes, range) & (size - 1)
      while slots[at] != 0 { at = (at + 1) & (size - 1) }
      slots[at] = Int32(index + 1)
    }
    self.slots = slots
  }

  /// Position of the text that `text[range]` spells.
  func index(_ text: [UInt8], _ range: Range<Int>) -> Int? {
    var at = Self.hash(text, range) & mask
    while slots[at] != 0 {
      let index = Int(slots[at]) - 1
      if matches(index, text, range) { return index }
      at = (at + 1) & mask
    }
    return nil
  }

  /// Whether `text[range]` spells text `index`.
  func matches(_ index: Int, _ text: [UInt8], _ range: Range<Int>) -> Bool {
    let start = index == 0 ? 0 : ends[index - 1]
    guard ends[index] - start == range.count else { return false }
    for offset in 0..<range.count where bytes[start + offset] != text[range.lowerBound + offset] { return false }
    return true
  }

  private static func hash(_ text: [UInt8], _ range: Range<Int>) -> Int {
    var state: UInt64 = 0xCBF2_9CE4_8422_2325
    for index in range { state = (state ^ UInt64(text[index])) &* 0x0000_0100_0000_01B3 }
    return Int(truncatingIfNeeded: (state ^ (state >> 32)) & 0x7FFF_FFFF)
  }
}
