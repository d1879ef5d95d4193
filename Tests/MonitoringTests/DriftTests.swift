import Basics
import Frames
import Modeling
import Monitoring
import Testing

struct DriftTests {
  @Test func distanceAgreesWithScipy() throws {
    for entry in try #require(Golden.load()["jensen_shannon"]?.arrayValue) {
      let p = try #require(entry["p"]?.arrayValue).compactMap(\.doubleValue)
      let q = try #require(entry["q"]?.arrayValue).compactMap(\.doubleValue)
      let value = try #require(entry["value"]?.doubleValue)
      #expect(abs(JensenShannon.distance(p, q) - value) < 1e-12)
      #expect(JensenShannon.distance(q, p) == JensenShannon.distance(p, q))
    }
    #expect(abs(JensenShannon.distance([0.5, 0.5], [0.25, 0.75]) - 0.2209) < 5e-5)
    #expect(JensenShannon.distance([0, 0], [1, 2]) == 0)
  }

  @Test func wassersteinAndMeanShiftAgreeWithScipy() throws {
    let golden = try #require(Golden.load()["wasserstein"])
    let distance = try #require(golden["value"]?.doubleValue)
    let deviation = try #require(golden["sd"]?.doubleValue)
    let u = Streams.uniform(6000)
    let first = u[..<500].map { Int64(($0 * 20).rounded(.toNearestOrEven)) }
    let second = u[500..<900].map { Int64(($0 * 24).rounded(.toNearestOrEven)) - 1 }
    let reference = try FrameProfile.reference(of: Frame([("x", Column(.integer(first)))]))
    let report = try Drift.compare(Streams.window(on: reference, Frame([("x", Column(.integer(second)))])))
    let measured = try #require(report.columns[0].evidence.wasserstein)
    // Whole numbers fill a cell each, so only what lies outside the training range is spread.
    #expect(abs(measured - distance / deviation) < 0.03)
  }

  /// Coverage and false alarms on a still stream: every window is drawn from what the reference was drawn from.
  @Test(arguments: [200, 500])
  func stillStreamRaisesNoAlarm(_ rows: Int) throws {
    let frame = try Streams.frame(5000, seed: 100)
    let reference = try FrameProfile.reference(of: frame, predictions: Streams.predictions(frame))
    var (alarms, uncovered, intervals) = (0, 0, 0)
    for seed in 0..<40 {
      let now = try Streams.frame(rows, seed: 1000 + UInt64(seed))
      let report = try Drift.compare(Streams.window(on: reference, now, Streams.predictions(now)))
      if report.drift || report.findings.contains(where: { $0.severity > .info }) { alarms += 1 }
      intervals += report.columns.count
      uncovered += report.columns.count { $0.low > 0 }
    }
    #expect(alarms == 0)
    #expect(Double(uncovered) <= 0.05 * Double(intervals))
  }

  @Test func halfAStandardDeviationIsCaughtAndFollowsIntoThePredictions() throws {
    let frame = try Streams.frame(5000, seed: 11)
    let reference = try FrameProfile.reference(of: frame, predictions: Streams.predictions(frame))
    for seed in 0..<10 {
      let now = try Streams.frame(500, seed: 2000 + UInt64(seed), shift: 0.5)
      let report = try Drift.compare(Streams.window(on: reference, now, Streams.predictions(now)))
      #expect(report.state == .drifted)
      #expect(report.columns.filter(\.drifted).map(\.name).contains("normal"))
      let expected = ["normal", "prediction", "probability_yes"]
      #expect(report.columns.filter(\.drifted).allSatisfy { expected.contains($0.name) })
      let shift = try #require(report.columns[0].evidence.meanShift)
      #expect(abs(shift - 0.5) < 0.15)
    }
  }

  /// True distance of N(0, 1) and N(½, 1), by numerical integration: 0.2091.
  @Test func distanceDoesNotGrowAsWindowsShrink() throws {
    let reference = try FrameProfile.reference(of: Streams.frame(5000, seed: 12))
    for rows in [150, 600, 5000] {
      let values = try (0..<12).map { seed in
        let now = try Streams.frame(rows, seed: 3000 + UInt64(seed), shift: 0.5)
        return try Drift.compare(Streams.window(on: reference, now)).columns[0]
      }
      let mean = values.reduce(0) { $0 + $1.value } / Double(values.count)
      #expect(abs(mean - 0.2) < 0.035, "\(rows) rows: \(mean)")
      #expect(values.allSatisfy { $0.low <= $0.value && $0.value <= $0.high })
    }
  }

  @Test func harmlessDifferencesStayQuietHoweverManyRows() throws {
    let reference = try FrameProfile.reference(of: Streams.frame(20_000, seed: 13))
    let report = try Drift.compare(Streams.window(on: reference, Streams.frame(20_000, seed: 14, shift: 0.1)))
    #expect(report.state == .still)
    #expect(report.columns[0].low > 0, "the small difference is seen, and said to be small")
  }

  @Test func smallWindowsGetNoVerdict() throws {
    let reference = try FrameProfile.reference(of: Streams.frame(1000, seed: 15))
    let report = try Drift.compare(Streams.window(on: reference, Streams.frame(37, seed: 16, shift: 5)))
    #expect(report.sentence == "not enough rows yet: 37 of 100")
    #expect(report.state == .notEnoughRows && !report.drift)
    #expect(report.columns.allSatisfy { !$0.drifted })
    let empty = try Drift.compare(WindowProfile(on: reference))
    #expect(empty.columns.allSatisfy { $0.value == 0 && $0.low == 0 && $0.high == 1 })
    #expect(empty.json.holdsOnlyFiniteNumbers)
  }

  @Test func missingValuesAreDriftAndAFinding() throws {
    let frame = try Streams.frame(2000, seed: 17)
    let reference = try FrameProfile.reference(of: frame)
    let gone = Column(.number([Double](repeating: 0, count: 300)), validity: Validity(repeating: false, count: 300))
    let now = try Streams.frame(300, seed: 18).setting(Field("normal", .number), gone)
    let report = try Drift.compare(Streams.window(on: reference, now))
    #expect(report.columns.filter(\.drifted).map(\.name) == ["normal"])
    #expect(report.columns[0].value > 0.95)
    let finding = try #require(report.findings.first { $0.kind == "missing-values" })
    #expect(finding.severity == .critical && finding.message.contains("300 of 300"))
  }

  @Test func newCategoriesAreCountedAndNamedInTheEvidence() throws {
    let reference = try FrameProfile.reference(of: Streams.frame(2000, seed: 19))
    let now = try Streams.frame(400, seed: 20, levels: ["a", "b", "novel", "rare"])
    let report = try Drift.compare(Streams.window(on: reference, now))
    #expect(report.columns.filter(\.drifted).map(\.name) == ["level"])
    let finding = try #require(report.findings.first { $0.kind == "new-categories" })
    #expect(finding.severity == .warning && !finding.message.contains("novel"))
    #expect(finding.evidence["names"]?[0]?["name"]?.stringValue == "novel")
  }

  @Test func highCardinalityDoesNotAlarmByItself() throws {
    func ids(_ start: Int, _ count: Int) throws -> Frame {
      try Frame([("id", Column(categories: (start..<start + count).map { "u\($0)" }))])
    }
    let reference = try FrameProfile.reference(of: ids(0, 2000))
    let report = try Drift.compare(Streams.window(on: reference, ids(2000, 500)))
    #expect(report.state == .still)
    #expect(report.findings.allSatisfy { $0.severity == .info })
  }

  @Test func valuesBetweenAndBeyondTheKnownOnesAreCaught() throws {
    let known = Column(numbers: (0..<1000).map { Double($0 % 3) })
    let reference = try FrameProfile.reference(of: Frame([("x", known)]))
    for strange in [0.5, 7, -4.0] {
      let now = Column(numbers: (0..<300).map { $0 % 10 == 0 ? strange : Double($0 % 3) })
      let report = try Drift.compare(Streams.window(on: reference, Frame([("x", now)])))
      #expect(report.drift, "\(strange)")
      #expect(report.findings.contains { $0.kind == "out-of-range" } == (strange != 0.5))
    }
  }

  @Test func constantAndTimestampColumnsStayQuiet() throws {
    func frame(_ day: Int64) throws -> Frame {
      try Frame([
        ("one", Column(numbers: [Double](repeating: 3, count: 200))),
        ("at", Column(.timestamp((0..<200).map { (day * 86_400 + $0) * 1_000_000 }))),
      ])
    }
    let report = try Drift.compare(Streams.window(on: FrameProfile.reference(of: frame(1)), frame(400)))
    #expect(report.state == .still)
    #expect(report.columns.map(\.distance) == ["jensen-shannon", "none"])
    #expect(report.columns.allSatisfy { $0.value == 0 })
    let changed = try Frame([
      ("one", Column(numbers: [Double](repeating: 4, count: 200))), ("at", frame(1).column("at")),
    ])
    #expect(try Drift.compare(Streams.window(on: FrameProfile.reference(of: frame(1)), changed)).drift)
  }

  @Test func jsonHasExactlyTheStableKeys() throws {
    let reference = try FrameProfile.reference(of: Streams.frame(300, seed: 21))
    var report = try Drift.compare(Streams.window(on: reference, Streams.frame(300, seed: 22, shift: 2)))
    report.rank(by: ["normal": 0.25])
    let json = report.json
    #expect(json.objectValue?.map(\.0) == ["drift", "columns", "findings"])
    let keys = ["name", "kind", "distance", "value", "low", "high", "threshold", "drifted", "impact"]
    #expect(json["columns"]?[0]?.objectValue?.map(\.0) == keys)
    #expect(json["columns"]?[0]?["impact"]?.doubleValue == 0.25)
    #expect(json["columns"]?[1]?["impact"]?.isNull == true)
    #expect(json.holdsOnlyFiniteNumbers)
    #expect(try Configuration.decode(DriftReport.self, from: Configuration.encode(report)).columns == report.columns)
  }

  @Test func thresholdsCanBeSetByColumn() throws {
    let reference = try FrameProfile.reference(of: Streams.frame(3000, seed: 23))
    let window = try Streams.window(on: reference, Streams.frame(3000, seed: 24, shift: 0.5))
    var options = DriftOptions()
    options.thresholds = ["normal": 0.5]
    #expect(try Drift.compare(window).drift)
    #expect(try !Drift.compare(window, options: options).drift)
    options.threshold = 1.5
    #expect(throws: MLError.self) { try Drift.compare(window, options: options) }
  }
}
