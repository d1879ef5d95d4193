/// Columns that text takes on a terminal, and cutting to them.
package enum DisplayWidth {
  /// Columns of one line: escape sequences and combining marks 0, East Asian wide characters and emoji 2.
  package static func of(_ text: String) -> Int {
    if text.utf8.allSatisfy({ $0 >= 32 && $0 < 127 }) { return text.utf8.count }
    var width = 0
    var inEscape = false
    for character in text {
      if inEscape {
        if character.isLetter { inEscape = false }
      } else if character == "\u{1B}" {
        inEscape = true
      } else {
        width += columns(of: character)
      }
    }
    return width
  }

  /// Columns of one character.
  package static func columns(of character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.value {
    case 0..<32, 0x7F..<0xA0: return 0
    case 0x300..<0x370, 0x200B...0x200F, 0xFE00...0xFE0F: return 0
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }

  /// `text` cut to `width` columns, with `…` where something is left out. Text without escape sequences only.
  package static func elided(_ text: String, to width: Int) -> String {
    if of(text) <= width { return text }
    return prefix(text, columns: max(0, width - 1)) + (width > 0 ? "…" : "")
  }

  /// `text` with spaces up to `width` columns, behind it or before it.
  package static func padded(_ text: String, to width: Int, trailing: Bool = false) -> String {
    let spaces = String(repeating: " ", count: max(0, width - of(text)))
    return trailing ? spaces + text : text + spaces
  }

  /// `text` broken into lines of at most `width` columns, at spaces where there are some. Never empty.
  package static func wrapped(_ text: String, to width: Int) -> [String] {
    let width = max(1, width)
    var lines: [String] = []
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var line = ""
      for word in paragraph.split(separator: " ", omittingEmptySubsequences: true) {
        let extended = line.isEmpty ? String(word) : line + " " + word
        if of(extended) <= width {
          line = extended
          continue
        }
        if !line.isEmpty { lines.append(line) }
        line = String(word)
        while of(line) > width {
          let head = prefix(line, columns: width)
          lines.append(head)
          line.removeFirst(max(1, head.count))
        }
      }
      lines.append(line)
    }
    return lines
  }

  private static func prefix(_ text: String, columns limit: Int) -> String {
    var out = ""
    var width = 0
    for character in text {
      width += columns(of: character)
      if width > limit { break }
      out.append(character)
    }
    return out
  }
}
