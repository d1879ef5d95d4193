/// A group of figures under one heading; gone where nothing is in it.
struct ReportSection {
  let id: String
  let title: String
  let hint: String
  let blocks: [HTML]

  init(_ id: String, _ title: String, _ hint: String, _ blocks: [HTML?]) {
    (self.id, self.title, self.hint) = (id, title, hint)
    self.blocks = blocks.compactMap { $0 }.filter { !$0.text.isEmpty }
  }

  var isEmpty: Bool { blocks.isEmpty }

  var html: HTML {
    """
    <section id="\(id)" aria-labelledby="\(id)-title"><h2 id="\(id)-title">\(title)</h2><p class="hint">\(hint)</p>\
    <div class="stack">\(blocks)</div></section>
    """
  }
}

/// Pieces that several sections are made of.
enum ReportParts {
  /// A word with a shape, as on the dashboard: never colour alone.
  static func badge(_ standing: Standing, _ word: String) -> HTML {
    let drawing: HTML =
      switch standing {
      case .good: "<circle cx=\"5\" cy=\"5\" r=\"5\"/>"
      case .attention: "<path d=\"M5 0L10 9.500H0z\"/>"
      case .bad: "<path d=\"M0.500 0.500H9.500V9.500H0.500z\"/>"
      case .unknown:
        "<path d=\"M1 5A4 4 0 1 0 9 5A4 4 0 1 0 1 5M3 5A2 2 0 1 0 7 5A2 2 0 1 0 3 5\" fill-rule=\"evenodd\"/>"
      }
    return """
      <span class="standing \(standing.rawValue)"><svg viewBox="0 0 10 10" aria-hidden="true">\(drawing)</svg>\
      \(word)</span>
      """
  }

  /// A figure in a card; `say` tells in words what it shows.
  static func figure(_ title: String, _ say: String, _ content: HTML, legend: HTML = "") -> HTML {
    """
    <figure class="chart card"><figcaption><h3 class="chart-title">\(title)</h3>\(legend)\
    \(say.isEmpty ? "" : "<p class=\"say\">\(say)</p>" as HTML)</figcaption>\(content)</figure>
    """
  }

  /// Figures two by two; `nil` where there are none.
  static func pair(_ figures: [HTML?]) -> HTML? {
    let figures = figures.compactMap { $0 }
    return figures.count > 1 ? "<div class=\"grid-two\">\(figures)</div>" : figures.first
  }

  /// Figures three by three.
  static func many(_ figures: [HTML]) -> HTML? {
    figures.isEmpty ? nil : "<div class=\"grid-many\">\(figures)</div>"
  }

  /// A table that opens on demand.
  static func numbers(_ table: ReportTable, _ summary: String = "Numbers") -> HTML {
    """
    <details class="numbers"><summary>\(summary)<span class="hidden"> of \(table.title)</span></summary>\
    \(table.html)</details>
    """
  }

  /// What the marks mean: class of the mark and its name.
  static func legend(_ entries: [(mark: String, name: String)]) -> HTML {
    guard !entries.isEmpty else { return "" }
    return "<p class=\"legend\">\(entries.html { "<span><i class=\"key \($0.mark)\"></i>\($0.name)</span>" })</p>"
  }

  /// Names with their values.
  static func facts(_ facts: [(name: String, value: String?)]) -> HTML? {
    let known = facts.compactMap { fact in fact.value.map { (fact.name, $0) } }
    guard !known.isEmpty else { return nil }
    return "<dl class=\"facts\">\(known.html { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>" })</dl>"
  }

  /// A line under a number, in small type.
  static func note(_ text: String?) -> HTML? { text.map { "<span class=\"note\">\($0)</span>" } }

  /// Sentences as a list.
  static func sentences(_ title: String, _ sentences: [String]) -> HTML? {
    guard !sentences.isEmpty else { return nil }
    let items = sentences.html { "<li>\($0)</li>" }
    return "<div class=\"card\"><h3>\(title)</h3><ul class=\"sentences\">\(items)</ul></div>"
  }
}

/// A table whose cells may hold drawings.
struct ReportTable {
  /// A column: how its cells stand.
  struct Column: ExpressibleByStringLiteral {
    enum Kind { case text, number, drawing }
    let name: String
    let kind: Kind

    init(_ name: String, _ kind: Kind = .text) { (self.name, self.kind) = (name, kind) }
    init(stringLiteral value: String) { self.init(value) }
    static func number(_ name: String) -> Column { Column(name, .number) }
    static func drawing(_ name: String) -> Column { Column(name, .drawing) }
  }

  /// What it lists; read out for those who do not see it.
  let title: String
  let columns: [Column]
  let rows: [[HTML]]
  /// Rows that stand out.
  var chosen: Set<Int> = []

  var html: HTML {
    let body = rows.indices.html { row in
      let cells = rows[row].indices.html { cell(rows[row][$0], at: $0) }
      return "<tr\(chosen.contains(row) ? " class=\"chosen\"" as HTML : "")>\(cells)</tr>"
    }
    return """
      <div class="scroll" tabindex="0" role="group" aria-label="Table: \(title)"><table><thead>\
      <tr>\(head)</tr></thead>\
      <tbody>\(body)</tbody></table></div>
      """
  }

  private var head: HTML {
    columns.indices.html {
      "<th scope=\"col\"\($0 == 0 ? "" : style(columns[$0].kind))>\(columns[$0].name)</th>"
    }
  }

  private func cell(_ content: HTML, at index: Int) -> HTML {
    if index == 0 { return "<th scope=\"row\">\(content)</th>" }
    return "<td\(index < columns.count ? style(columns[index].kind) : "")>\(content)</td>"
  }

  private func style(_ kind: Column.Kind) -> HTML {
    switch kind {
    case .text: ""
    case .number: " class=\"num\""
    case .drawing: " class=\"wide\""
    }
  }
}
