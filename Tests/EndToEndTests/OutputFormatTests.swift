import CLI
import Testing

@Suite struct NumberFormatTests {
  @Test(
    arguments: [
      (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (8143, "8,143"), (1_234_567, "1,234,567"), (-4200, "-4,200"),
      (Int.min, "-9,223,372,036,854,775,808"),
    ] as [(Int, String)])
  func counts(value: Int, text: String) { #expect(NumberFormat.count(value) == text) }

  @Test func nouns() {
    #expect(NumberFormat.count(1, "row") == "1 row")
    #expect(NumberFormat.count(8143, "row") == "8,143 rows")
    #expect(NumberFormat.count(2, "category", "categories") == "2 categories")
  }

  @Test(
    arguments: [
      (0.92714, "0.9271"), (547.31, "547.3"), (18_240.4, "18,240"), (0.5, "0.5"), (0, "0"), (-0.00012, "-0.00012"),
      (3.0, "3"), (1e-9, "1e-09"), (.nan, "–"), (-.infinity, "-∞"), (99_999.7, "100,000"),
    ] as [(Double, String)])
  func numbers(value: Double, text: String) { #expect(NumberFormat.number(value) == text) }

  /// Decimals follow the width of the interval, not the value.
  @Test(
    arguments: [
      (0.9271, 0.9232, 0.9310, "0.927 (0.923 … 0.931)"), (0.9271, 0.88, 0.96, "0.93 (0.88 … 0.96)"),
      (547.3, 538.2, 556.9, "547 (538 … 557)"), (0.92714, 0.92706, 0.92723, "0.9271 (0.9271 … 0.9272)"),
      (12_345.6, 11_000, 13_500, "12,346 (11,000 … 13,500)"), (0.5, 0.5, 0.5, "0.5"), (0.5, .nan, 0.6, "0.5"),
    ] as [(Double, Double, Double, String)])
  func intervals(value: Double, low: Double, high: Double, text: String) {
    #expect(NumberFormat.interval(value, low: low, high: high) == text)
  }

  @Test(
    arguments: [
      (0, "0 s"), (0.000_085, "85 µs"), (0.012, "12 ms"), (0.0996, "0.1 s"), (0.1, "0.1 s"), (9.94, "9.9 s"),
      (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min"), (80, "1 min 20 s"), (3599.7, "1 h"), (7500, "2 h 5 min"),
      (273_600, "3 d 4 h"), (.infinity, "–"), (-1, "–"),
    ] as [(Double, String)])
  func durations(seconds: Double, text: String) { #expect(NumberFormat.duration(seconds) == text) }

  @Test(
    arguments: [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (73_240_000, "73.2 MB"), (999_960, "1 MB")]
      as [(Int, String)])
  func sizes(count: Int, text: String) { #expect(NumberFormat.bytes(count) == text) }

  @Test func shares() {
    #expect(NumberFormat.percent(0.4812) == "48.1 %")
    #expect(NumberFormat.percent(1) == "100 %")
    #expect(NumberFormat.percent(nil) == "–")
  }

  @Test func fixedNeverWritesNegativeZero() {
    #expect(NumberFormat.fixed(-0.0004, decimals: 3) == "0.000")
    #expect(NumberFormat.fixed(-0.0006, decimals: 3) == "-0.001")
  }
}

@Suite struct TerminalTests {
  private func terminal(_ environment: [String: String], isTerminal: Bool = true) -> Terminal {
    Terminal(isTerminal: isTerminal, width: 100, environment: environment)
  }

  @Test func colorOnlyOnATerminalThatWantsIt() {
    #expect(terminal([:]).hasColor)
    #expect(!terminal([:], isTerminal: false).hasColor)
    #expect(!terminal(["NO_COLOR": "1"]).hasColor)
    #expect(terminal(["NO_COLOR": ""]).hasColor)
    #expect(!terminal(["TERM": "dumb"]).hasColor)
    #expect(!terminal(["TERM": "dumb"]).isInteractive)
  }

  @Test func firstLocaleThatIsSetDecidesTheCharacters() {
    #expect(terminal([:]).hasUnicode)
    #expect(terminal(["LANG": "de_DE.UTF-8"]).hasUnicode)
    #expect(!terminal(["LANG": "C"]).hasUnicode)
    #expect(!terminal(["LC_ALL": "POSIX", "LANG": "de_DE.utf8"]).hasUnicode)
    #expect(terminal(["LC_ALL": "", "LC_CTYPE": "C.utf8", "LANG": "C"]).hasUnicode)
  }

  @Test func widthHasAFloorAndADefault() {
    #expect(Terminal(isTerminal: false, width: nil, environment: [:]).width == 80)
    #expect(Terminal(isTerminal: false, width: nil, environment: ["COLUMNS": "120"]).width == 120)
    #expect(Terminal(isTerminal: true, width: 3, environment: [:]).width == 20)
  }

  @Test func asciiFallbackReplacesSignsButNotLetters() {
    let plain = Terminal(hasUnicode: false)
    #expect(plain.rendered("✓ 8,143 rows × 6 … café") == "+ 8,143 rows x 6 ... café")
    #expect(Terminal().rendered("✓ …") == "✓ …")
  }

  @Test func displayWidthCountsColumns() {
    #expect(DisplayWidth.of("abc") == 3)
    #expect(DisplayWidth.of("\u{1B}[31mab\u{1B}[0m") == 2)
    #expect(DisplayWidth.of("日本") == 4)
    #expect(DisplayWidth.of("cafe\u{301}") == 4)
    #expect(DisplayWidth.elided("temperature", to: 5) == "temp…")
    #expect(DisplayWidth.elided("日本語", to: 4) == "日…")
    #expect(DisplayWidth.wrapped("a long sentence here", to: 7) == ["a long", "sentenc", "e here"])
    #expect(DisplayWidth.wrapped("", to: 7) == [""])
  }
}
