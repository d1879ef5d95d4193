import Basics
import Frames
import Testing

@Suite struct RowDecoderTests {
  private let contract: Schema
  private let decoder: RowDecoder

  init() throws {
    contract = try Schema([
      Field("n", .number), Field("i", .integer), Field("c", .category, categories: ["a", "1", "ä"]),
      Field("t", .text), Field("b", .boolean), Field("when", .timestamp),
    ])
    decoder = RowDecoder(contract: contract)
  }

  private func decode(_ body: String) throws -> RowDecoder.Decoded { try decoder.decode(body: Array(body.utf8)) }
  private let row = #"{"n": 1.5, "i": 2, "c": "a", "t": "hello", "b": true, "when": "2020-01-31"}"#

  @Test func threeShapes() throws {
    let one = try decode(row).frame
    #expect(one.rowCount == 1)
    #expect(try decode("[\(row)]").frame == one)
    let wrapped = try decode("{\"explain\": true, \"rows\": [\(row)], \"id\": \"x\"}")
    #expect(wrapped.frame == one)
    #expect(wrapped.extras.map(\.key) == ["explain", "id"])
    #expect(wrapped.extras.map(\.value) == [true, "x"])
    #expect(try decode("[]").frame.rowCount == 0)
    #expect(try decode("{\"rows\": []}").frame.rowCount == 0)
  }

  @Test func theFastWayAndTheCarefulWayAgree() throws {
    let bodies = [
      row, #"{"when":null,"b":0,"t":null,"c":1,"i":"12","n":"12"}"#,
      #"{"n":"1,234.5","i":3.0,"c":"\u0061","t":"q\n\"x\" \ud83d\ude00","b":"FALSE","when":"31 Jan 2020"}"#,
      #"{"n":"NA","i":"?","c":"NA","t":"n/a","b":"","when":"unknown"}"#,
      #"{"n":-0.0,"i":-7,"c":"new","t":"x","b":false,"when":"2020-01-31T01:02:03Z","spare":{"a":[1,2]}}"#,
      #"{"n":1e-7,"i":9007199254740993,"c":"a\u0308","t":"\\","b":1,"when":null,"n2":"\u0000"}"#,
    ]
    for body in bodies + ["[" + bodies.joined(separator: ",") + "]"] {
      let fast = try decode(body)
      let document = try JSONValue(parsing: body)
      let careful = try decoder.decode(document.arrayValue ?? [document])
      #expect(fast.frame == careful.frame, "\(body)")
      #expect(fast.ignoredKeys == careful.ignoredKeys)
    }
    let frame = try decode("[" + bodies.joined(separator: ",") + "]").frame
    #expect(try frame.cells("n") == ["1.5", "12", "1234.5", nil, "-0.0", "1e-07"])
    #expect(try frame.cells("c") == ["a", "1", "a", nil, "new", "ä"])
    #expect(try frame.cells("i")[5] == "9007199254740993")
  }

  @Test func csvAndJSONGiveTheSameFrame() throws {
    let cells = [
      ["12", "12", "1", "x y", "true", "2020-01-31"], ["", "NA", "?", "null", "", "unknown"],
      ["-1.5e3", "007", "zürich", "a,b", "0", "2020/02/01"],
    ]
    let csv = "n,i,c,t,b,when\n" + cells.map { $0.map { "\"\($0)\"" }.joined(separator: ",") }.joined(separator: "\n")
    let rows = cells.map { JSONValue.object(zip(contract.names, $0.map(JSONValue.string)).map { ($0, $1) }) }
    let file = try read(csv, options: SourceOptions(contract: contract)).frame
    #expect(try decoder.decode(rows).frame == file)
    #expect(try decoder.decode(body: Array(JSONValue.array(rows).compact.utf8)).frame == file)
    let lines = rows.map(\.compact).joined(separator: "\n")
    #expect(try read(lines, "rows.jsonl", options: SourceOptions(contract: contract)).frame == file)
  }

  @Test func errorsNameTheFieldAndTheRow() throws {
    let lacking = failure { try decode(#"[\#(row), {"n": 1, "i": 2, "c": "a", "t": "x", "bb": true, "when": null}]"#) }
    #expect(lacking?.code == .schemaMismatch)
    #expect(lacking?.field == "b")
    #expect(lacking?.message.contains("rows[1]") == true)
    let wrong = failure { try decode(row.replacing("1.5", with: "\"much\"")) }
    #expect(wrong?.code == .invalidData)
    #expect(wrong?.field == "n")
    #expect(wrong?.message.contains("must be a number") == true)
    #expect(failure { try decode(row.replacing("\"i\": 2", with: "\"i\": 2.5")) }?.field == "i")
    #expect(failure { try decode(row.replacing("1.5", with: "[1]")) }?.field == "n")
    #expect(failure { try decode(row.replacing("1.5", with: "true")) }?.field == "n")
    #expect(failure { try decode("[1, 2]") }?.code == .invalidData)
    #expect(failure { try decode("3") }?.code == .invalidData)
    for broken in [
      "", "{", "[{]", row + "}", row.replacing("1.5", with: "01"), row.replacing("1.5", with: "1."), "{\"n\" 1}",
    ] {
      #expect(failure { try decode(broken) }?.code == .invalidData, "\(broken)")
    }
  }

  @Test func optionalDottedAndUnknownKeys() throws {
    let schema = try Schema([Field("a.b", .integer), Field("y", .category, categories: ["no", "yes"])])
    let decoder = RowDecoder(contract: schema, optionalColumns: ["y"])
    let nested = try decoder.decode(body: Array(#"[{"a": {"b": 1, "z": 0}, "q": 3}]"#.utf8))
    #expect(nested.frame.schema.names == ["a.b"])
    #expect(nested.ignoredKeys == ["a.z", "q"])
    let mixed = try decoder.decode(body: Array(#"[{"a.b": 1}, {"a.b": 2, "y": "yes"}]"#.utf8))
    #expect(try mixed.frame.cells("y") == [nil, "yes"])
  }
}
