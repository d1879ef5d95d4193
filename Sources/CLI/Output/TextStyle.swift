/// Emphasis, shown on a terminal with colour and left out elsewhere; never the only carrier of a meaning.
package enum TextStyle: Int, Sendable, Hashable {
  /// Headings and names.
  case bold = 1
  /// What can be skipped.
  case dim = 2
  /// Errors, a missed gate.
  case red = 31
  /// Success.
  case green = 32
  /// Warnings.
  case yellow = 33
  /// Commands and addresses.
  case cyan = 36

  /// `text` in this style where `terminal` shows it.
  package func callAsFunction(_ text: String, on terminal: Terminal) -> String {
    terminal.hasColor && !text.isEmpty ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
  }
}
