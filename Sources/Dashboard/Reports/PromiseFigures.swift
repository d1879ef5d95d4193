import Basics

/// What a model was held to while it was sought: limits, directions, and groups treated alike.
struct PromiseFigures {
  let source: ReportSource

  private var constraints: JSONValue { source.report.part("constraints") }
  private var mitigation: JSONValue { source.report.part("mitigation") }

  /// Limits and directions, and whether they are kept.
  var kept: ReportTable? {
    var rows: [[HTML]] = []
    if let limit = constraints.part("latency_microseconds").number("limit") {
      let value = constraints.part("latency_microseconds").number("value")
      rows.append([
        "A single row takes at most \(ParetoFigures.duration(limit))", "\(value.map(ParetoFigures.duration) ?? "–")",
        Self.badge(value.map { $0 <= limit }),
      ])
    }
    if let limit = constraints.part("size_bytes").number("limit") {
      let value = constraints.part("size_bytes").number("value")
      rows.append([
        "The archive has at most \(Figures.bytes(limit))", "\(Figures.bytes(value))",
        Self.badge(value.map { $0 <= limit }),
      ])
    }
    for entry in constraints.list("monotone") {
      let looked =
        "\(Figures.count(entry.count("rows") ?? 0, "row")) × \(Figures.count(entry.count("values") ?? 0, "value"))"
      rows.append([
        "Predictions are \(entry.text("direction") ?? "monotone") in \(entry.text("column") ?? "–")",
        "\(looked)<span class=\"note\">wrong way by \(Figures.precise(entry.number("largest_violation")))</span>",
        Self.badge(entry.part("kept").boolValue),
      ])
    }
    guard !rows.isEmpty else { return nil }
    return ReportTable(title: "what was promised", columns: ["Promise", .number("Measured"), "Kept"], rows: rows)
  }

  /// The limits with what was left out of the search for them.
  var limits: HTML? {
    guard let kept else { return nil }
    let left = constraints.texts("excluded_algorithms")
    let words = left.isEmpty ? "" : " Not tried because they cannot promise it: \(left.joined(separator: ", "))."
    return ReportParts.figure(
      "Promises", "What the model was held to, verified on the model that is kept.\(words)", kept.html)
  }

  private static func badge(_ isKept: Bool?) -> HTML {
    isKept.map { $0 ? ReportParts.badge(.good, "Kept") : ReportParts.badge(.bad, "Broken") }
      ?? ReportParts.badge(.unknown, "Not measured")
  }

  // MARK: Mitigation

  /// Every gap before and after.
  var gaps: ReportTable? {
    let gaps = mitigation.list("gaps")
    guard !gaps.isEmpty else { return nil }
    let axis = Strip.axis(gaps.flatMap { [$0.measured("before"), $0.measured("after")] }, and: [0])
    return ReportTable(
      title: "gaps before and after mitigation",
      columns: [
        "Measure", .drawing("Before"), .number("Before"), .drawing("After"), .number("After"), "Lowest", "Highest",
      ],
      rows: gaps.map { gap in
        let (before, after) = (gap.measured("before"), gap.measured("after"))
        return [
          "\(Figures.words(gap.text("metric") ?? "–"))<span class=\"note\">by \(gap.text("attribute") ?? "–")</span>",
          Strip.interval(before, axis), Self.number(before), Strip.interval(after, axis), Self.number(after),
          "\(gap.text("lowest") ?? "–")", "\(gap.text("highest") ?? "–")",
        ]
      }, chosen: Set(gaps.indices.filter { gaps[$0].part("aimed_at").boolValue == true }))
  }

  /// What it costs.
  var price: ReportTable? {
    let prices = mitigation.list("price")
    guard !prices.isEmpty else { return nil }
    return ReportTable(
      title: "the price of mitigation",
      columns: ["Metric", .number("Without"), .number("With"), .number("Change")],
      rows: prices.map { price in
        let change = price.measured("change")
        return [
          "\(price.text("metric") ?? "–")", "\(Figures.precise(price.number("before")))",
          "\(Figures.precise(price.number("after")))",
          "\(Figures.signed(change?.value))\(ReportParts.note(Figures.range(change)))",
        ]
      })
  }

  /// What was done, how gaps changed and what it cost.
  var mitigated: HTML? {
    guard let gaps else { return nil }
    let method = mitigation.text("method") ?? ""
    let what =
      method == "thresholds"
      ? "Every group has a threshold of its own, so the group must be known when predicting."
      : "Rows were weighted until class and group were independent; the model never sees the group."
    let thresholds = mitigation.list("thresholds").map { entry in
      "\(entry.texts("values").joined(separator: ", ")): \(Figures.precise(entry.number("threshold")))"
    }
    let each: HTML =
      thresholds.isEmpty ? "" : "<p class=\"say\">Thresholds: \(thresholds.joined(separator: "; ")).</p>"
    return ReportParts.figure(
      "Mitigation by \(method)",
      "\(what) Gaps between groups on the sealed test rows without it and with it, with 95 % intervals.",
      "\(gaps.html)\(each)\(price.map { $0.html })")
  }

  private static func number(_ value: Measured?) -> HTML {
    "\(Figures.precise(value?.value))\(ReportParts.note(Figures.range(value)))"
  }
}
