import Basics
import Kernels

/// A number dressed for people: thousands separators, a currency sign before it.
struct StyledNumber {
  var value: Double
  /// Whether a comma grouped the digits.
  var isGrouped: Bool
  /// Whether there are four or more digits before the point and none are grouped.
  var isLongUngrouped: Bool
  /// The sign, such as `$`.
  var currency: String?

  static let currencies = ["$", "€", "£", "¥", "₹"]

  /// Reads `text`: sign, currency, sign, digits in groups of three, fraction. `nil` for anything else.
  init?(_ text: Span<UInt8>) {
    guard text.count > 0, text.count <= 40 else { return nil }
    var plain: [UInt8] = []
    var position = 0
    func isSign(_ index: Int) -> Bool { index < text.count && (text[index] == 43 || text[index] == 45) }
    if isSign(0) {
      plain.append(text[0])
      position = 1
    }
    currency = Self.currency(text, at: &position)
    if currency != nil, plain.isEmpty, isSign(position) {
      plain.append(text[position])
      position += 1
    }
    let start = position
    var groupStart = position
    isGrouped = false
    while position < text.count, text[position] != 46 {
      if text[position] == 44 {
        let width = position - groupStart
        guard isGrouped ? width == 3 : (1...3).contains(width) else { return nil }
        isGrouped = true
        groupStart = position + 1
      } else {
        plain.append(text[position])
      }
      position += 1
    }
    if isGrouped, position - groupStart != 3 { return nil }
    isLongUngrouped = !isGrouped && position - start > 3
    while position < text.count {
      plain.append(text[position])
      position += 1
    }
    guard let value = DecimalText.number(plain.span, allowsLeadingZeros: false) else { return nil }
    self.value = value
  }

  private static func currency(_ text: Span<UInt8>, at position: inout Int) -> String? {
    for sign in currencies {
      let bytes = Array(sign.utf8)
      guard position + bytes.count < text.count else { continue }
      guard bytes.indices.allSatisfy({ text[position + $0] == bytes[$0] }) else { continue }
      position += bytes.count
      if position < text.count, text[position] == 32 { position += 1 }
      return sign
    }
    return nil
  }
}
