import HTTP
import Testing

struct MetricsTests {
  @Test func quantilesAreWithinABucketAbove() {
    var histogram = LatencyHistogram()
    for microsecond in 1...10_000 { histogram.record(nanoseconds: Int64(microsecond) * 1000) }
    for p in [0.01, 0.1, 0.5, 0.9, 0.99, 1] {
      let exact = p * 0.01
      let value = histogram.quantile(p) ?? 0
      #expect(value >= exact && value <= exact * 1.13, "\(p)")
    }
    #expect(histogram.quantile(1) == 0.01)
    #expect(histogram.count == 10_000)
    #expect(LatencyHistogram().quantile(0.5) == nil)
  }

  @Test func mergingIsCountingTogether() {
    var one = LatencyHistogram(), two = LatencyHistogram(), both = LatencyHistogram()
    for index in 0..<1000 {
      let value = Int64(index) * Int64(index) * 977
      if index % 3 == 0 { one.record(nanoseconds: value) } else { two.record(nanoseconds: value) }
      both.record(nanoseconds: value)
    }
    one.merge(two)
    #expect(one == both)
  }

  @Test func extremesDoNotTrap() {
    var histogram = LatencyHistogram()
    histogram.record(nanoseconds: .max)
    histogram.record(nanoseconds: -5)
    #expect(histogram.quantile(0.5) == 128e-9 || histogram.quantile(0.5) == 0)
    #expect(histogram.count(upTo: 1e30) == 2)
  }

  @Test func cumulativeBucketsGrow() {
    var histogram = LatencyHistogram()
    for value in [50_000, 300_000, 2_000_000, 2_000_000, 90_000_000] as [Int64] { histogram.record(nanoseconds: value) }
    #expect(histogram.count(upTo: 0.0001) == 1)
    #expect(histogram.count(upTo: 0.0005) == 2)
    #expect(histogram.count(upTo: 0.0025) == 4)
    #expect(histogram.count(upTo: 1) == 5)
  }

  @Test func expositionIsExact() {
    var text = PrometheusText()
    text.gauge(
      "model_drift", "Distance\nfrom the reference.", [([("column", "a\"b\\c\nd"), ("model", "é")], 0.25), ([], .nan)])
    text.counter("rows_total", "Rows.", [])
    var histogram = LatencyHistogram()
    histogram.record(nanoseconds: 200_000)
    text.histogram("wait_seconds", "Waits.", [([("route", "/")], histogram)])
    let lines = text.description.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0] == "# HELP model_drift Distance\\nfrom the reference.")
    #expect(lines[1] == "# TYPE model_drift gauge")
    #expect(lines[2] == #"model_drift{column="a\"b\\c\nd",model="é"} 0.25"#)
    #expect(lines[3] == "model_drift NaN")
    #expect(lines.contains(#"wait_seconds_bucket{route="/",le="0.00025"} 1"#))
    #expect(lines.contains(#"wait_seconds_bucket{route="/",le="0.0001"} 0"#))
    #expect(lines.contains(#"wait_seconds_bucket{route="/",le="+Inf"} 1"#))
    #expect(lines.contains(#"wait_seconds_sum{route="/"} 0.0002"#))
    #expect(!text.description.contains("rows_total"))
    #expect(text.description.hasSuffix("\n"))
  }

  @Test func percentEncodingGoesBothWays() {
    for text in ["plain", "a b/c?d=é", "100%", "\u{1F426}"] {
      #expect(PercentEncoding.decoded(PercentEncoding.encoded(text)) == text)
    }
    #expect(PercentEncoding.encoded("a b/é") == "a%20b%2F%C3%A9")
  }
}
