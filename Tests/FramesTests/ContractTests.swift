import Basics
import Frames
import Testing

@Suite struct ContractTests {
  private let contract: Schema

  init() throws {
    contract = try Schema([
      Field("age", .integer), Field("height", .number), Field("city", .category, categories: ["Bern", "Rome"]),
      Field("member", .boolean), Field("born", .timestamp, timestampFormat: TimestampFormat.dayMonthYear.rawValue),
      Field("code", .category, categories: ["1", "2"]), Field("y", .category, categories: ["no", "yes"]),
    ])
  }

  private func options(
    _ invalidCells: SourceOptions.InvalidCells = .fail, optional: Set<String> = ["y"], workers: Workers = .serial
  ) -> SourceOptions {
    SourceOptions(contract: contract, invalidCells: invalidCells, workers: workers, optionalColumns: optional)
  }

  private let rows =
    "spare,code,city,age,height,member,born\nq,1,Rome,30,1.5,true,31/01/2020\n"
    + "q,3,Oslo,4.0,\"1,200\",0,\nq,,?,NA,unknown,,2020-01-31\n"

  @Test func columnsByNameKindsByContract() throws {
    let (frame, report) = try read(rows, options: options())
    #expect(frame.schema.names == ["age", "height", "city", "member", "born", "code"])
    #expect(report.ignoredColumns == ["spare"])
    #expect(try frame.cells("age") == ["30", "4", nil])
    #expect(try frame.cells("height") == ["1.5", "1200", nil])
    #expect(try frame.cells("city") == ["Rome", "Oslo", nil])
    #expect(try frame.cells("born") == ["2020-01-31T00:00:00.000000Z", nil, "2020-01-31T00:00:00.000000Z"])
    #expect(try frame.cells("code") == ["1", "3", nil])
    #expect(try frame.cells("member") == ["true", "false", nil])
    guard case .category(let codes, let levels) = try frame.column("city").storage else { return }
    #expect(codes == [1, 2, 0])
    #expect(levels == ["Bern", "Rome", "Oslo"])
  }

  @Test func lackingColumnsAreNamed() {
    let error = failure { try read("age,hieght,city,member,born,code\n1,2,Rome,true,,1\n", options: options()) }
    #expect(error?.code == .schemaMismatch)
    #expect(error?.field == "height")
    #expect(error?.hint?.contains("hieght") == true)
    #expect(failure { try read(rows, options: options(optional: [])) }?.field == "y")
  }

  @Test func cellsThatDoNotFit() throws {
    let text = "age,height,city,member,born,code\n1,2,Rome,true,,1\nold,x,Rome,maybe,32/01/2020,1\n"
    let error = failure { try read(text, options: options()) }
    #expect(error?.code == .invalidData)
    #expect(error?.field == "age")
    #expect(error?.message.contains("line 3") == true)
    let (frame, report) = try read(text, options: options(.missing))
    #expect(report.invalidCells == ["age": 1, "height": 1, "member": 1, "born": 1])
    #expect(try frame.cells("age") == ["1", nil])
  }

  @Test func withoutHeaderByPosition() throws {
    let made = try Schema([Field("c1", .integer), Field("c2", .category, categories: ["a", "b"])])
    let (frame, report) = try read("1,b\n2,c\n", options: SourceOptions(contract: made))
    #expect(try frame.cells("c2") == ["b", "c"])
    #expect(report.notes.contains { $0.contains("by position") })
    let wide = try read("1,b,3\n2,c,4\n", options: SourceOptions(contract: made))
    #expect(wide.frame == frame)
    #expect(wide.report.ignoredColumns == ["c3"])
    let narrow = failure { try read("1\n2\n", options: SourceOptions(contract: made)) }
    #expect(narrow?.code == .schemaMismatch)
  }

  @Test func partsAgreeWithTheWhole() throws {
    var text = "age,height,city,member,born,code,y\n"
    for row in 0..<5000 {
      text +=
        "\(row),\(Double(row) / 7),\(row % 5 == 0 ? "\"Ro\nme\"" : "Bern"),\(row % 2 == 0),"
        + "\(row % 28 + 1)/02/2021,\(row % 4),no\n"
    }
    let file = try TemporaryFile(text)
    let whole = try FrameSources.read(file.path, options: options())
    #expect(whole.frame.rowCount == 5000)
    for size in [1, 777, 5000] where size > 1 || text.utf8.count < 1 << 20 {
      var reader = try FrameSources.source(for: file.path).reader(for: file.path, options: options())
      var parts: [Frame] = []
      while let part = try reader.next(maximumRows: size) {
        #expect(part.rowCount <= size)
        parts.append(part)
      }
      #expect(try Frame(joining: parts, schema: contract) == whole.frame)
      #expect(reader.report.rowCount == 5000)
    }
  }

  @Test func labelsThatDifferInDress() throws {
    let column = Column(categories: ["<=50K.", ">50K.", " <=50k", "other", nil])
    let (cleaned, note) = LabelCleaning.normalisedLabels(column, known: ["<=50K", ">50K"])
    #expect((0..<5).map { cleaned.text(at: $0) } == ["<=50K", ">50K", "<=50K", "other", nil])
    #expect(note?.contains("'<=50K.' as '<=50K'") == true)
    #expect(LabelCleaning.normalisedLabels(column, known: ["a", "A"]).note == nil)
  }
}
