import Basics
import Frames
import Modeling
import Monitoring
import Testing

struct ProfileTests {
  @Test func windowOfTheReferenceRowsHasTheReferenceCounts() throws {
    let frame = try Streams.frame(3000, seed: 1)
    let predictions = try Streams.predictions(frame)
    let reference = try FrameProfile.reference(of: frame, predictions: predictions)
    let window = try Streams.window(on: reference, frame, predictions)
    #expect(window.counts.columns == reference.columns.map(\.counts))
    #expect(window.counts.predictions == reference.predictions.map(\.counts))
    #expect(reference.predictions.map(\.name) == ["prediction", "probability_yes"])
  }

  @Test func windowsMergeToTheSameBytesInAnyGrouping() throws {
    let reference = try FrameProfile.reference(of: Streams.frame(2000, seed: 2))
    let frame = try Streams.frame(700, seed: 3, shift: 1, levels: ["a", "new 1", "new 2", "new 3"])
    let whole = try Streams.window(on: reference, frame)
    var single = WindowProfile(on: reference)
    for row in (0..<700).reversed() { try single.add(frame.gathered([row])) }
    var merged = try Streams.window(on: reference, frame.gathered(Array(350..<700)))
    try merged.merge(Streams.window(on: reference, frame.gathered(Array(0..<350))))
    let bytes = try Configuration.encode(whole.counts).compact
    #expect(try Configuration.encode(single.counts).compact == bytes)
    #expect(try Configuration.encode(merged.counts).compact == bytes)
  }

  @Test func profilesAndWindowsRoundTrip() throws {
    let frame = try Streams.frame(500, seed: 4)
    let reference = try FrameProfile.reference(of: frame, predictions: Streams.predictions(frame))
    let json = try Configuration.encode(reference)
    let read = try Configuration.decode(FrameProfile.self, from: JSONValue(parsing: json.compact))
    #expect(read == reference)
    #expect(read.fingerprint == reference.fingerprint)
    #expect(json.holdsOnlyFiniteNumbers)
    let window = try Streams.window(on: reference, frame)
    let counts = try Configuration.decode(WindowCounts.self, from: Configuration.encode(window.counts))
    #expect(try WindowProfile(on: read, counts: counts) == window)
  }

  @Test func anyWorkerCountGivesTheSameProfile() throws {
    let frame = try Streams.frame(900, seed: 5)
    let serial = try FrameProfile.reference(of: frame)
    #expect(try FrameProfile.reference(of: frame, workers: Workers(count: 4)) == serial)
    let large = try Streams.frame(5000, seed: 6)
    var (one, four) = (WindowProfile(on: serial), WindowProfile(on: serial))
    for _ in 0..<2 {
      try one.add(large)
      try four.add(large, workers: Workers(count: 4))
    }
    #expect(one == four)
  }

  @Test func heavyTiesGetCellsOfTheirOwn() throws {
    let values = (0..<1000).map { $0 < 470 ? 40.0 : Double($0) / 7 }
    let profile = try #require(FrameProfile.reference(of: Frame([("x", Column(numbers: values))])).column("x"))
    guard case .numeric(let grid) = profile.grid else { throw MLError(.internalFailure, "numeric") }
    #expect(profile.counts.slots.contains(470))
    #expect(grid.bounds.count < 2 * NumericGrid.standardCellCount)
    let window = try Streams.window(
      on: FrameProfile.reference(of: Frame([("x", Column(numbers: values))])),
      Frame([("x", Column(numbers: [40, 40.0.nextDown, 40.0.nextUp, 40]))]))
    let heavy = try #require(profile.counts.slots.firstIndex(of: 470))
    #expect(window.counts.columns[0].slots[heavy] == 2)
  }

  @Test(arguments: [0, 1, 2, 300, 5000])
  func cellsHoldAboutEqualShares(_ rows: Int) throws {
    var stream = Seed(9).generator
    let values = (0..<rows).map { _ in stream.normal() * 1e6 }
    let profile = try #require(FrameProfile.reference(of: Frame([("x", Column(numbers: values))])).column("x"))
    #expect(profile.counts.slots.reduce(0, +) == Int64(rows))
    if rows == 5000 {
      #expect(profile.counts.slots.filter { $0 > 0 }.count > 120)
      #expect(profile.counts.slots.max() ?? 0 <= 41)
    }
    #expect(try Configuration.encode(profile).holdsOnlyFiniteNumbers)
  }

  @Test func extremesNeitherTrapNorLeaveNonFiniteNumbers() throws {
    let least = Double.leastNonzeroMagnitude
    let values: [Double] = [-.infinity, -1.7e308, -least, 0, -0.0, least, 1.7e308, .infinity, .nan]
    let frame = try Frame([
      ("x", Column(numbers: values)), ("i", Column(.integer([.min, .max, 0, 1, 2, 3, 4, 5, 6]))),
      ("none", Column(.number(values.map { _ in 0 }), validity: Validity(repeating: false, count: 9))),
    ])
    let reference = try FrameProfile.reference(of: frame)
    let counts = try #require(reference.column("x")).counts
    #expect(counts.slots.first == 1 && counts.slots.last == 1 && counts.missingCount == 1)
    #expect(try Configuration.encode(reference).compact.contains("null") == false)
    let report = try Drift.compare(Streams.window(on: reference, frame))
    #expect(report.json.holdsOnlyFiniteNumbers)
    #expect(try Configuration.decode(FrameProfile.self, from: Configuration.encode(reference)) == reference)
  }

  @Test func meanAndVarianceAgreeWithNumpy() throws {
    let golden = try Golden.load()["moments"]
    let levels = Streams.uniform(6000).enumerated().map { $1 + ($0 < 2000 ? 0 : $0 < 4000 ? 0.8 : -0.5) }
    let profile = try #require(FrameProfile.reference(of: Frame([("x", Column(numbers: levels))])).column("x"))
    let mean = try #require(golden?["mean"]?.doubleValue)
    let variance = try #require(golden?["variance"]?.doubleValue)
    #expect(abs((profile.mean ?? 0) - mean) < 1e-9)
    #expect(abs((profile.variance ?? 0) - variance) < 1e-9)
  }

  @Test func manyLevelsShareACellAndNewOnesAreNamed() throws {
    let known = (0..<3000).map { "level \($0 % 1000)" }
    let reference = try FrameProfile.reference(of: Frame([("x", Column(categories: known))]))
    #expect(reference.columns[0].counts.slots.count == LevelGrid.cellLimit + 2)
    let now = ["level 999", "level 0", "unheard", "unheard", "of"]
    let window = try Streams.window(on: reference, Frame([("x", Column(categories: now))]))
    let counts = window.counts.columns[0]
    #expect(counts.slots.last == 3)
    #expect(counts.newNames?.names.map(\.name) == ["unheard", "of"])
    #expect(counts.newNames?.names.map(\.count) == [2, 1])
  }

  @Test func namesStayBoundedAndTheirNumberIsEstimated() throws {
    let reference = try FrameProfile.reference(of: Frame([("x", Column(categories: ["a", "b"]))]))
    let window = try Streams.window(
      on: reference, Frame([("x", Column(categories: (0..<5000).map { "id \($0)" }))]))
    let names = try #require(window.counts.columns[0].newNames)
    #expect(names.names.count == 64)
    #expect(3500...6500 ~= names.distinctCount)
  }

  @Test func codesOfAnotherDictionaryAreMatchedByName() throws {
    let reference = try FrameProfile.reference(of: Frame([("x", Column(categories: ["a", "b", "b"]))]))
    let window = try Streams.window(on: reference, Frame([("x", Column(categories: ["b", "b", "a"]))]))
    #expect(window.counts.columns[0].slots == reference.columns[0].counts.slots)
  }

  @Test func wrongBatchesAreRefusedAndLeaveTheWindowAsItWas() throws {
    let frame = try Streams.frame(50, seed: 6)
    let predictions = try Streams.predictions(frame)
    var window = WindowProfile(on: try FrameProfile.reference(of: frame, predictions: predictions))
    let empty = window
    #expect(throws: MLError.self) { try window.add(frame.removing(["tied"])) }
    #expect(throws: MLError.self) { try window.add(frame, predictions: predictions.gathered([1, 2])) }
    #expect(throws: MLError.self) {
      try window.add(frame, predictions: Predictions(.values([Double](repeating: 1, count: 50))))
    }
    let texts = Column(.text([String](repeating: "x", count: 50)))
    #expect(throws: MLError.self) { try window.add(frame.setting(Field("normal", .text), texts)) }
    #expect(window == empty)
  }

  @Test func batchesMayHoldTheirColumnsInAnyOrder() throws {
    let frame = try Streams.frame(80, seed: 26)
    let reference = try FrameProfile.reference(of: frame)
    let turned = try frame.selecting(frame.schema.names.reversed())
    #expect(try Streams.window(on: reference, turned) == Streams.window(on: reference, frame))
  }

  @Test func windowsOfAnotherReferenceAreRefused() throws {
    let one = try FrameProfile.reference(of: Streams.frame(300, seed: 7))
    let other = try FrameProfile.reference(of: Streams.frame(300, seed: 8))
    var window = WindowProfile(on: one)
    #expect(throws: MLError.self) { try window.merge(WindowProfile(on: other)) }
  }

  @Test func damagedProfilesAreRefusedWithoutTrapping() throws {
    let reference = try FrameProfile.reference(of: Streams.frame(60, seed: 10))
    let text = try Configuration.encode(reference).compact
    for (from, to) in [
      ("\"rows\":60", "\"rows\":-1"), ("\"slots\":[0", "\"slots\":[5"),
      ("\"schema_version\":1", "\"schema_version\":2"), ("\"bounds\":[", "\"bounds\":[1e300,"),
      ("\"names\":[\"false\"", "\"names\":[\"true\""), ("\"open\":[", "\"open\":[-1"),
      ("\"sum\":\"", "\"sum\":\"x"),
    ] {
      let damaged = text.replacing(from, with: to)
      #expect(damaged != text, "\(from)")
      #expect(throws: MLError.self, "\(from)") {
        try Configuration.decode(FrameProfile.self, from: JSONValue(parsing: damaged))
      }
    }
  }
}
