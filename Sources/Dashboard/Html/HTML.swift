/// Markup. What is written in the literal is markup; every text put into it is escaped here and nowhere else.
///
///     let name = "<b> & co"
///     let line: HTML = "<p>\(name)</p>"   // <p>&lt;b&gt; &amp; co</p>
package struct HTML: Sendable, Hashable, ExpressibleByStringInterpolation {
  /// The markup as it is sent.
  package var text: String

  /// Nothing.
  package init() { text = "" }

  /// Markup written by hand.
  package init(stringLiteral value: String) { text = value }

  /// Markup with texts put into it.
  package init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  /// Parts one after the other.
  package init(_ parts: some Sequence<HTML>) { text = parts.lazy.map(\.text).joined() }

  /// Appends markup.
  package static func += (a: inout HTML, b: HTML) { a.text += b.text }

  /// Two parts one after the other.
  package static func + (a: HTML, b: HTML) -> HTML { HTML([a, b]) }

  /// Collects literals as they are and texts escaped.
  package struct StringInterpolation: StringInterpolationProtocol, Sendable {
    var text = ""

    /// Starts empty.
    package init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity * 2) }
    /// Markup from the literal.
    package mutating func appendLiteral(_ literal: String) { text += literal }
    /// Text, escaped.
    package mutating func appendInterpolation(_ value: some StringProtocol) { HTML.escape(value, into: &text) }
    /// A whole number.
    package mutating func appendInterpolation(_ value: Int) { text += String(value) }
    /// Markup.
    package mutating func appendInterpolation(_ value: HTML) { text += value.text }
    /// Markup, part after part.
    package mutating func appendInterpolation(_ values: [HTML]) { for value in values { text += value.text } }
    /// Markup where there is some.
    package mutating func appendInterpolation(_ value: HTML?) { if let value { text += value.text } }
  }

  /// Text as it must stand between tags and inside quoted attributes; control characters become U+FFFD.
  private static func escape(_ value: some StringProtocol, into out: inout String) {
    for scalar in value.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      case "\t", "\n": out.unicodeScalars.append(scalar)
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": out += "\u{FFFD}"
      default: out.unicodeScalars.append(scalar)
      }
    }
  }
}

extension Sequence {
  /// Markup of every element, one after the other.
  func html(_ transform: (Element) -> HTML) -> HTML { HTML(map(transform)) }
}
