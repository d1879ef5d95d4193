import Basics
import Frames
import Testing

@Suite struct WriterTests {
  private func frame() throws -> Frame {
    try Frame([
      ("name", Column(categories: ["a,b", "say \"hi\"", nil, " padded", "line\nbreak"])),
      ("x", Column(numbers: [1, 0.1, .nan, -2.5e-9, 1e300])),
      ("n", Column(.integer([1, -2, 3, .max, 0]), validity: Validity([true, true, true, true, false]))),
      ("flag", Column(.boolean([true, false, true, false, true]))),
      ("when", Column(.timestamp([0, 1_580_428_800_000_001, -1, 5, 6]))),
      ("text", Column(.text(["", "plain", "é", "tab\there", "back\\slash"]))),
    ])
  }

  @Test func csv() throws {
    let text = try String(decoding: CSVWriter(frame().schema).document(frame()), as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0] == "name,x,n,flag,when,text")
    #expect(lines[1] == "\"a,b\",1,1,true,1970-01-01T00:00:00.000000Z,\"\"")
    #expect(lines[2] == "\"say \"\"hi\"\"\",0.1,-2,false,2020-01-31T00:00:00.000001Z,plain")
    #expect(lines[3] == ",,3,true,1969-12-31T23:59:59.999999Z,é")
  }

  @Test func jsonLines() throws {
    let text = try String(decoding: JSONLinesWriter(frame().schema).document(frame()), as: UTF8.self)
    let third = try JSONValue(parsing: String(text.split(separator: "\n")[2]))
    #expect(third["name"] == .null)
    #expect(third["x"] == .null)
    #expect(third["n"] == 3)
    #expect(third["flag"] == true)
  }

  @Test func whatIsWrittenReadsBackEqual() throws {
    let frame = try frame().removing(["text"])
    let options = SourceOptions(contract: frame.schema)
    let csv = try CSVWriter(frame.schema).document(frame)
    #expect(try read(bytes: csv, options: options).frame == frame)
    let json = try JSONLinesWriter(frame.schema).document(frame)
    #expect(try read(bytes: json, "t.jsonl", options: options).frame == frame)
  }

  @Test func missingInATableOfOneColumn() throws {
    let frame = try Frame([("x", Column(numbers: [1, .nan, 3]))])
    let csv = try CSVWriter(frame.schema).document(frame)
    #expect(try read(bytes: csv, options: SourceOptions(contract: frame.schema)).frame == frame)
  }

  @Test func sinks() throws {
    var memory = MemorySink()
    let frame = try frame()
    let writer = CSVWriter(frame.schema)
    memory.write(writer.header())
    try writer.append(frame, to: &memory)
    #expect(try memory.bytes == writer.document(frame))
    let folder = try FileSystem.temporaryDirectory()
    defer { try? FileSystem.remove(folder) }
    var file = try FileSink(folder + "/out.csv")
    try writer.append(frame, to: &file)
    #expect(!FileSystem.exists(folder + "/out.csv"))
    try file.finish()
    #expect(try FileSystem.read(folder + "/out.csv") == writer.rows(frame))
    _ = try FileSink(folder + "/dropped.csv")
    #expect(try FileSystem.list(folder) == ["out.csv"])
  }

  @Test func otherColumnsAreRefused() throws {
    let frame = try frame()
    #expect(failure { try CSVWriter(frame.schema).rows(frame.removing(["x"])) }?.code == .schemaMismatch)
  }
}

@Suite struct RowKeysTests {
  @Test func orderKindAndMissing() throws {
    let a = try Frame([("x", Column(.integer([1, 2, 1]))), ("c", Column(categories: ["u", "v", "u"]))])
    let b = try Frame([
      ("c", Column(categories: ["u", "v", "u"], levels: ["z", "v"])), ("x", Column(numbers: [1, 2, 1])),
    ])
    let keys = RowKeys.hashes(a)
    #expect(keys == RowKeys.hashes(b))
    #expect(keys[0] == keys[2])
    #expect(keys[0] != keys[1])
    #expect(RowKeys.occurrences(keys) == [0, 0, 1])
    #expect(RowKeys.hashes(a, excluding: ["c"]) != keys)
    let swapped = try Frame([("c", Column(.integer([1, 2, 1]))), ("x", Column(categories: ["u", "v", "u"]))])
    #expect(RowKeys.hashes(swapped) != keys)
    let zero = try Frame([("x", Column(numbers: [0, .nan, -0.0]))])
    let zeros = RowKeys.hashes(zero)
    #expect(zeros[0] != zeros[1])
    #expect(zeros[0] == zeros[2])
  }

  @Test func theyNeverChange() throws {
    let frame = try Frame([("x", Column(numbers: [1.5])), ("c", Column(categories: ["u"]))])
    let by = StableHash.combine(StableHash.hash("x"), StableHash.hash(1.5))
    let sum = by &+ StableHash.combine(StableHash.hash("c"), StableHash.hash("u"))
    #expect(RowKeys.hashes(frame) == [StableHash.mix(sum)])
  }
}

@Suite struct JSONLinesTests {
  @Test func unionOfKeysFlattened() throws {
    let text =
      #"{"a": 1, "n": {"x": 1.5, "deep": {"k": [1]}}}"# + "\n\n" + #"{"b": "2020-01-31", "a": "2", "list": [1, 2]}"#
      + "\n"
    let (frame, report) = try read(text, "t.jsonl")
    #expect(frame.schema.names == ["a", "n.x", "n.deep", "b", "list"])
    #expect(try frame.cells("a") == ["1", "2"])
    #expect(frame.kind("a") == .integer)
    #expect(frame.kind("b") == .timestamp)
    #expect(try frame.cells("n.deep") == [#"{"k":[1]}"#, nil])
    #expect(report.notes.contains { $0.contains("flattened") })
    #expect(report.notes.contains { $0.contains("JSON text") })
  }

  @Test func sameTableAsCSV() throws {
    let csv = try read("who,n,x\nann,1,0.5\nbob,,2\n").frame
    let json = try read("{\"who\":\"ann\",\"n\":1,\"x\":0.5}\n{\"who\":\"bob\",\"n\":null,\"x\":2}\n", "t.ndjson").frame
    #expect(csv == json)
  }

  @Test func errorsHaveTheLine() {
    #expect(failure { try read("{\"a\":1}\n\n{\"a\":}\n", "t.jsonl") }?.message.contains("line 3") == true)
    #expect(failure { try read("{\"a\":1}\n[1]\n", "t.jsonl") }?.message.contains("line 2") == true)
  }
}
