import CKernels

/// Numbers and markers of missing values in text: the same answer wherever a cell comes from.
public enum DecimalText {
  /// The number that fills `text` (sign, digits, fraction, exponent): the nearest double. `nil` for anything else,
  /// which includes hexadecimal, `inf`, `nan`, numbers out of range and spaces.
  ///
  /// - Parameter allowsLeadingZeros: whether `007` is a number; under inference it is an identifier.
  public static func number(_ text: Span<UInt8>, allowsLeadingZeros: Bool) -> Double? {
    text.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return nil }
      var value = 0.0
      // SAFETY: reads stay inside the `count` bytes of the span.
      let kind = ck_csv_number(base, buffer.count, buffer.count, allowsLeadingZeros ? 1 : 0, &value)
      return kind == Int32(CK_CSV_NOT_A_NUMBER) ? nil : value
    }
  }

  /// The whole number that fills `text` and fits 64 bits.
  public static func integer(_ text: Span<UInt8>, allowsLeadingZeros: Bool) -> Int64? {
    text.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return nil }
      var value: Int64 = 0
      // SAFETY: reads stay inside the `count` bytes of the span.
      let kind = ck_csv_integer(base, buffer.count, allowsLeadingZeros ? 1 : 0, &value)
      return kind == Int32(CK_CSV_NOT_A_NUMBER) ? nil : value
    }
  }

  /// What a text says about its cell.
  public enum Marker: Sendable {
    /// A value.
    case none
    /// Missing in any column: empty, `NA`, `?`, `null`, …
    case always
    /// Missing in columns of numbers or instants only: `unknown`, `none`, `-`, …
    case amongNumbers
  }

  /// Whether `text` stands for a missing value.
  public static func marker(_ text: Span<UInt8>) -> Marker {
    text.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return .always }
      // SAFETY: reads stay inside the `count` bytes of the span.
      switch ck_csv_marker(base, buffer.count) {
      case 1: return .always
      case 2: return .amongNumbers
      default: return .none
      }
    }
  }
}
