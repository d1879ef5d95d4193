import Basics
import Checks
import Frames
import Modeling
import Testing
import Transforms

@Suite struct TimeTests {
  static let statistics = ["mean", "sd", "min", "max", "median", "slope", "count"]
  static let hour: Int64 = 3_600_000_000
  static let start: Int64 = 1_700_000_000_000_000

  /// Hours after the start, who, and a value.
  static func frame(_ rows: [(hour: Double, who: String, value: Double)]) throws -> Frame {
    try Frame([
      ("time", Column(.timestamp(rows.map { start + Int64($0.hour * Double(hour)) }))),
      ("sensor", Column(categories: rows.map(\.who))),
      ("value", Column(numbers: rows.map(\.value))),
    ])
  }

  private func values(_ frame: Frame, _ name: String) throws -> [Double?] {
    let column = try frame.column(name)
    return (column.doubles ?? []).indices.map { column.isPresent($0) ? column.doubles?[$0] : nil }
  }

  static let train: [(hour: Double, who: String, value: Double)] = [
    (0, "a", 1), (1, "a", 2), (2, "a", 4), (0, "b", 10), (1, "b", 20),
  ]

  @Test func lagsStayWithTheirEntity() throws {
    var lags = Lags()
    lags.lags = ["1", "2h"]
    let (fitted, made) = try lags.fitTransform(Self.frame(Self.train), target: nil, in: FitContext())
    #expect(try values(made, "value_lag_1") == [nil, 1, 2, nil, 10])
    #expect(try values(made, "value_lag_2h") == [nil, nil, 1, nil, nil])
    #expect(try made.column("value") == Self.frame(Self.train).column("value"))
    let next = try fitted.transform(Self.frame([(4, "b", 40), (3, "a", 8), (3, "b", 30), (3, "new", 5), (4, "a", 16)]))
    #expect(try values(next, "value_lag_1") == [30, 4, 20, nil, 8])
    #expect(try values(next, "value_lag_2h") == [20, 2, 20, nil, 4])
  }

  /// Whatever later rows hold, and however the batch is ordered, what is made for a row stays.
  @Test func nothingLooksAhead() throws {
    var random = Seed(8).generator
    var rows = (0..<60).map { (hour: Double($0 / 2), who: $0 % 2 == 0 ? "a" : "b", value: random.normal()) }
    var rolling = RollingStatistics()
    (rolling.windows, rolling.statistics) = (["3", "6h"], Self.statistics)
    var bands = FourierBands()
    (bands.window, bands.bandCount) = ("8", 2)
    for step in [Lags(), rolling, bands] as [any Transform] {
      func made<T: Transform>(_ step: T, _ rows: [(hour: Double, who: String, value: Double)]) throws -> Frame {
        try step.fit(Self.frame(Array(Self.train)), target: nil, in: FitContext()).transform(Self.frame(rows))
      }
      let whole = try made(step, rows)
      let cut = try made(step, Array(rows[..<40]))
      #expect(try whole.gathered(Array(0..<40)).columns.dropFirst(2) == cut.columns.dropFirst(2))
      let order = Array((0..<60).reversed())
      #expect(try made(step, order.map { rows[$0] }).gathered(order).columns.dropFirst(2) == whole.columns.dropFirst(2))
    }
    // A row's own value does not reach its lags.
    rows[59].value = 1e6
    let changed = try Lags().fit(Self.frame(Self.train), target: nil, in: FitContext()).transform(Self.frame(rows))
    #expect(try (values(changed, "value_lag_1")[59] ?? 0) < 100)
  }

  @Test func whatIsKnownLaterIsRemoved() throws {
    var lags = Lags()
    (lags.columns, lags.lags, lags.knownLater) = (["value"], ["1"], ["value"])
    let (fitted, made) = try lags.fitTransform(Self.frame(Self.train), target: nil, in: FitContext())
    #expect(made.schema.names == ["time", "sensor", "value_lag_1"] && fitted.output["value"] == nil)
    var rolling = RollingStatistics()
    (rolling.columns, rolling.knownLater, rolling.includeCurrent) = (["value"], ["value"], true)
    (rolling.windows, rolling.statistics) = (["2"], ["mean"])
    let mean = try rolling.fitTransform(Self.frame(Self.train), target: nil, in: FitContext()).1
    #expect(try values(mean, "value_mean_2") == [nil, 1, 1.5, nil, 10])
    #expect(mean.schema["value"] == nil)
  }

  @Test func tooOldIsMissing() throws {
    var lags = Lags()
    (lags.lags, lags.maximumAge) = (["1"], 7200)
    let fitted = try lags.fit(Self.frame(Self.train), target: nil, in: FitContext())
    #expect(try values(fitted.transform(Self.frame([(4, "a", 0), (9, "b", 0)])), "value_lag_1") == [4, nil])
  }

  @Test func statisticsOfAWindow() throws {
    let rows = [(0.0, 1.0), (1, 5), (2, 3), (3, 9)].map { (hour: $0.0, who: "a", value: $0.1) }
    var rolling = RollingStatistics()
    (rolling.windows, rolling.statistics) = (["3"], Self.statistics)
    let made = try rolling.fitTransform(Self.frame(rows), target: nil, in: FitContext()).1
    #expect(try values(made, "value_mean_3")[3] == 3)
    #expect(try values(made, "value_median_3")[3] == 3)
    #expect(try values(made, "value_sd_3")[3] == 2)
    #expect(try values(made, "value_min_3")[3] == 1 && values(made, "value_max_3")[3] == 5)
    #expect(try abs((values(made, "value_slope_3")[3] ?? 0) * 3600 - 1) < 1e-12)
    #expect(try values(made, "value_count_3") == [0, 1, 2, 3])
    rolling.includeCurrent = true
    let own = try rolling.fitTransform(Self.frame(rows), target: nil, in: FitContext()).1
    #expect(try values(own, "value_max_3")[3] == 9 && values(own, "value_count_3") == [1, 2, 3, 3])
  }

  @Test func bandsHoldTheVariance() throws {
    var random = Seed(2).generator
    let window = (0..<64).map { 3 * Mathematics.cos(2 * .pi * 5 * Double($0) / 64) + 0.5 * random.normal() }
    var bands = FourierBands()
    (bands.window, bands.bandCount) = ("64", 32)
    let rows = window.enumerated().map { (hour: Double($0), who: "a", value: $1) }
    let made = try bands.fitTransform(Self.frame(rows), target: nil, in: FitContext()).1
    #expect(try values(made, "value_band_1")[62] == nil)
    let energies = try (1...32).map { try values(made, "value_band_\($0)")[63] ?? .nan }
    let mean = window.reduce(0, +) / 64
    let variance = window.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 64
    #expect(abs(energies.reduce(0, +) - variance) < 1e-10)
    #expect(energies.max() == energies[4] && abs(energies[4] - 4.5) < 1.5)
    for (frequency, energy) in energies.enumerated().prefix(31) {
      var (real, imaginary) = (0.0, 0.0)
      for (place, value) in window.enumerated() {
        let angle = 2 * .pi * Double((frequency + 1) * place) / 64
        real += value * Mathematics.cos(angle)
        imaginary += value * Mathematics.sin(angle)
      }
      #expect(abs(energy - 2 * (real * real + imaginary * imaginary) / 4096) < 1e-10)
    }
  }

  @Test func settingsAreChecked() throws {
    var lags = Lags()
    lags.lags = ["1 week"]
    #expect { try lags.fit(Self.frame(Self.train), target: nil, in: FitContext()) } throws: {
      ($0 as? MLError)?.field == "lags"
    }
    var rolling = RollingStatistics()
    rolling.statistics = ["men"]
    #expect { try rolling.fit(Self.frame(Self.train), target: nil, in: FitContext()) } throws: {
      ($0 as? MLError)?.hint == "Did you mean 'mean'?"
    }
    var named = Lags()
    named.columns = ["number"]
    let untimed = try Frame([("number", Column(numbers: [1, 2]))])
    #expect { try named.fit(untimed, target: nil, in: FitContext()) } throws: {
      ($0 as? MLError)?.code == .schemaMismatch
    }
  }

  @Test func keepTheCatalogSuite() throws {
    for type in [Lags.self, RollingStatistics.self, FourierBands.self] as [any Transform.Type] {
      for subject in TransformSubject.subjects(of: type) {
        for check in TransformSuite.checks {
          #expect(throws: Never.self, "\(subject): \(check.name)") { try check.run(subject) }
        }
      }
    }
  }

  /// Past outcomes as features make a drifting, sticky outcome predictable where other columns say nothing.
  @Test func pastOutcomesAreFeatures() throws {
    var random = Seed(6).generator
    var state = 0.0
    let rows = (0..<400).map { row -> (hour: Double, who: String, value: Double) in
      if random.uniform() < 0.1 { state = 1 - state }
      return (Double(row), "a", state)
    }
    var lags = Lags()
    (lags.columns, lags.knownLater, lags.lags) = (["value"], ["value"], ["1"])
    let fitted = try lags.fit(Self.frame(Array(rows[..<300])), target: nil, in: FitContext())
    let late = try values(fitted.transform(Self.frame(Array(rows[300...]))), "value_lag_1")
    let hits = zip(late, rows[300...]).count { $0 == $1.value }
    #expect(hits > 80 && late[0] == rows[299].value)
  }
}
