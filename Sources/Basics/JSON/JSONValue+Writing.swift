extension JSONValue {
  /// One line without spaces.
  public var compact: String {
    var out: [UInt8] = []
    write(into: &out, indent: nil)
    return String(decoding: out, as: UTF8.self)
  }

  /// Two-space indented, short arrays of scalars on one line.
  public var pretty: String {
    var out: [UInt8] = []
    write(into: &out, indent: 0)
    return String(decoding: out, as: UTF8.self)
  }

  /// Appends the compact form.
  public func write(into out: inout [UInt8]) { write(into: &out, indent: nil) }

  func write(into out: inout [UInt8], indent: Int?) {
    switch self {
    case .null: out.append(contentsOf: "null".utf8)
    case .boolean(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let value): out.append(contentsOf: String(value).utf8)
    case .number(let value): Self.write(value, into: &out)
    case .string(let text): Self.write(text, into: &out)
    case .array(let values):
      let inline = indent == nil || values.allSatisfy(\.isScalar)
      Self.writeList(values, open: 91, close: 93, indent: inline ? nil : indent, spaced: indent != nil, into: &out) {
        $0.write(into: &$1, indent: inline && $0.isScalar ? nil : indent.map { $0 + 1 })
      }
    case .object(let pairs):
      Self.writeList(pairs, open: 123, close: 125, indent: indent, spaced: false, into: &out) { pair, out in
        Self.write(pair.0, into: &out)
        out.append(58)
        if indent != nil { out.append(32) }
        pair.1.write(into: &out, indent: indent.map { $0 + 1 })
      }
    }
  }

  private var isScalar: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }

  private static func writeList<Element>(
    _ elements: [Element], open: UInt8, close: UInt8, indent: Int?, spaced: Bool, into out: inout [UInt8],
    element: (Element, inout [UInt8]) -> Void
  ) {
    out.append(open)
    for (index, value) in elements.enumerated() {
      if index > 0 {
        out.append(44)
        if spaced, indent == nil { out.append(32) }
      }
      if let indent {
        out.append(10)
        out.append(contentsOf: repeatElement(32, count: 2 * (indent + 1)))
      }
      element(value, &out)
    }
    if let indent, !elements.isEmpty {
      out.append(10)
      out.append(contentsOf: repeatElement(32, count: 2 * indent))
    }
    out.append(close)
  }

  /// Appends a number: shortest text that reads back equal; `null` when it is not finite.
  public static func write(_ value: Double, into out: inout [UInt8]) {
    guard value.isFinite else {
      out.append(contentsOf: "null".utf8)
      return
    }
    out.append(contentsOf: NumberText.shortest(value).utf8)
  }

  /// Appends a quoted, escaped string.
  public static func write(_ text: String, into out: inout [UInt8]) {
    let hex = Array("0123456789abcdef".utf8)
    out.append(34)
    for byte in text.utf8 {
      switch byte {
      case 34: out.append(contentsOf: [92, 34])
      case 92: out.append(contentsOf: [92, 92])
      case 10: out.append(contentsOf: [92, 110])
      case 13: out.append(contentsOf: [92, 114])
      case 9: out.append(contentsOf: [92, 116])
      case 0..<32: out.append(contentsOf: [92, 117, 48, 48, hex[Int(byte >> 4)], hex[Int(byte & 15)]])
      default: out.append(byte)
      }
    }
    out.append(34)
  }
}

/// Texts of numbers, the same everywhere: replies, files, digests.
public enum NumberText {
  /// Shortest decimal that reads back to the same `Double`; integers without `.0`, e.g. `3`, `0.1`, `1e-07`.
  public static func shortest(_ value: Double) -> String {
    if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 {
      return value == 0 && value.sign == .minus ? "-0.0" : String(whole)
    }
    return value.description
  }
}
