import Basics
import Testing

@Suite struct TimestampTests {
  @Test func textAndInstantAgreeWithPython() throws {
    let entries = try #require(try Golden.json("timestamps.json").arrayValue)
    #expect(entries.count > 400)
    for entry in entries {
      let text = try #require(entry[0]?.stringValue)
      let value = try #require(entry[1]?.stringValue.flatMap { Int64($0) })
      #expect(Timestamp(microseconds: value).description == text)
      #expect(Timestamp(iso8601: text)?.microseconds == value)
    }
  }

  @Test func daysAndCivilDatesAreInverse() {
    for days in stride(from: -800_000, through: 2_900_000, by: 97) {
      let date = Timestamp.civil(days: days)
      #expect(Timestamp.days(year: date.year, month: date.month, day: date.day) == days)
    }
  }

  @Test func fractionsOfFewerDigits() {
    #expect(Timestamp(iso8601: "1970-01-01T00:00:01Z")?.microseconds == 1_000_000)
    #expect(Timestamp(iso8601: "1970-01-01T00:00:01.5Z")?.microseconds == 1_500_000)
    #expect(Timestamp(iso8601: "1969-12-31T23:59:59.999999Z")?.microseconds == -1)
  }

  @Test(arguments: [
    "", "2026-01-31", "2026-01-31T12:00:00", "2026-01-31 12:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
    "2026-02-30T00:00:00Z", "2025-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-00T00:00:00Z",
    "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.Z",
    "2026-01-01T00:00:00.1234567Z", "2026-01-01T00:00:00,5Z", "2026-1-01T00:00:00.0Z", "２026-01-01T00:00:00Z",
  ])
  func othersAreRefused(text: String) { #expect(Timestamp(iso8601: text) == nil) }

  @Test func jsonRoundTrip() throws {
    let instant = Timestamp(microseconds: 1_769_860_800_000_001)
    let json = try Configuration.encode([instant])
    #expect(json == ["2026-01-31T12:00:00.000001Z"])
    #expect(try Configuration.decode([Timestamp].self, from: json) == [instant])
    let error = #expect(throws: MLError.self) { try Configuration.decode([Timestamp].self, from: ["soon"]) }
    #expect(error?.code == .invalidData)
  }
}
