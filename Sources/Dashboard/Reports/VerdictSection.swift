import Basics

/// The top of a report: what became of the model, three numbers, what to worry about, and the gate.
struct VerdictSection {
  let source: ReportSource

  /// The outcome in a few words.
  var outcome: (standing: Standing, word: String) {
    switch source.isPassed {
    case true: (.good, "Passed")
    case false: (.bad, "Refused")
    default: (.unknown, "No gate")
    }
  }

  /// The outcome in a sentence.
  var headline: String {
    switch source.isPassed {
    case true:
      source.report.part("promoted").boolValue == true
        ? "\(source.model) passed its gate and was promoted" : "\(source.model) passed its gate"
    case false: "\(source.model) was refused by its gate"
    default: "\(source.model) was trained"
    }
  }

  /// Why, in a sentence or two.
  var reasons: [String] {
    let checks = source.report.part("gate").list("checks")
    let failed = checks.filter { $0.part("passed").boolValue == false }.compactMap { $0.text("why") }
    let verdict = source.report.part("verdict").text("sentence")
    return (failed.isEmpty ? checks.prefix(1).compactMap { $0.text("why") } : failed) + [verdict].compactMap { $0 }
      + source.report.part("gate").texts("decisions")
  }

  var html: HTML {
    """
    <section id="verdict" aria-labelledby="verdict-title"><div class="headline">\
    <h1 id="verdict-title">\(headline)</h1>\(ReportParts.badge(outcome.standing, outcome.word))</div>\
    \(reasons.html { "<p class=\"lead\">\($0)</p>" })\(figures)\(worries)\(gate)</section>
    """
  }

  // MARK: Three numbers

  /// A number in large type, what it is, and what to compare it with.
  struct KeyNumber {
    let name: String
    let value: String
    let words: String
    var drawing: HTML = ""
    var legend = ""
  }

  /// The numbers that matter most, three at most.
  var keyNumbers: [KeyNumber] { [testNumber, gainNumber, speedNumber].compactMap { $0 } }

  private var testNumber: KeyNumber? {
    guard let test = source.test else { return nil }
    let axis = Strip.axis([test], and: [source.baseline])
    let words = [
      Figures.range(test).map { "95 % interval \($0)" },
      source.report.part("rows").count("test").map { "on \(Figures.count($0, "sealed test row"))" },
    ]
    return KeyNumber(
      name: "Test \(source.metric)", value: Figures.precise(test.value),
      words: words.compactMap { $0 }.joined(separator: "; "),
      drawing: source.baseline == nil ? "" : Strip.interval(test, axis, limit: source.baseline),
      legend: source.baseline == nil ? "" : "; the upright line is the baseline")
  }

  private var gainNumber: KeyNumber? {
    guard let test = source.test else { return nil }
    if let baseline = source.baseline {
      return KeyNumber(
        name: "Against the baseline", value: Figures.signed(test.value - baseline),
        words: "\(Figures.precise(test.value)) against \(Figures.precise(baseline)) of the simplest guess; "
          + (source.isHigherBetter ? "more is better" : "less is better"))
    }
    guard let validation = source.validation else { return nil }
    return KeyNumber(
      name: "Test against validation", value: Figures.signed(test.value - validation),
      words: "\(Figures.precise(test.value)) on the sealed test, \(Figures.precise(validation)) on validation rows")
  }

  private var speedNumber: KeyNumber? {
    let tried = source.tried
    let indices =
      source.weights.isEmpty ? [source.report.count("chosen")].compactMap { $0 } : Array(source.weights.keys)
    let speeds = indices.compactMap { tried.indices.contains($0) ? tried[$0].microsecondsPerRow : nil }
    if !speeds.isEmpty, speeds.count == indices.count {
      let sum = speeds.sorted().reduce(0, +)
      return KeyNumber(
        name: "Time to predict a row", value: SearchFigures.duration(sum / 1e6),
        words: "in batches, as measured while searching"
          + (indices.count > 1 ? "; \(indices.count) models answer together" : ""))
    }
    guard let seconds = source.report.number("seconds") else { return nil }
    return KeyNumber(name: "Time to train", value: SearchFigures.duration(seconds), words: "search included")
  }

  private var figures: HTML {
    guard !keyNumbers.isEmpty else { return "" }
    let cards = keyNumbers.html { number -> HTML in
      """
      <div class="card key-number"><h2 class="key-name">\(number.name)</h2><p class="big">\(number.value)</p>\
      \(number.drawing)<p class="say">\(number.words)\(number.legend)</p></div>
      """
    }
    return "<div class=\"grid-many summary\">\(cards)</div>"
  }

  // MARK: Worries and gate

  private var worries: HTML {
    let worries = Worries(source: source).all
    guard !worries.isEmpty else {
      return "<h2>Worries</h2><p class=\"card\">None: nothing in this report asks for attention.</p>"
    }
    let items = worries.html { worry -> HTML in
      """
      <li><div>\(ReportParts.badge(worry.standing, worry.word))</div><div><p class="what">\(worry.what)</p>\
      \(worry.why.isEmpty ? "" : "<p class=\"why\">\(worry.why)</p>" as HTML)</div></li>
      """
    }
    return "<h2>Worries</h2><ul class=\"findings\">\(items)</ul>"
  }

  private var gate: HTML {
    let checks = source.report.part("gate").list("checks")
    guard !checks.isEmpty else { return "" }
    let rows = checks.map { check -> [HTML] in
      let passed = check.part("passed").boolValue
      return [
        "\(Figures.words(check.text("name") ?? "check"))\(ReportParts.note(check.text("why")))",
        passed.map { $0 ? ReportParts.badge(.good, "Passed") : ReportParts.badge(.bad, "Failed") } ?? "–",
        "\(Figures.precise(check.number("value")))", "\(Figures.precise(check.number("limit")))",
      ]
    }
    let table = ReportTable(
      title: "Checks of the gate", columns: ["Check", "Outcome", .number("Value"), .number("Limit")], rows: rows)
    return "<h2>Gate</h2><div class=\"card\">\(table.html)</div>"
  }
}
