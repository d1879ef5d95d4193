import Basics
import Frames
import Testing

@Suite struct CSVReadingTests {
  @Test func quotesDoubledQuotesAndLineBreaks() throws {
    let (frame, _) = try read("id,text\n1,\"a, b\"\n2,\"say \"\"hi\"\"\"\n3,\"two\nlines\"\n4,\"\"\n")
    #expect(try frame.cells("text") == ["a, b", "say \"hi\"", "two\nlines", nil])
    #expect(frame.kind("id") == .integer)
  }

  @Test(arguments: ["\n", "\r\n", "\r\r\n", "\r"])
  func lineEnds(_ end: String) throws {
    let (frame, _) = try read(["a,b", "1,x", "", "2,y"].joined(separator: end))
    #expect(try frame.cells("a") == ["1", "2"])
    #expect(try frame.cells("b") == ["x", "y"])
  }

  @Test(arguments: [",", ";", "\t", "|"])
  func delimiters(_ delimiter: String) throws {
    let lines = [
      ["name", "size", "when"], ["x", "1.5", "2020-01-02"], ["y", "2", "2020-01-03"], ["z", "", "2020-01-04"],
    ]
    let (frame, _) = try read(lines.map { $0.joined(separator: delimiter) }.joined(separator: "\n"))
    #expect(frame.schema.names == ["name", "size", "when"])
    #expect(frame.schema.fields.map(\.kind) == [.category, .number, .timestamp])
    #expect(try frame.cells("size") == ["1.5", "2", nil])
  }

  @Test func spacesAfterCommasWithoutHeader() throws {
    let (frame, report) = try read(
      "39, State-gov, 77516, ?, <=50K\n50, Private, 83311, HS, >50K\n38, Private, 2, HS, <=50K\n")
    #expect(frame.schema.names == ["c1", "c2", "c3", "c4", "c5"])
    #expect(frame.schema.fields.map(\.kind) == [.integer, .category, .integer, .category, .category])
    #expect(try frame.cells("c4") == [nil, "HS", "HS"])
    #expect(frame.schema["c5"]?.categories == ["<=50K", ">50K"])
    #expect(report.notes.contains { $0.contains("no header") })
    #expect(report.notes.contains { $0.contains("trimmed") })
  }

  @Test func headerWithOneNameFewer() throws {
    let (frame, report) = try read("\"a\",\"b\"\n\"1\",2.5,x\n\"2\",3.5,y\n\"3\",4.5,x\n")
    #expect(frame.schema.names == ["row", "a", "b"])
    #expect(frame.kind("row") == .integer)
    #expect(report.notes.contains { $0.contains("one name fewer") })
  }

  @Test func encodings() throws {
    let text = "größe,n\nklein,1\ngroß,2\n"
    let utf8 = try read(bytes: [0xEF, 0xBB, 0xBF] + Array(text.utf8))
    #expect(utf8.frame.schema.names == ["größe", "n"])
    #expect(utf8.report.notes.contains { $0.contains("byte-order mark") })
    let little: [UInt8] =
      [0xFF, 0xFE] + text.utf16.flatMap { unit -> [UInt8] in [UInt8(unit & 255), UInt8(unit >> 8)] }
    let big: [UInt8] = [0xFE, 0xFF] + text.utf16.flatMap { unit -> [UInt8] in [UInt8(unit >> 8), UInt8(unit & 255)] }
    #expect(try read(bytes: little).frame == utf8.frame)
    #expect(try read(bytes: big).frame == utf8.frame)
    let latin1 = try read(bytes: Array("a,b\n1,x\n2,".utf8) + [0xE9] + Array("t\n3,y\n".utf8))
    #expect(try latin1.frame.cells("b") == ["x", "ét", "y"])
    #expect(latin1.report.notes.contains { $0.contains("line 3") && $0.contains("Latin-1") })
  }

  @Test func raggedRowsAreReported() throws {
    let (frame, report) = try read("a,b,c\n1,2,3\n4,5\n6,7,8\n")
    #expect(try frame.cells("c") == ["3", nil, "8"])
    #expect(report.notes.contains { $0.contains("line 3") && $0.contains("2 of 3") })
    let error = failure { try read("a,b,c\n1,2,3\n4,5,6,7\n") }
    #expect(error?.code == .invalidData)
    #expect(error?.message.contains("line 3 has 4 fields where 3") == true)
    let extras = try read("a,b,c\n1,2,3,,\n4,5,6\n")
    #expect(try extras.frame.cells("c") == ["3", "6"])
    #expect(extras.report.notes.contains { $0.contains("empty fields beyond") })
  }

  @Test func footersAndTitlesAreSkippedAndSaid() throws {
    let (frame, report) = try read(
      "Sales of the year\nid,sum,n\n1,10,3\n2,20,4\n3,30,5\n\nReport created by a program\n")
    #expect(frame.schema.fields.map(\.kind) == [.integer, .integer, .integer])
    #expect(frame.rowCount == 3)
    #expect(report.notes.contains { $0.contains("before the table") })
    #expect(report.notes.contains { $0.contains("after the table (from line 7)") })
  }

  @Test func footersPaddedWithDelimiters() throws {
    let (frame, report) = try read("unit,sum,n\na,10,3\nb,20,4\n\nReport created by a program,,\n")
    #expect(frame.schema["unit"]?.categories == ["a", "b"])
    #expect(report.notes.contains { $0.contains("line 5") })
    #expect(try read("unit,sum,n\na,10,3\nb,20,4\nc,,\n").frame.rowCount == 3)
  }

  @Test func escapedDelimitersWithoutQuotes() throws {
    let (frame, _) = try read("id,title,n\n1,Dr. No\\, again,2\n2,Plain,3\n3,\"Odd,4\n")
    #expect(try frame.cells("title") == ["Dr. No, again", "Plain", "\"Odd"])
  }

  @Test func backslashEscapes() throws {
    let (frame, _) = try read("id,title\n1,\"The \\\"Best\\\", really\"\n2,\"Plain\"\n3,\"Say \\\"no\\\"\"\n")
    #expect(try frame.cells("title") == ["The \"Best\", really", "Plain", "Say \"no\""])
  }

  @Test func quotesInTheMiddleAreOrdinary() throws {
    let (frame, _) = try read("id,size,n\n1,5\" pipe,2\n2,6\" pipe,3\n3,plain,4\n")
    #expect(try frame.cells("size") == ["5\" pipe", "6\" pipe", "plain"])
    #expect(frame.rowCount == 3)
  }

  @Test func oneColumn() throws {
    #expect(try read("n\n1\n2\n\n3\n").frame.cells("n") == ["1", "2", "3"])
    let titles = try read("headline\nRain, wind and sun\nSnow, then more snow, they say\nNothing\n").frame
    #expect(titles.schema.names == ["headline"])
    #expect(titles.rowCount == 3)
  }

  @Test func spacesAsDelimiters() throws {
    let (frame, report) = try read("  0.1  18.00   2.31\n 0.02   0.00   7.07\n", "housing.data")
    #expect(frame.schema.fields.map(\.kind) == [.number, .number, .number])
    #expect(try frame.cells("c2") == ["18", "0"])
    #expect(report.notes.contains { $0.contains("runs of spaces") })
  }

  @Test func blocksAgreeWithOnePiece() throws {
    var text = "id,name,value,note\n"
    for row in 0..<60_000 {
      let note = row % 97 == 0 ? "\"line \(row)\nand, another\"" : "plain \(row % 13)"
      text += "\(row),n\(row % 1009),\(Double(row) * 0.37 - 5),\(note)\n"
      if row % 5000 == 0 { text += "\n" }
      if row % 7001 == 0 { text += ",,,\n" }
    }
    let file = try TemporaryFile(text)
    let serial = try FrameSources.read(file.path)
    let parallel = try FrameSources.read(file.path, options: SourceOptions(workers: Workers(count: 3)))
    #expect(serial.frame == parallel.frame)
    #expect(serial.report == parallel.report)
    #expect(serial.frame.rowCount == 60_000 + 9)
    #expect(try serial.frame.cells("note")[98] == "line 97\nand, another")
  }

  @Test func rowOrderDoesNotMatter() throws {
    let rows = (0..<200).map {
      "\($0 % 7 == 0 ? "NA" : "\($0)"),\(["red", "green", "blue"][$0 % 3]),\(["x", "y"][$0 % 2])"
    }
    let a = try read((["n,c,d"] + rows).joined(separator: "\n")).frame
    let b = try read((["n,c,d"] + rows.reversed()).joined(separator: "\n")).frame
    #expect(a.schema == b.schema)
    #expect(a == b.gathered(Array((0..<200).reversed())))
  }
}
