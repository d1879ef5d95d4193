import Basics
import Monitoring
import Testing

struct DetectorTests {
  private static let u = Streams.uniform(6000)
  private static let errors = u.enumerated().map { $1 < ($0 < 3000 ? 0.1 : 0.3) ? 1.0 : 0.0 }
  private static let levels = u.enumerated().map { $1 + ($0 < 2000 ? 0 : $0 < 4000 ? 0.8 : -0.5) }

  private func alarms(_ detector: some DriftDetector, _ stream: [Double]) -> [Int] {
    var detector = detector
    return stream.indices.filter { detector.update(with: stream[$0]) == .drift }
  }

  @Test func alarmsFallWhereRiverHasThem() throws {
    for (key, stream) in [("adwin_errors", Self.errors), ("adwin_levels", Self.levels)] {
      var detector = ADWIN()
      var (found, widths): ([Int], [Int]) = ([], [])
      for (index, value) in stream.enumerated() where detector.update(with: value) == .drift {
        found.append(index)
        widths.append(detector.windowWidth)
      }
      #expect(try found == Golden.integers(key, "alarms"))
      #expect(try widths == Golden.integers(key, "widths"))
    }
    var test = PageHinkley()
    #expect(try alarms(test, Self.levels) == Golden.integers("page_hinkley_levels"))
    test.direction = .up
    #expect(try alarms(test, Self.levels) == Golden.integers("page_hinkley_up"))
    test = PageHinkley()
    test.threshold = 30
    #expect(try alarms(test, Self.errors) == Golden.integers("page_hinkley_errors"))
  }

  @Test func stillStreamsStayQuiet() {
    var counts = (adwin: 0, test: 0)
    for seed in 0..<20 {
      let stream = Streams.uniform(4000, seed: UInt64(seed) << 32).map { $0 < 0.2 ? 1.0 : 0.0 }
      counts.adwin += alarms(ADWIN(), stream).count
      counts.test += alarms(PageHinkley(), stream).count
    }
    #expect(counts.adwin == 0)
    #expect(counts.test <= 2, "Page–Hinkley promises no rate; its default lets one in twenty such streams alarm")
  }

  @Test(arguments: MonitoringCatalog.detectors.names)
  func detectorsSurviveStorageAndStrangeValues(_ name: String) throws {
    func check<D: DriftDetector>(_ detector: D) throws {
      var detector = detector
      let states = Self.errors.map { detector.update(with: $0) }
      var half = D()
      for value in Self.errors[..<3100] { _ = half.update(with: value) }
      var read = try Configuration.decode(D.self, from: Configuration.encode(half))
      #expect(read.update(with: .nan) == .stable && read.update(with: .infinity) == .stable)
      #expect(Self.errors[3100...].map { read.update(with: $0) } == Array(states[3100...]))
    }
    try check(MonitoringCatalog.detector(name))
    #expect(throws: MLError.self) { try MonitoringCatalog.detector(name, settings: ["nonsense": 1]) }
    #expect(throws: MLError.self) { try MonitoringCatalog.detector("adwinn") }
  }

  @Test func settingsReachTheDetector() throws {
    let test = try #require(
      MonitoringCatalog.detector("page-hinkley", settings: ["threshold": 5, "direction": "down"]) as? PageHinkley)
    #expect(test.threshold == 5 && test.direction == .down)
    #expect(throws: MLError.self) { try MonitoringCatalog.detector("adwin", settings: ["confidence": 2]) }
  }
}
