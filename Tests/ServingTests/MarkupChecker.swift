/// Reads markup tag by tag: every tag closed in order, attributes quoted, no stray `<` or `&`, no id twice.
struct MarkupChecker {
  private(set) var problems: [String] = []
  private var names: [String] = []
  private var attributes: [(name: String, value: String)] = []

  init(_ html: String) {
    var open: [String] = []
    var rest = Substring(html.hasPrefix("<!doctype html>") ? String(html.dropFirst(15)) : html)
    while let start = rest.firstIndex(of: "<") {
      checkText(rest[..<start])
      guard let end = rest[start...].firstIndex(of: ">") else {
        problems.append("unfinished tag")
        return
      }
      let tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      if tag.hasPrefix("/") {
        if open.popLast() != String(tag.dropFirst()) { problems.append("</\(tag.dropFirst())> closes another tag") }
      } else {
        let isClosed = tag.hasSuffix("/")
        let name = read(isClosed ? tag.dropLast() : tag)
        if !isClosed { open.append(name) }
      }
    }
    checkText(rest)
    if !open.isEmpty { problems.append("left open: \(open)") }
    let ids = values(of: "id")
    if Set(ids).count != ids.count { problems.append("an id stands twice") }
  }

  func count(_ name: String) -> Int { names.filter { $0 == name }.count }
  func values(of attribute: String) -> [String] { attributes.filter { $0.name == attribute }.map(\.value) }

  private mutating func read(_ tag: Substring) -> String {
    var rest = tag
    let name = String(rest.prefix { !$0.isWhitespace })
    names.append(name)
    if name.isEmpty || !name.allSatisfy({ $0.isLetter || $0.isNumber }) { problems.append("tag '\(name)'") }
    rest = rest.dropFirst(name.count).drop { $0.isWhitespace }
    while !rest.isEmpty {
      guard let quote = rest.firstRange(of: "=\""), let end = rest[quote.upperBound...].firstIndex(of: "\"") else {
        problems.append("attribute in <\(tag)>")
        break
      }
      let value = rest[quote.upperBound..<end]
      attributes.append((String(rest[..<quote.lowerBound]), String(value)))
      checkText(value)
      rest = rest[rest.index(after: end)...].drop { $0.isWhitespace }
    }
    return name
  }

  private mutating func checkText(_ text: Substring) {
    var rest = text
    while let mark = rest.firstIndex(of: "&") {
      let name = rest[mark...].dropFirst().prefix { $0 != ";" }
      if !["amp", "lt", "gt", "quot", "#39"].contains(String(name)) { problems.append("stray &") }
      rest = rest[rest.index(after: mark)...]
    }
    if text.contains(">") { problems.append("stray >") }
  }
}
