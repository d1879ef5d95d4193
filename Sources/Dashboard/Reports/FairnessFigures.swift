import Basics

/// How the model treats protected groups.
struct FairnessFigures {
  let source: ReportSource

  /// Gaps between groups that count as unequal treatment.
  static let gapMeasures: Set<String> = ["demographic_parity", "equal_opportunity", "equalized_odds"]
  /// Measures drawn for each group, if the document has them.
  static let drawn = [
    "selection_rate", "true_positive_rate", "false_positive_rate", "positive_predictive_value", "overshoot",
  ]
  /// Groups listed.
  static let limit = 30

  private var fairness: JSONValue { source.analysis.part("fairness") }

  var blocks: [HTML?] {
    [PromiseFigures(source: source).mitigated]
      + fairness.list("audits").flatMap { [groups($0), disparities($0)] }
      + [ReportParts.pair(fairness.members("proxies").map { proxies($0.0, $0.1) }), mitigation]
  }

  private func name(_ audit: JSONValue) -> String { audit.texts("attributes").joined(separator: " and ") }

  // MARK: Groups

  private func groups(_ audit: JSONValue) -> HTML? {
    let groups = Array(audit.list("groups").prefix(Self.limit))
    var names: [String] = []
    for group in groups {
      for (name, _) in group.members("metrics") where !names.contains(name) { names.append(name) }
    }
    guard !groups.isEmpty else { return nil }
    let wanted = [source.metric] + Self.drawn
    var shown = wanted.filter(names.contains)
    for name in names where shown.count < 4 && !shown.contains(name) { shown.append(name) }
    let figures = shown.map { figure(groups, $0, by: name(audit)) }
    let all = ReportTable(
      title: "All measures by \(name(audit))", columns: ["Measure"] + groups.map { .number(title($0)) },
      rows: names.map { name in
        ["\(Figures.words(name))"]
          + groups.map { group -> HTML in
            let value = group.part("metrics").measured(name)
            return "\(Figures.precise(value?.value))\(ReportParts.note(Figures.range(value)))"
          }
      })
    return """
      <h3 class="over">Groups of \(name(audit))</h3>\(ReportParts.many(figures))\
      <div class="card">\(ReportParts.numbers(all, "All measures"))</div>
      """
  }

  private func title(_ group: JSONValue) -> String {
    let values = group.texts("values").joined(separator: ", ")
    return values.isEmpty ? "(missing)" : values
  }

  private func figure(_ groups: [JSONValue], _ measure: String, by: String) -> HTML {
    let values = groups.map { $0.part("metrics").measured(measure) }
    let axis = Strip.axis(values, and: measure == "overshoot" ? [0] : [])
    let table = ReportTable(
      title: "\(measure) by \(by)", columns: ["Group", .drawing("Interval"), .number("Value")],
      rows: zip(groups, values).map { group, value in
        let rows = group.number("rows").map { "\(Figures.chosen($0)) rows" } ?? ""
        let few = group.part("small").boolValue == true ? ", too few" : ""
        return [
          "\(title(group))<span class=\"note\">\(rows)\(few)</span>",
          Strip.interval(value, axis, limit: measure == "overshoot" ? 0 : nil),
          "\(Figures.precise(value?.value))\(ReportParts.note(Figures.range(value)))",
        ]
      })
    return ReportParts.figure(
      measure == source.metric ? measure : Self.title(measure), Self.meaning[measure] ?? "", table.html)
  }

  private static func title(_ measure: String) -> String {
    let words = Figures.words(measure)
    return words.prefix(1).uppercased() + words.dropFirst()
  }

  private static let meaning = [
    "selection_rate": "Share of rows flagged.",
    "true_positive_rate": "Share found of those that are to be found.",
    "false_positive_rate": "Share flagged of those that should not be.",
    "positive_predictive_value": "Share of flagged rows that are right.",
    "overshoot": "Mean prediction less what happened; 0 is even.",
  ]

  // MARK: Gaps

  private func disparities(_ audit: JSONValue) -> HTML? {
    let gaps = audit.list("disparities")
    guard !gaps.isEmpty else { return nil }
    let differences = gaps.map { $0.measured("difference") }
    let axis = Strip.axis(differences, and: [0])
    let table = ReportTable(
      title: "Largest gaps between groups of \(name(audit))",
      columns: ["Measure", .drawing("Gap"), .number("Gap"), .number("Ratio"), "Lowest", "Highest"],
      rows: zip(gaps, differences).map { gap, difference in
        let measure = gap.text("measure") ?? "–"
        let isWide = Self.gapMeasures.contains(measure) && (difference?.low ?? 0) > Worries.gapLimit
        return [
          "\(Figures.words(measure))", Strip.interval(difference, axis, isWide ? .attention : .unknown),
          "\(Figures.precise(difference?.value))\(ReportParts.note(Figures.range(difference)))",
          "\(Figures.precise(gap.measured("ratio")?.value))\(ReportParts.note(Figures.range(gap.measured("ratio"))))",
          "\(gap.text("lowest") ?? "–")", "\(gap.text("highest") ?? "–")",
        ]
      })
    let least = audit.count("minimum_count").map { " Groups of fewer than \($0) rows are left out." } ?? ""
    return ReportParts.figure(
      "Gaps between groups of \(name(audit))", "Between the highest and the lowest group, with 95 % intervals.\(least)",
      table.html)
  }

  // MARK: Proxies

  private func proxies(_ attribute: String, _ json: JSONValue) -> HTML? {
    let proxies = (json.arrayValue ?? []).filter { $0.number("roc_auc") != nil }.prefix(12)
    guard !proxies.isEmpty else { return nil }
    let axis = Axis(covering: [0.5, 1])
    let table = ReportTable(
      title: "Columns that give \(attribute) away",
      columns: ["Column", .drawing("From 0.5"), .number("ROC AUC"), .number("Mutual information"), "Strong"],
      rows: proxies.map { proxy in
        var strip = Strip(axis)
        let isStrong = proxy.part("strong").boolValue == true
        strip.bar(from: 0.5, to: proxy.number("roc_auc") ?? 0.5, isStrong ? "wrong" : "window")
        return [
          "\(proxy.text("column") ?? "–")", strip.html, "\(Figures.precise(proxy.number("roc_auc")))",
          "\(Figures.precise(proxy.number("mutual_information")))",
          isStrong ? ReportParts.badge(.attention, "Strong") : "no",
        ]
      })
    return ReportParts.figure(
      "Proxies of \(attribute)", "How well each column tells the groups apart; 0.5 is not at all.", table.html)
  }

  // MARK: Mitigation

  private var mitigation: HTML? {
    let options = fairness.list("mitigation")
    guard !options.isEmpty else { return nil }
    let table = ReportTable(
      title: "What closing the gap costs",
      columns: [
        "Constraint", "Thresholds", .number("Gap, training"), .number("Gap after, test"), .number("Accuracy, test"),
        .number("Price"),
      ],
      rows: options.map(Self.row))
    return ReportParts.figure(
      "Closing the gap",
      "A threshold of its own for each group, fitted on training rows and judged on the sealed test rows; the price is the "
        + "change of accuracy there.", table.html)
  }

  private static func row(_ option: JSONValue) -> [HTML] {
    let fit = option.part("fit")
    let constraint = option.text("constraint") ?? fit.text("constraint") ?? "–"
    let thresholds = fit.list("thresholds").prefix(limit).map { threshold in
      "\(threshold.texts("values").joined(separator: ", ")): \(Figures.precise(threshold.number("threshold")))"
    }
    let gap = option.part("test").list("disparities").first { $0.text("measure") == constraint }
    let by = option.text("attribute").map { "<span class=\"note\">by \($0)</span>" as HTML } ?? ""
    let missed: HTML = fit.part("met").boolValue == false ? "<span class=\"note\">not met</span>" : ""
    return [
      "\(Figures.words(constraint))\(by)\(missed)", thresholds.html { "<span class=\"each\">\($0)</span>" },
      "\(change(fit.number("gap_before"), fit.number("gap_after")))",
      "\(Figures.precise(gap?.measured("difference")?.value))\(ReportParts.note(Figures.range(gap?.measured("difference"))))",
      "\(change(option.measured("accuracy_before")?.value, option.measured("accuracy_after")?.value))",
      "\(Figures.signed(option.number("price").map { -$0 }))",
    ]
  }

  private static func change(_ before: Double?, _ after: Double?) -> String {
    "\(Figures.precise(before)) → \(Figures.precise(after))"
  }
}
