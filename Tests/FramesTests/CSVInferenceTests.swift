import Basics
import Frames
import Testing

@Suite struct CSVInferenceTests {
  private func column(_ cells: [String]) throws -> (field: Field, frame: Frame, notes: [String]) {
    let lines = ["key,x"] + cells.enumerated().map { "\($0.offset),\($0.element)" }
    let (frame, report) = try read(lines.joined(separator: "\n"))
    return (frame.schema.fields[1], frame, report.notes)
  }

  @Test(arguments: [
    (["1", "2", "-3"], ColumnKind.integer), (["1", "2.5", ""], .number), (["1e3", "+2", "NA"], .number),
    (["true", "False", "TRUE"], .boolean), (["00123", "00456", "00789"], .category), (["0x1A", "12", "13"], .category),
    (["2020-01-31", "2020-02-01", "NA"], .timestamp), (["red", "green", "red"], .category),
    (["50%", "20%", "5%"], .category),
    (["12345678901234567890", "1", "2"], .number), (["?", "4", "null"], .integer),
    (["31 Jan 2020", "1 Feb 2021", ""], .timestamp),
  ])
  func kinds(_ cells: [String], _ kind: ColumnKind) throws { #expect(try column(cells).field.kind == kind) }

  @Test func everyRowCounts() throws {
    let late = try column((0..<3000).map { "\($0)" } + ["3.5"])
    #expect(late.field.kind == .number)
    let text = try column((0..<3000).map { "\($0)" } + ["oops"])
    #expect(text.field.kind == .category)
    #expect(text.notes.contains { $0.contains("'x'") && $0.contains("line 3002") })
  }

  @Test func softMarkersAmongNumbersOnly() throws {
    let numbers = try column(["1", "unknown", "3", "none"])
    #expect(numbers.field.kind == .integer)
    #expect(try numbers.frame.cells("x") == ["1", nil, "3", nil])
    #expect(numbers.notes.contains { $0.contains("2 cells such as 'unknown'") })
    let texts = try column(["red", "unknown", "blue", "none"])
    #expect(texts.field.categories == ["blue", "none", "red", "unknown"])
    #expect(try column(["none", "none", "unknown"]).field.categories == ["none", "unknown"])
  }

  @Test func thousandsAndCurrency() throws {
    let money = try column(["\"$1,234.50\"", "$5", "$999"])
    #expect(money.field.kind == .number)
    #expect(money.field.unit == "$")
    #expect(try money.frame.cells("x") == ["1234.5", "5", "999"])
    #expect(try column(["\"1,234\"", "\"12,345,678\"", "7"]).field.kind == .number)
    #expect(try column(["\"1,234\"", "12345", "7"]).field.kind == .category)
    #expect(try column(["$1", "€2", "£3"]).field.kind == .category)
  }

  @Test func evidenceOverTheWholeColumnOrdersDates() throws {
    let british = try column(["01/02/2020", "13/02/2020"])
    #expect(british.field.timestampFormat == TimestampFormat.dayMonthYear.rawValue)
    #expect(try british.frame.cells("x")[0] == "2020-02-01T00:00:00.000000Z")
    let american = try column(["01/02/2020", "02/13/2020"])
    #expect(try american.frame.cells("x")[0] == "2020-01-02T00:00:00.000000Z")
    let open = try column(["01/02/2020", "03/04/2020"])
    #expect(open.notes.contains { $0.contains("day or month") })
    #expect(try column(["13/02/2020", "02/13/2020"]).field.kind == .category)
  }

  @Test func proseIsText() throws {
    let prose = try column((0..<80).map { "the quick brown fox number \($0) jumps" })
    #expect(prose.field.kind == .text)
    let identifiers = try column((0..<80).map { "user_\($0)" })
    #expect(identifiers.field.kind == .category)
    #expect(identifiers.field.categories.count == 80)
  }

  @Test func emptyColumn() throws {
    let empty = try column(["", "NA", "?"])
    #expect(empty.frame.columns[1].missingCount == 3)
    #expect(empty.notes.contains { $0.contains("empty in every row") })
  }

  @Test func overrides() throws {
    let text = "zip,class\n1,3\n2,1\n3,3\n"
    let (frame, _) = try read(text, options: SourceOptions(kinds: ["class": .category, "#1": .text]))
    #expect(frame.schema.fields.map(\.kind) == [.text, .category])
    #expect(frame.schema["class"]?.categories == ["1", "3"])
    let unknown = failure { try read(text, options: SourceOptions(kinds: ["clas": .category])) }
    #expect(unknown?.hint?.contains("class") == true)
    let unfit = failure { try read("a,b\n1,x\n2,y\n", options: SourceOptions(kinds: ["b": .number])) }
    #expect(unfit?.message.contains("line 2") == true)
    let lenient = try read("a,b\n1,x\n2,7\n", options: SourceOptions(kinds: ["b": .number], invalidCells: .missing))
    #expect(try lenient.frame.cells("b") == [nil, "7"])
  }
}
