import Basics
import Testing

@Suite struct JSONTests {
  @Test(arguments: [
    "null", "true", "false", "0", "-0.0", "1", "-1", "9223372036854775807", "-9223372036854775808", "0.1", "1e-07",
    "1e+300",
    #""""#, #""a\"b\\c""#, #""\n\r\t""#, #""\u0001""#, #""é日😀""#, "[]", "{}", "[1,2,[3]]", #"{"a":1,"b":{"c":[]}}"#,
    #"{"b":1,"a":2}"#,
  ])
  func compactTextIsReadAndWrittenUnchanged(text: String) throws {
    #expect(try JSONValue(parsing: text).compact == text)
  }

  @Test(
    arguments: [
      (#""\u00e9\ud83d\ude00\/\b\f""#, .string("é😀/\u{8}\u{C}")), ("1.0", .number(1)), ("1E2", .number(100)),
      (" \t\r\n[ 1 , 2 ]\n", [1, 2]), ("-0", .number(-0.0)),
      ("12345678901234567890", .number(12_345_678_901_234_567_890)),
      ("\u{FEFF}[]", []), (#"{"":0}"#, ["": 0]), (#""\u0000""#, .string("\0")), ("5e-324", .number(5e-324)),
      ("1.7976931348623157e308", .number(Double.greatestFiniteMagnitude)),
    ] as [(String, JSONValue)])
  func documentsOfTheStandard(text: String, value: JSONValue) throws {
    #expect(try JSONValue(parsing: text) == value)
  }

  /// What RFC 8259 does not allow.
  @Test(arguments: [
    "", " ", "nul", "True", "+1", "01", "-", "1.", ".5", "1e", "1e+", "0x10", "NaN", "Infinity", "1e999", "[1,]",
    "[,1]",
    "[1 2]", "[", "]", "{", "{a:1}", "{'a':1}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a":1 "b":2}"#, #"{1:2}"#,
    "\"",
    #""\x""#, #""\u12""#, #""\u+123""#, #""\uD800""#, #""\uD800\u0041""#, #""\uDC00""#, "\"a\nb\"", "\"\u{1}\"", "1 2",
    "[]]", "\u{B}1", "\u{C}[]", "[1]\u{A0}", "// c\n1", #""\u00 1""#, "\u{FEFF}",
  ])
  func malformedTextIsRefused(text: String) {
    let error = #expect(throws: MLError.self) { try JSONValue(parsing: text) }
    #expect(error?.code == .invalidData)
  }

  @Test func invalidUTF8IsRefused() {
    for bytes: [UInt8] in [
      [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22],
    ] {
      #expect(throws: MLError.self) { try JSONValue(parsing: bytes) }
    }
  }

  @Test func errorNamesLineAndColumn() {
    let error = #expect(throws: MLError.self) { try JSONValue(parsing: "{\n  \"a\": 1,\n  \"b\": x\n}") }
    #expect(error?.message.contains("line 3, column 8") == true, "\(error?.message ?? "")")
  }

  @Test func nestingIsLimitedAndNeverOverflowsTheStack() throws {
    let deep = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
    #expect(try JSONValue(parsing: deep).compact == deep)
    for opening in ["[", #"{"a":"#] {
      #expect(throws: MLError.self) { try JSONValue(parsing: String(repeating: opening, count: 100_000)) }
    }
  }

  @Test func everyDoubleReadsBackToTheSameBits() throws {
    var random = Seed(1).generator
    var values = [0, -0.0, 1 / 3, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1e21, 1e22, 123_456_789.123]
    while values.count < 2000 {
      let value = Double(bitPattern: random.next())
      if value.isFinite { values.append(value) }
    }
    for value in values {
      let back = try JSONValue(parsing: JSONValue.number(value).compact).doubleValue
      #expect(back?.bitPattern == value.bitPattern, "\(value)")
    }
  }

  @Test func integersKeepAll64Bits() throws {
    for value: Int64 in [.max, .min, 1 << 53 + 1] {
      #expect(try JSONValue(parsing: JSONValue.integer(value).compact).integerValue == value)
    }
  }

  @Test func numbersThatAreNotFiniteBecomeNull() {
    #expect(JSONValue.number(.nan).compact == "null")
    #expect(JSONValue.number(.infinity).compact == "null")
    #expect(JSONValue.finite(.nan).isNull)
  }

  @Test func sortedOrdersKeysByBytesAtEveryLevel() throws {
    let value = try JSONValue(parsing: #"{"b":{"z":1,"Y":2},"a":[{"é":1,"e":2}],"B":0}"#)
    #expect(value.sorted.compact == #"{"B":0,"a":[{"e":2,"é":1}],"b":{"Y":2,"z":1}}"#)
  }

  @Test func prettyReadsBackEqual() throws {
    let value: JSONValue = ["a": [1, 2, 3], "b": ["c": [["d": nil], []], "e": [:]], "f": "x\n"]
    #expect(try JSONValue(parsing: value.pretty) == value)
    #expect(value.pretty.hasPrefix("{\n  \"a\": [1, 2, 3],\n  \"b\": {\n    \"c\": ["))
  }

  @Test func subscriptsReadReplaceAndRemove() {
    var value: JSONValue = ["a": 1, "b": 2]
    value["a"] = 3
    value["c"] = "new"
    value["b"] = nil
    #expect(value.compact == #"{"a":3,"c":"new"}"#)
    let list: JSONValue = [1, 2]
    #expect(list[1] == 2)
    #expect(list[5] == nil)
  }
}
