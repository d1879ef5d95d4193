import Basics
import Storage
import Testing

@Suite struct TrafficTests {
  static let start = Timestamp(microseconds: 1_800_000_000_000_000)

  private func record(
    _ index: Int, model: String = "churn", version: Int = 1, role: AliasName = .champion, latency: Int = 100
  ) -> PredictionRecord {
    var generator = RandomStream(Seed(UInt64(index)))
    let time = Timestamp(microseconds: Self.start.microseconds + Int64(index) * 1_000_000)
    return PredictionRecord(
      id: PredictionID.make(at: time, using: &generator), model: model, version: version, endpoint: model, role: role,
      time: time, features: #"{"age":\#(index),"plan":"a\"b","email":"x@y"}"#,
      prediction: index % 2 == 0 ? .text("yes") : .number(0.1 * Double(index)), probabilities: [0.1, 0.9],
      latencyMicroseconds: latency)
  }

  @Test func identifiersSortByTimeAndDoNotRepeat() {
    let names = (0..<2000).map {
      PredictionID.make(at: Timestamp(microseconds: Self.start.microseconds + Int64($0) * 1000))
    }
    #expect(names == names.sorted() && Set(names).count == names.count)
    #expect(names.allSatisfy(PredictionID.isValid))
    let same = Set((0..<2000).map { _ in PredictionID.make(at: Self.start) })
    #expect(same.count == 2000)
    #expect(Set(same.map { $0.prefix(10) }).count == 1)
    #expect(!PredictionID.isValid("hello") && !PredictionID.isValid(String(repeating: "I", count: 26)))
  }

  @Test func predictionsComeBackAsTheyWent() throws {
    let scratch = try Scratch()
    let records = (0..<10).map { record($0) }
    try scratch.workspace.predictionLog().append(records)
    let again = try scratch.reopened()
    #expect(try again.prediction(records[3].id) == records[3])
    #expect(try again.prediction(records[4].id) == records[4])
    #expect(try again.prediction("none") == nil)
    #expect(try again.predictions(matching: PredictionQuery()).records == records)
  }

  @Test func pagesJoinWithoutGapsOrRepeats() throws {
    let scratch = try Scratch()
    let log = scratch.workspace.predictionLog()
    try log.append((0..<50).map { record($0, version: 1 + $0 % 2) })
    try log.append((50..<100).map { record($0, model: "other") })
    func read(_ query: PredictionQuery) throws -> [String] {
      var query = query
      var out: [String] = []
      repeat {
        let page = try scratch.workspace.predictions(matching: query)
        out += page.records.map(\.id)
        query.after = page.next
      } while query.after != nil
      return out
    }
    let all = (0..<50).map { record($0).id }
    #expect(try read(PredictionQuery(model: "churn", limit: 7)) == all)
    #expect(try read(PredictionQuery(model: "churn", limit: 50)) == all)
    #expect(try read(PredictionQuery(model: "churn", newestFirst: true, limit: 7)) == all.reversed())
    let from = Timestamp(microseconds: Self.start.microseconds + 10_000_000)
    let to = Timestamp(microseconds: Self.start.microseconds + 20_000_000)
    #expect(try read(PredictionQuery(model: "churn", from: from, to: to, limit: 3)) == Array(all[10..<20]))
    #expect(
      try read(PredictionQuery(model: "churn", version: 2, from: from, to: to)) == [11, 13, 15, 17, 19].map { all[$0] })
    #expect(try read(PredictionQuery(model: "nobody")).isEmpty)
    #expect(try read(PredictionQuery(model: "churn", role: .shadow)).isEmpty)
    var seen: [String] = []
    try scratch.workspace.forEachPrediction(matching: PredictionQuery(from: from, to: to)) { seen.append($0.id) }
    #expect(seen == Array(all[10..<20]))
    try scratch.workspace.forEachPrediction(matching: PredictionQuery(from: from, to: to)) {
      #expect(try scratch.workspace.prediction($0.id) == $0)
      try scratch.workspace.audit(actor: "ana", action: "seen", subject: $0.id)
    }
    #expect(try scratch.workspace.verifyAudit().count == 10)
  }

  @Test func aBatchIsWrittenWholeOrNotAtAll() throws {
    let scratch = try Scratch()
    let log = scratch.workspace.predictionLog()
    try log.append([record(1)])
    expect(.conflict) { try log.append([record(2), record(1)]) }
    var bad = record(3)
    bad.prediction = .number(.nan)
    expect(.invalidData, "finite") { try log.append([record(4), bad]) }
    #expect(try scratch.workspace.predictions(matching: PredictionQuery()).records == [record(1)])
    #expect(try scratch.workspace.predictionCount() == 1)
  }

  @Test func privateColumnsAreNeverWritten() throws {
    let scratch = try Scratch()
    let log = scratch.workspace.predictionLog(privateColumns: ["churn": ["email", "plan"]])
    var escaped = record(2)
    escaped.features = #"{"em\u0061il":"x@y","age":2}"#
    try log.append([record(1), escaped, record(3, model: "other")])
    let rows = try scratch.workspace.predictions(matching: PredictionQuery()).records.map(\.features)
    #expect(rows == [#"{"age":1}"#, #"{"age":2}"#, record(3).features])
    var broken = record(4)
    broken.features = "[1]"
    expect(.invalidData) { try log.append([broken]) }
    let bytes = try FileSystem.read(scratch.path + "/apus.sqlite") + FileSystem.read(scratch.path + "/apus.sqlite-wal")
    #expect(String(decoding: bytes, as: UTF8.self).components(of: "x@y") == 1)
  }

  @Test func trafficIsCountedByMinute() throws {
    let scratch = try Scratch()
    let log = scratch.workspace.predictionLog()
    try log.append((0..<90).map { record($0, latency: $0 + 1) })
    try log.append((90..<120).map { record($0, version: 2, latency: 1000) })
    let end = Timestamp(microseconds: Self.start.microseconds + 3600_000_000)
    let minutes = try scratch.workspace.traffic(model: "churn", from: Self.start, to: end)
    #expect(minutes.map(\.count) == [60, 60])
    #expect(minutes[0].meanLatencyMicroseconds == 30.5)
    #expect(try scratch.workspace.traffic(model: "churn", version: 2, from: Self.start, to: end).map(\.count) == [30])
    #expect(try scratch.workspace.predictionCount(model: "churn") == 120)
    let summary = try scratch.workspace.trafficSummary(
      model: "churn", from: Self.start, to: end, quantiles: [0.25, 0.5, 0.99])
    #expect(summary.count == 120)
    #expect(summary.latencyMicroseconds[0].value == 30)
    #expect(abs(summary.latencyMicroseconds[1].value - 60) <= 2)
    #expect(abs(summary.latencyMicroseconds[2].value - 1000) <= 30)
    #expect(try scratch.workspace.trafficSummary(from: end, to: end).latencyMicroseconds.isEmpty)
  }

  @Test(arguments: [0, 1, 31, 32, 33, 63, 64, 65, 1000, 123_456, 99_999_999])
  func aLatencyIsKeptWithinThreePercent(value: Int) throws {
    let scratch = try Scratch()
    try scratch.workspace.predictionLog().append([record(0, latency: value)])
    let end = Timestamp(microseconds: Self.start.microseconds + 60_000_000)
    let summary = try scratch.workspace.trafficSummary(from: Self.start, to: end, quantiles: [0.5])
    #expect(abs(summary.latencyMicroseconds[0].value - Double(value)) <= 0.03 * Double(value))
  }

  @Test func manyRowsInBatches() throws {
    let scratch = try Scratch()
    let log = scratch.workspace.predictionLog()
    for batch in 0..<10 { try log.append((0..<1000).map { record(batch * 1000 + $0) }) }
    #expect(try scratch.workspace.predictionCount() == 10_000)
    var count = 0
    try scratch.workspace.forEachPrediction(matching: PredictionQuery(model: "churn")) { _ in count += 1 }
    #expect(count == 10_000)
  }
}

extension String {
  fileprivate func components(of part: String) -> Int {
    var count = 0
    var rest = self[...]
    while let range = rest.firstRange(of: part) {
      count += 1
      rest = rest[range.upperBound...]
    }
    return count
  }
}
