import Basics
import Frames
import Kernels
import Testing

@Suite struct NumberTests {
  @Test func agreeWithPythonToTheLastBit() throws {
    let text = try String(decoding: FileSystem.read(fixture("Golden/numbers/numbers.tsv")), as: UTF8.self)
    let lines = text.split(separator: "\n")
    #expect(lines.count == 1500)
    for line in lines {
      let parts = line.split(separator: "\t")
      let value = DecimalText.number(Array(parts[0].utf8).span, allowsLeadingZeros: false)
      #expect(value?.bitPattern == UInt64(parts[1], radix: 16), "\(parts[0])")
    }
  }

  @Test(arguments: ["", "-", ".", "1e", "1e+", "0x10", "1 ", " 1", "--1", "1.2.3", "1_000", "nan", "1e999", "１"])
  func refusesWhatIsNoNumber(_ text: String) {
    #expect(DecimalText.number(Array(text.utf8).span, allowsLeadingZeros: true) == nil)
  }

  @Test func leadingZerosMakeIdentifiers() {
    #expect(DecimalText.integer(Array("007".utf8).span, allowsLeadingZeros: false) == nil)
    #expect(DecimalText.integer(Array("007".utf8).span, allowsLeadingZeros: true) == 7)
    #expect(DecimalText.number(Array("00.5".utf8).span, allowsLeadingZeros: false) == nil)
    #expect(DecimalText.number(Array("0.5".utf8).span, allowsLeadingZeros: false) == 0.5)
  }

  @Test func integersKeepAll64Bits() {
    #expect(DecimalText.integer(Array("9223372036854775807".utf8).span, allowsLeadingZeros: false) == .max)
    #expect(DecimalText.integer(Array("-9223372036854775808".utf8).span, allowsLeadingZeros: false) == .min)
    #expect(DecimalText.integer(Array("9223372036854775808".utf8).span, allowsLeadingZeros: false) == nil)
    #expect(DecimalText.integer(Array("18446744073709551617".utf8).span, allowsLeadingZeros: false) == nil)
  }
}

@Suite struct CellParserTests {
  @Test(arguments: [
    ("2020-01-31", 1_580_428_800_000_000), ("2020/01/31", 1_580_428_800_000_000),
    ("2020-01-31T12:30", 1_580_473_800_000_000), ("2020-01-31 12:30:15.25", 1_580_473_815_250_000),
    ("2020-01-31T12:30:15Z", 1_580_473_815_000_000), ("2020-01-31T12:30:15+02:00", 1_580_466_615_000_000),
    ("2020-01-31T12:30:15-0130", 1_580_479_215_000_000), ("20200131T123015", 1_580_473_815_000_000),
    ("31 Jan 2020", 1_580_428_800_000_000), ("31-Jan-20", 1_580_428_800_000_000),
    ("January 31, 2020", 1_580_428_800_000_000), ("Fri, 31 Jan 2020 12:30:15 GMT", 1_580_473_815_000_000),
    ("2020-01-31 01:05 PM", 1_580_475_900_000_000), ("1960-02-29", -310_521_600_000_000),
  ])
  func instants(_ text: String, _ microseconds: Int64) {
    #expect(CellParser(Field("t", .timestamp)).parse(text) == .timestamp(microseconds))
  }

  @Test(arguments: [
    "2020-13-01", "2019-02-29", "2020-01-32", "2020-01", "12:30", "2020-01-31T25:00", "2020-01-31x", "20200131",
  ])
  func noInstants(_ text: String) { #expect(CellParser(Field("t", .timestamp)).parse(text) == .invalid) }

  @Test func orderOfDayAndMonthComesFromTheField() {
    let british = CellParser(Field("t", .timestamp, timestampFormat: TimestampFormat.dayMonthYear.rawValue))
    let american = CellParser(Field("t", .timestamp, timestampFormat: TimestampFormat.monthDayYear.rawValue))
    #expect(british.parse("02/01/2020") == american.parse("01/02/2020"))
    #expect(british.parse("01/31/2020") == .invalid)
    #expect(british.parse("2020-01-02") == american.parse("2020-01-02"))
  }

  @Test func markersDependOnTheKind() {
    #expect(CellParser(Field("x", .number)).parse("unknown") == .missing)
    #expect(CellParser(Field("x", .category)).parse("unknown") == .text("unknown"))
    #expect(CellParser(Field("x", .category)).parse("NA") == .missing)
    #expect(CellParser(Field("x", .category, categories: ["NA", "EU"])).parse("NA") == .text("NA"))
    #expect(CellParser(Field("x", .integer)).parse("") == .missing)
    #expect(CellParser(Field("x", .integer)).parse("twelve") == .invalid)
  }

  @Test func textAndJSONAgree() {
    let number = CellParser(Field("x", .number))
    let integer = CellParser(Field("x", .integer))
    #expect(number.parse("12") == number.parse(.integer(12)))
    #expect(number.parse(.string(" 12 ")) == .number(12))
    #expect(number.parse("1,234.5") == .number(1234.5))
    #expect(number.parse("12,34") == .invalid)
    #expect(integer.parse("12.0") == .integer(12))
    #expect(integer.parse(.number(12)) == .integer(12))
    #expect(integer.parse(.number(12.5)) == .invalid)
    #expect(CellParser(Field("x", .category)).parse(.number(3)) == .text("3"))
    #expect(CellParser(Field("x", .boolean)).parse(.integer(1)) == .boolean(true))
    #expect(number.parse(.boolean(true)) == .invalid)
    #expect(number.parse(.array([])) == .invalid)
  }
}
