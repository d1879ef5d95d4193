import Basics
import Dashboard
import Foundation
import Testing

/// Reports of runs, from documents written by hand.
struct ReportTests {
  static let sections = ["quality", "why", "groups", "search", "provenance"]

  /// The page without its style, which is not markup.
  static func markup(_ page: String) throws -> String {
    let start = try #require(page.range(of: "<style>")).upperBound
    let end = try #require(page.range(of: "</style>")).lowerBound
    return page.replacingCharacters(in: start..<end, with: "")
  }

  @discardableResult
  static func checked(_ report: JSONValue, _ analysis: JSONValue) throws -> (page: String, checker: MarkupChecker) {
    let page = RunReport.html(report: report, analysis: analysis)
    let checker = MarkupChecker(try markup(page))
    #expect(checker.problems.isEmpty)
    return (page, checker)
  }

  // MARK: What is there

  @Test func everyPartIsDrawnFromAWholeDocument() throws {
    let (page, checker) = try Self.checked(ReportSamples.report, ReportSamples.analysis)
    for id in Self.sections { #expect(checker.values(of: "id").contains(id)) }
    let titles = [
      "Metrics", "ROC curve", "Precision and recall", "Confusion matrix", "By class", "Calibration", "Lift",
      "Thresholds",
      "Cost of decisions", "Threshold explorer", "Prediction sets", "Leaving rows to people", "Importance",
      "Learning curve", "Without a column",
      "What moves predictions", "Row 1", "x", "Slices", "Selection rate", "Proxies of sex", "Closing the gap",
      "Leaderboard", "Spread across folds", "Tuning history", "Robustness",
    ]
    for title in titles { #expect(page.contains("<h3 class=\"chart-title\">\(title)</h3>"), "\(title)") }
    #expect(checker.count("figure") == checker.count("figcaption"))
    #expect(checker.count("h1") == 1)
    #expect(checker.count("script") == 0)
  }

  @Test func numbersAreThoseOfTheDocuments() throws {
    let page = try Self.checked(ReportSamples.report, ReportSamples.analysis).page
    let numbers = [
      "0.7891", "0.0613", "0.0402 – 0.0824", "0.8317", "0.7911 – 0.8702", "+0.3317", "0.36 µs", "0.8405", "0.9133",
      "0.1234", "0.7321", ">181<", ">31<",
      "0.2468",
      "0.6137", "190.5", "76.5 %", "0.7012", "1.00e−09", "0.2345", "0.4567", "0.2222", "0.8800", "0.2101 → 0.0051",
      "0.8443 → 0.8101", "−0.0342", "0.2411 – 0.2622", "(missing): 0.3579", "+0.2117", "0.5886", "0.8262", "0.0117",
      "1,234", "50.0 MiB", "12.5 s",
    ]
    for number in numbers { #expect(page.contains(number), "\(number)") }
  }

  @Test func classesHaveIntervalsWhereTheyAreKnown() throws {
    var analysis = ReportSamples.analysis
    #expect(try Self.checked(ReportSamples.report, analysis).page.contains("Counted from the matrix."))
    let measured = { (value: Double) -> JSONValue in
      ["value": .number(value), "low": .number(value - 0.111), "high": .number(value + 0.022)]
    }
    analysis["by_class"] = [
      "no": ["precision": measured(0.8538), "recall": measured(0.905), "f1": measured(0.8786), "roc_auc": .null],
      "yes": ["precision": .null, "recall": measured(0.7438), "f1": .null, "roc_auc": measured(0.8317)],
    ]
    let page = try Self.checked(ReportSamples.report, analysis).page
    for text in [">ROC AUC</th>", "0.79–0.93", "0.63–0.77", "0.72–0.85", "0.832"] {
      #expect(page.contains(text), "\(text)")
    }
    let markdown = RunReport.markdown(report: ReportSamples.report, analysis: analysis)
    #expect(markdown.contains("0.744 (0.63–0.77)"))
  }

  @Test func imagesAreShownByTheirRegions() throws {
    var analysis = ReportSamples.analysis
    let image: JSONValue = ["height": 2, "width": 4, "channels": 1]
    let regions: JSONValue = [
      ["top": 0, "left": 0, "height": 2, "width": 2, "value": -0.0417],
      ["top": 0, "left": 2, "height": 1, "width": 2, "value": 0.3131],
    ]
    analysis["shares"] = ["output": "yes", "baseline": 0.4, "image": image, "regions": regions]
    analysis["examples"] = [
      [
        "image": image, "pixels": [0, 0.5, 1, 0, 0, 0, 0, 1], "prediction": "yes", "actual": "yes",
        "outputs": [["class": "yes", "baseline": 0.4, "contributions": [], "regions": regions]],
      ]
    ]
    let page = try Self.checked(ReportSamples.report, analysis).page
    for text in [
      "Mean size of the shares of regions", "row 1, columns 3–4", "rows 1–2, columns 1–2", "+0.3131", "−0.0417",
      "aria-label=\"The image\"", "<rect class=\"minus\"", "d=\"M2 0h1v1h-1zM3 1h1v1h-1z\"",
    ] { #expect(page.contains(text), "\(text)") }
    analysis["examples"] = .null
    analysis["shares"]?["image"] = ["height": 0, "width": 4]
    #expect(try !Self.checked(ReportSamples.report, analysis).page.contains("shares of regions"))
  }

  @Test func aRegressionHasItsOwnFigures() throws {
    let page = try Self.checked(ReportSamples.report, ReportSamples.regression).page
    for text in [
      "Predicted and actual", "Error by prediction", "Residuals", "Prediction intervals", "11.25", "−31.95", "41.97",
      "28.39",
    ] {
      #expect(page.contains(text), "\(text)")
    }
    #expect(!page.contains("ROC curve") && !page.contains("Confusion matrix"))
  }

  @Test func refusedModelsSayWhy() throws {
    let page = try Self.checked(ReportSamples.report, ReportSamples.analysis).page
    #expect(page.contains("m@2 was refused by its gate"))
    #expect(page.contains("<p class=\"lead\">Test roc_auc 0.8317 misses 0.85.</p>"))
    let what = page.components(separatedBy: "<p class=\"what\">").dropFirst().map {
      $0.components(separatedBy: "</p>")[0].replacing("&#39;", with: "'")
    }
    #expect(what.first == "Test roc_auc 0.8317 misses 0.85.")
    for part in [
      "missing often", "'x' is 5–9", "demographic parity", "'height' gives 'sex' away", "9.11 %", "class 'yes'",
      "leans on 'x'",
    ] {
      #expect(what.contains { $0.contains(part) }, "\(part)")
    }
    #expect(!what.contains { $0.contains("3 rows repeat") })
  }

  @Test func nothingToWorryAboutIsSaid() throws {
    let page = try Self.checked(["model": "m@1", "gate": ["passed": true, "checks": []], "promoted": true], .null).page
    #expect(page.contains("m@1 passed its gate and was promoted"))
    #expect(page.contains("nothing in this report asks for attention"))
  }

  // MARK: What is lacking

  @Test func everyPartMayBeLacking() throws {
    for (key, _) in ReportSamples.analysis.objectValue ?? [] {
      for value in [JSONValue.null, [], [:], "text", 3, [.null], [[:]]] {
        var analysis = ReportSamples.analysis
        analysis[key] = value
        try Self.checked(ReportSamples.report, analysis)
      }
    }
    for (key, _) in ReportSamples.report.objectValue ?? [] {
      for value in [JSONValue.null, [], [:], "text", 1e300, [.null], [[:]]] {
        var report = ReportSamples.report
        report[key] = value
        try Self.checked(report, ReportSamples.analysis)
      }
    }
  }

  @Test func aSectionWithoutContentIsGone() throws {
    let (page, checker) = try Self.checked(["model": "m@1"], .null)
    #expect(checker.values(of: "id").filter(Self.sections.contains) == ["provenance"])
    #expect(!page.contains("href=\"#quality\"") && !page.contains("<svg class=\"plot\""))
    try Self.checked(.null, .null)
    let (_, reportOnly) = try Self.checked(ReportSamples.report, .null)
    #expect(reportOnly.values(of: "id").filter(Self.sections.contains) == ["quality", "why", "search", "provenance"])
    var analysis = ReportSamples.analysis
    for key in ["slices", "fairness"] { analysis[key] = .null }
    #expect(try !Self.checked(ReportSamples.report, analysis).checker.values(of: "id").contains("groups"))
  }

  @Test func linksLeadToSectionsThatAreThere() throws {
    for analysis in [ReportSamples.analysis, .null] {
      let checker = try Self.checked(ReportSamples.report, analysis).checker
      let ids = Set(checker.values(of: "id"))
      for link in checker.values(of: "href") { #expect(link.hasPrefix("#") && ids.contains(String(link.dropFirst()))) }
      for id in checker.values(of: "aria-labelledby") { #expect(ids.contains(id)) }
    }
  }

  // MARK: Odd documents

  @Test(arguments: [1, 2, 13, 30, 80]) func anyNumberOfClassesIsDrawn(_ count: Int) throws {
    let classes = (0..<count).map { JSONValue.string("class <\($0)> & \"co\"") }
    let counts = (0..<count * count).map { JSONValue.integer(Int64($0 % (count + 1) == 0 ? 50 : $0 % 7)) }
    let (page, checker) = try Self.checked(
      ReportSamples.report, ["confusion": ["classes": .array(classes), "counts": .array(counts)]])
    #expect(page.contains("class &lt;0&gt; &amp; &quot;co&quot;"))
    #expect(page.contains("Most frequent mistakes") == (count > 12))
    #expect(checker.values(of: "class").contains("plot heat") == (13...60).contains(count))
  }

  @Test func countsThatDoNotFitTheClassesAreLeftOut() throws {
    let page = try Self.checked(ReportSamples.report, ["confusion": ["classes": ["a", "b"], "counts": [1, 2, 3]]]).page
    #expect(!page.contains("Confusion matrix"))
  }

  @Test func namesAreEscapedEverywhere() throws {
    let name = "</style><script>alert('x')</script>&\"\u{1}|*" + String(repeating: "long ", count: 200)
    func renamed(_ json: JSONValue) -> JSONValue {
      switch json {
      case .string: .string(name)
      case .array(let values): .array(values.map(renamed))
      case .object(let pairs): .object(pairs.map { ($0.0, renamed($0.1)) })
      default: json
      }
    }
    let checker = try Self.checked(renamed(ReportSamples.report), renamed(ReportSamples.analysis)).checker
    #expect(checker.count("script") == 0)
    let text = RunReport.markdown(report: renamed(ReportSamples.report), analysis: renamed(ReportSamples.analysis))
    #expect(!text.contains("<script") || text.contains("\\<script"))
    #expect(!text.replacing("\\<", with: "").contains("<"))
  }

  @Test func extremeNumbersAreHarmless() throws {
    func scaled(_ json: JSONValue, _ number: JSONValue) -> JSONValue {
      switch json {
      case .integer, .number: number
      case .array(let values): .array(values.map { scaled($0, number) })
      case .object(let pairs): .object(pairs.map { ($0.0, scaled($0.1, number)) })
      default: json
      }
    }
    let odd: [JSONValue] = [
      0, -1, .number(1e300), .number(-1e99), .number(.leastNonzeroMagnitude), .number(.nan), .number(.infinity),
      .integer(.max), .null,
    ]
    for number in odd {
      let (report, analysis) = (scaled(ReportSamples.report, number), scaled(ReportSamples.analysis, number))
      let page = try Self.checked(report, analysis).page
      #expect(try Self.markup(page).firstMatch(of: /\b(nan|inf)\b/) == nil)
      try Self.checked(report, scaled(ReportSamples.regression, number))
      #expect(!RunReport.markdown(report: report, analysis: analysis).isEmpty)
    }
  }

  // MARK: The page as a whole

  @Test func nothingIsLoadedFromElsewhere() throws {
    let (page, checker) = try Self.checked(ReportSamples.report, ReportSamples.analysis)
    for part in ["http://", "https://", "url(", "@import", "src=", "<link", "<script"] { #expect(!page.contains(part)) }
    #expect(checker.count("img") == 0)
  }

  @Test func drawingsAreNamedAndHaveTheirNumbers() throws {
    let page = try Self.markup(Self.checked(ReportSamples.report, ReportSamples.analysis).page)
    for figure in page.components(separatedBy: "<figure").dropFirst() {
      let body = figure.prefix { $0 != "\u{0}" }.components(separatedBy: "</figure>")[0]
      #expect(body.contains("<table"), "a figure without numbers")
    }
    for drawing in page.components(separatedBy: "<svg ").dropFirst() {
      let tag = drawing.prefix { $0 != ">" }
      #expect(tag.contains("aria-hidden=\"true\"") || (tag.contains("role=\"img\"") && tag.contains("aria-label=\"")))
    }
  }

  @Test func markdownTellsTheSameStory() {
    let text = RunReport.markdown(report: ReportSamples.report, analysis: ReportSamples.analysis)
    for part in [
      "# m@2 was refused by its gate", "## Worries", "0.7911 – 0.8702",
      "| yes | 121 | 109 | 0.8257 | 0.7438 | 0.7826 |",
      "'x' is 5–9", "| x | 0.2513 | 0.2411 – 0.2622 |", "0.2222 (0.1500 – 0.3000)", "roc\\_auc",
    ] { #expect(text.contains(part), "\(part)") }
    for line in text.split(separator: "\n") where line.hasPrefix("|") { #expect(line.hasSuffix("|")) }
    #expect(!RunReport.markdown(report: .null, analysis: .null).contains("| --- |\n\n"))
  }

  @Test func sameDocumentsSameBytes() {
    let pages = (0..<3).map { _ in RunReport.html(report: ReportSamples.report, analysis: ReportSamples.analysis) }
    #expect(Set(pages).count == 1)
  }

  // MARK: Colours

  /// The colours of the page in light and in dark, the dashboard's and the report's own.
  static func palettes() throws -> [[String: String]] {
    let page = RunReport.html(report: .null, analysis: .null)
    let blocks = page.components(separatedBy: ":root {").dropFirst().map { $0.components(separatedBy: "}")[0] }
    #expect(blocks.count == 5)
    return [[0, 2], [1, 3]].map { indices in
      var colours: [String: String] = [:]
      for line in indices.flatMap({ blocks[$0].split(separator: ";") }) {
        let halves = line.split(separator: ":").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
        if halves.count == 2, halves[1].hasPrefix("#") { colours[halves[0]] = halves[1] }
      }
      return colours
    }
  }

  /// WCAG 2.2 contrast ratio.
  static func ratio(_ a: String, _ b: String) throws -> Double {
    func luminance(_ hex: String) throws -> Double {
      let value = try #require(Int(hex.dropFirst(), radix: 16))
      let channels = [16, 8, 0].map { shift -> Double in
        let share = Double(value >> shift & 255) / 255
        return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
      }
      return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    }
    let (x, y) = (try luminance(a), try luminance(b))
    return (max(x, y) + 0.05) / (min(x, y) + 0.05)
  }

  @Test func coloursAreTellableAndTextIsReadable() throws {
    let ranks = (0...4).map { "rank-\($0)" } + ["rank-none"]
    for colours in try Self.palettes() {
      #expect(colours.count == 31)
      for mark in ranks + ["line-2", "line-3", "mark-strong", "reference", "attention", "ink"] {
        #expect(try Self.ratio(try #require(colours["--" + mark]), try #require(colours["--card"])) >= 3, "\(mark)")
      }
      for shade in 1...4 {
        let value = try Self.ratio(try #require(colours["--ink"]), try #require(colours["--shade-\(shade)"]))
        #expect(value >= 4.5, "shade \(shade): \(value)")
      }
      for text in ["ink", "soft", "accent"] {
        #expect(try Self.ratio(try #require(colours["--" + text]), try #require(colours["--card"])) >= 4.5, "\(text)")
      }
    }
  }
}
