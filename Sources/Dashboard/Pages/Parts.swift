import Basics
import HTTP

/// Pieces that several pages are made of.
enum Parts {
  /// A word with a shape: round for good, three-cornered for attention, square for bad, hollow for unknown.
  static func badge(_ standing: Standing, _ word: String) -> HTML {
    "<span class=\"standing \(standing.rawValue)\">\(shape(standing))\(word)</span>"
  }

  /// The shape alone.
  static func shape(_ standing: Standing) -> HTML {
    let drawing: HTML =
      switch standing {
      case .good: "<circle cx=\"5\" cy=\"5\" r=\"5\"/>"
      case .attention: "<path d=\"M5 0L10 9.500H0z\"/>"
      case .bad: "<path d=\"M0.500 0.500H9.500V9.500H0.500z\"/>"
      case .unknown:
        "<path d=\"M5 0A5 5 0 1 0 5 10A5 5 0 1 0 5 0M5 2.200A2.800 2.800 0 1 1 5 7.800A2.800 2.800 0 1 1 5 2.200\" fill-rule=\"evenodd\"/>"
      }
    return "<svg viewBox=\"0 0 10 10\" aria-hidden=\"true\">\(drawing)</svg>"
  }

  /// Something to type, ready to copy.
  static func command(_ text: String) -> HTML { "<div class=\"command\"><code>\(text)</code></div>" }

  /// A heading with a line under it.
  static func section(_ title: String, _ hint: String = "", _ content: HTML) -> HTML {
    let line: HTML = hint.isEmpty ? "" : "<p class=\"hint\">\(hint)</p>"
    return "<section><h2>\(title)</h2>\(line)\(content)</section>"
  }

  /// Names with their values.
  static func facts(_ facts: [(name: String, value: HTML)]) -> HTML {
    "<dl class=\"facts\">\(facts.html { "<div><dt>\($0.name)</dt><dd>\($0.value)</dd></div>" })</dl>"
  }

  /// Findings, each with what to type.
  static func findings(_ findings: [FindingLine], now: Timestamp, showsModel: Bool) -> HTML {
    let items = findings.html { finding -> HTML in
      let model: HTML =
        showsModel
        ? finding.model.map { "<a href=\"\(modelAddress($0))\">\($0)</a> · " } ?? "" : ""
      return """
        <li><div>\(badge(finding.standing, word(finding.standing)))</div><div><p class="what">\(finding.title)</p>\
        <p class="why">\(model)\(finding.evidence)\(finding.evidence.isEmpty ? "" : " · ")\(Figures.ago(finding.at, now: now))</p>\
        \(finding.command.map(command))</div></li>
        """
    }
    return "<ul class=\"findings\">\(items)</ul>"
  }

  /// Rows of a table whose cells may hold markup; `numeric` columns stand right.
  static func table(_ columns: [String], numeric: Set<Int> = [], _ rows: [[HTML]], chosen: Int? = nil) -> HTML {
    let head = columns.indices.html { index in
      "<th scope=\"col\"\(numeric.contains(index) ? " class=\"num\"" as HTML : "")>\(columns[index])</th>"
    }
    let body = rows.indices.html { row in
      let cells = rows[row].indices.html { index -> HTML in
        if index == 0 { return "<th scope=\"row\">\(rows[row][0])</th>" }
        if rows[row][index].text.hasPrefix("<svg class=\"interval") {
          return "<td class=\"wide\">\(rows[row][index])</td>"
        }
        return "<td\(numeric.contains(index) ? " class=\"num\"" as HTML : "")>\(rows[row][index])</td>"
      }
      return "<tr\(row == chosen ? " class=\"chosen\"" as HTML : "")>\(cells)</tr>"
    }
    let label = columns.first ?? "Table"
    return """
      <div class="card"><div class="scroll" tabindex="0" role="group" aria-label="Table: \(label)"><table>\
      <thead><tr>\(head)</tr></thead><tbody>\(body)</tbody></table></div></div>
      """
  }

  /// What named persons decided, a sentence each; nothing without any.
  static func decisions(_ sentences: [String]) -> HTML {
    sentences.isEmpty ? "" : "<ul class=\"sentences decisions\">\(sentences.html { "<li>\($0)</li>" })</ul>"
  }

  /// What was done, newest first.
  static func story(_ events: [EventLine]) -> HTML {
    let items = events.html { event -> HTML in
      "<li class=\"\(event.standing.rawValue)\">\(shape(event.standing))<p>\(event.text)</p><time datetime=\"\(event.at.description)\">\(Figures.moment(event.at))</time> <span class=\"who\">· \(event.actor)</span></li>"
    }
    return "<ol class=\"story\">\(items)</ol>"
  }

  /// Runs as a table.
  static func runs(_ runs: [RunLine], now: Timestamp) -> HTML {
    table(
      ["Run", "Model", "Chosen", "Test", "Outcome", "Took", "Started"], numeric: [3, 5],
      runs.map { run in
        [
          "<a class=\"one\" href=\"\(runAddress(run.id))\">\(run.id)</a>",
          "<a href=\"\(modelAddress(run.model))\">\(run.model)</a>",
          "\(run.algorithm ?? "–")", "\(run.metric) \(Figures.number(run.test?.value))",
          badge(run.standing, run.outcome), "\(Figures.duration(seconds: run.seconds))",
          "<span class=\"one\">\(Figures.ago(run.at, now: now))</span>",
        ]
      })
  }

  /// The word for a standing of a finding.
  static func word(_ standing: Standing) -> String {
    switch standing {
    case .good: "Good"
    case .attention: "Look at this"
    case .bad: "Act on this"
    case .unknown: "For information"
    }
  }

  /// Address of a model's page.
  static func modelAddress(_ name: String) -> String { "/models/\(escaped(name))" }
  /// Address of a run's report.
  static func reportAddress(_ id: String) -> String { "\(runAddress(id))/report" }
  /// Address of a run's page.
  static func runAddress(_ id: String) -> String { "/runs/\(escaped(id))" }

  private static func escaped(_ text: String) -> String { PercentEncoding.encoded(text) }
}
