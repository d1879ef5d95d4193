import Basics

/// What a stream can show: width, colour, characters, and whether a line may be repainted.
package struct Terminal: Sendable, Hashable {
  /// Whether a person watches, so that lines may be repainted.
  package var isInteractive: Bool
  /// Columns.
  package var width: Int
  /// Whether text may be coloured.
  package var hasColor: Bool
  /// Whether characters past ASCII may be written.
  package var hasUnicode: Bool

  /// Makes a description; by default a file or a pipe: 80 columns, no colour, UTF-8.
  package init(isInteractive: Bool = false, width: Int = 80, hasColor: Bool = false, hasUnicode: Bool = true) {
    self.isInteractive = isInteractive
    self.width = width
    self.hasColor = hasColor
    self.hasUnicode = hasUnicode
  }

  /// Describes a standard stream.
  ///
  /// `NO_COLOR` (any value but empty) and `TERM=dumb` turn colour off, `TERM=dumb` repainting too. Characters past
  /// ASCII are left out when `LC_ALL`, `LC_CTYPE` or `LANG` (the first that is set) names another encoding than UTF-8.
  package init(_ stream: StandardStream, environment: [String: String]) {
    self.init(
      isTerminal: Machine.isTerminal(stream.descriptor), width: Machine.terminalWidth(stream.descriptor),
      environment: environment)
  }

  /// The same, from facts.
  package init(isTerminal: Bool, width: Int?, environment: [String: String]) {
    let isDumb = environment["TERM"] == "dumb"
    let refusesColor = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    let stated = environment["COLUMNS"].flatMap { Int($0) }
    isInteractive = isTerminal && !isDumb
    self.width = max(20, width ?? stated ?? 80)
    hasColor = isTerminal && !isDumb && !refusesColor
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    hasUnicode = locale.map { $0.lowercased().contains("utf-8") || $0.lowercased().contains("utf8") } ?? true
  }

  /// `text` with the signs we use replaced by ASCII ones where the terminal has no others.
  ///
  /// Letters of data and names stay as they are: a wrong sign is better than a wrong name.
  package func rendered(_ text: String) -> String {
    if hasUnicode || text.utf8.allSatisfy({ $0 < 128 }) { return text }
    var out = ""
    for character in text {
      if let plain = Self.plain[character] { out += plain } else { out.append(character) }
    }
    return out
  }

  private static let plain: [Character: String] = [
    "…": "...", "·": "-", "×": "x", "–": "-", "—": "-", "−": "-", "✓": "+", "✗": "x", "→": "->", "↓": "v", "↑": "^",
    "≥": ">=", "≤": "<=", "±": "+/-", "µ": "u", "─": "-", "│": "|", "╭": "+", "╮": "+", "╰": "+", "╯": "+", "█": "#",
    "░": ".", "•": "*", "’": "'", "‘": "'", "“": "\"", "”": "\"",
  ]
}
