import Basics

/// What was tried, what came of it, and what answers now.
struct SearchFigures {
  let source: ReportSource

  /// Rows shown at once; the others open on demand.
  static let limit = 10

  var leaderboard: HTML? {
    let ranked = ranked
    guard !ranked.isEmpty else { return nil }
    let first = table(Array(ranked.prefix(Self.limit)), from: 0, "Leaderboard").html
    let rest = ranked.dropFirst(Self.limit)
    let more: HTML =
      rest.isEmpty
      ? ""
      : ReportParts.numbers(table(Array(rest), from: Self.limit, "The other candidates"), "The other \(rest.count)")
    let dropped = ranked.count { $0.droppedAfter != nil }
    let failed = ranked.count { $0.failure != nil }
    let words = [
      "\(Figures.count(ranked.count, "candidate")) tried",
      dropped > 0 ? "\(dropped) dropped before all folds because others were clearly better" : nil,
      failed > 0 ? "\(failed) failed" : nil,
    ].compactMap { $0 }.joined(separator: ", ")
    return ReportParts.figure(
      "Leaderboard", words + ". By cross-validated \(source.metric), those judged on all folds first.", first + more)
  }

  /// Complete ones by mean, then dropped ones by mean, then failures.
  var ranked: [ReportSource.Tried] {
    source.tried.sorted { a, b in
      if a.isComplete != b.isComplete { return a.isComplete }
      guard let x = a.mean, let y = b.mean else {
        return a.mean == nil && b.mean == nil ? a.index < b.index : a.mean != nil
      }
      return x == y ? a.index < b.index : source.isBetter(x, y)
    }
  }

  private func table(_ tried: [ReportSource.Tried], from start: Int, _ title: String) -> ReportTable {
    let rows = tried.enumerated().map { offset, one -> [HTML] in
      let error: HTML = one.standardError.map { "<span class=\"note\">± \(Figures.precise($0))</span>" } ?? ""
      return [
        "\(start + offset + 1). \(one.algorithm)\(state(one))<span class=\"note\">\(one.settings)</span>",
        "\(Figures.precise(one.mean))\(error)", "\(Figures.precise(one.trainingMean))",
        "\(Self.duration(one.fitSeconds))", "\(Self.duration(one.microsecondsPerRow.map { $0 / 1e6 }))",
      ]
    }
    let columns: [ReportTable.Column] = [
      "Candidate", .number("Cross-validated"), .number("On training rows"), .number("Fit"),
      .number("Predict a row"),
    ]
    return ReportTable(
      title: title, columns: columns, rows: rows,
      chosen: Set(tried.indices.filter { source.weights[tried[$0].index] != nil || isChosen(tried[$0]) }))
  }

  private func isChosen(_ tried: ReportSource.Tried) -> Bool { source.report.count("chosen") == tried.index }

  private func state(_ one: ReportSource.Tried) -> HTML {
    if let failure = one.failure {
      return " \(ReportParts.badge(.bad, "Failed"))<span class=\"note\">\(failure)</span>"
    }
    if let folds = one.droppedAfter {
      return " \(ReportParts.badge(.unknown, "Dropped after \(Figures.count(folds, "fold"))"))"
    }
    if let weight = source.weights[one.index], source.weights.count > 1 {
      return " \(ReportParts.badge(.good, "Answers, weight \(Figures.percent(weight))"))"
    }
    return isChosen(one) || source.weights[one.index] != nil ? " \(ReportParts.badge(.good, "Chosen"))" : ""
  }

  /// A duration, parts of a microsecond too; absurd ones count as not there.
  static func duration(_ seconds: Double?) -> String {
    guard let seconds, (0..<1e12).contains(seconds) else { return "–" }
    return seconds < 1e-5 ? Figures.fixed(seconds * 1e6, decimals: 2) + " µs" : Figures.duration(seconds: seconds)
  }
}
