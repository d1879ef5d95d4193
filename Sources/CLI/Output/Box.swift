/// The frame at the end of a command: what came out, and what to type next. At most 80 columns.
package struct Box: Sendable, Hashable {
  /// A command and what it is for.
  package struct Step: Sendable, Hashable {
    /// What to type.
    package var command: String
    /// What it does.
    package var purpose: String
    /// Makes a step.
    package init(_ command: String, _ purpose: String) {
      self.command = command
      self.purpose = purpose
    }
  }

  /// First line, in the frame.
  package var title: String
  /// Sentences, wrapped.
  package var lines: [String]
  /// What to type next.
  package var next: [Step]

  /// Makes a box.
  package init(_ title: String, lines: [String] = [], next: [Step] = []) {
    self.title = title
    self.lines = lines
    self.next = next
  }

  /// The frame. A command is never broken: one too wide for the frame stands alone, without its right edge.
  package func lines(on terminal: Terminal) -> [String] {
    let width = min(80, terminal.width)
    let inner = width - 4
    var body: [String] = lines.flatMap { DisplayWidth.wrapped($0, to: inner) }
    if !next.isEmpty {
      if !body.isEmpty { body.append("") }
      body.append("Next")
      body += steps(inner)
    }
    let heading = DisplayWidth.elided(title, to: width - 6)
    let rule = String(repeating: "─", count: max(0, width - DisplayWidth.of(heading) - 5))
    var out = ["╭─ \(TextStyle.bold(heading, on: terminal)) \(rule)╮"]
    for line in body {
      let fits = DisplayWidth.of(line) <= inner
      out.append(fits ? "│ \(DisplayWidth.padded(line, to: inner)) │" : "│ \(line)")
    }
    out.append("╰" + String(repeating: "─", count: width - 2) + "╯")
    return out
  }

  private func steps(_ inner: Int) -> [String] {
    let column = next.map { DisplayWidth.of($0.command) }.filter { $0 <= inner / 2 }.max() ?? 0
    return next.flatMap { step -> [String] in
      let command = "  " + step.command
      let room = inner - column - 5
      if step.purpose.isEmpty { return [command] }
      if DisplayWidth.of(step.command) <= column, DisplayWidth.of(step.purpose) <= room {
        return [DisplayWidth.padded(command, to: column + 2) + "   " + step.purpose]
      }
      return [command] + DisplayWidth.wrapped(step.purpose, to: inner - 6).map { "      " + $0 }
    }
  }
}
