import Basics
import Frames
import Modeling
import Monitoring
import Testing

struct ImpactTests {
  private func score(_ frame: Frame) throws -> Predictions { try Streams.predictions(frame) }

  @Test func onlyWhatTheModelReadsHasImpact() throws {
    let reference = try FrameProfile.reference(of: Streams.frame(4000, seed: 1))
    let now = try Streams.frame(600, seed: 2, shift: 1, levels: ["b", "a", "novel", "rare"])
    let impacts = try DriftImpact.measure(
      columns: ["level", "normal", "text", "absent"], window: now, reference: reference, seed: Seed(1), score: score)
    #expect(impacts.map(\.column) == ["level", "normal"])
    #expect(impacts[0].impact == 0)
    #expect(abs(impacts[1].impact - 0.18) < 0.03, "a step of 1 on the logistic scale near its middle")
    let again = try DriftImpact.measure(
      columns: ["normal"], window: now, reference: reference, seed: Seed(1), score: score)
    #expect(again[0].impact == impacts[1].impact)
  }

  @Test func restoredWindowsLookLikeTraining() throws {
    let frame = try Streams.frame(4000, seed: 3)
    let reference = try FrameProfile.reference(of: frame)
    var changed = try Streams.frame(1500, seed: 4, shift: 3, levels: ["c", "novel", "b", "x"])
    changed = try changed.setting(Field("tied", .number), Column(numbers: (0..<1500).map { $0 % 3 == 0 ? .nan : 90 }))
    changed = try changed.setting(Field("flag", .boolean), Column(.boolean((0..<1500).map { _ in true })))
    var seen: [Frame] = []
    _ = try DriftImpact.measure(
      columns: ["normal", "tied", "level", "flag"], window: changed, reference: reference, seed: Seed(5)
    ) { frame in
      seen.append(frame)
      return Predictions(.values([Double](repeating: 0, count: frame.rowCount)))
    }
    for (index, name) in ["normal", "tied", "level", "flag"].enumerated() {
      let report = try Drift.compare(Streams.window(on: reference, seen[index + 1]))
      let column = try #require(report.columns.first { $0.name == name })
      #expect(!column.drifted && column.low < 0.05, "\(name) \(column.value)")
    }
  }

  @Test func numbersAreMeasuredInStandardDeviationsOfPredictions() throws {
    let frame = try Streams.frame(3000, seed: 6)
    func double(_ frame: Frame) throws -> Predictions {
      Predictions(.values((try frame.column("normal").doubles ?? []).map { $0 * 50 }))
    }
    let reference = try FrameProfile.reference(of: frame, predictions: double(frame))
    let now = try Streams.frame(500, seed: 7, shift: 2)
    let impact = try DriftImpact.measure(
      columns: ["normal"], window: now, reference: reference, seed: Seed(0), score: double)
    #expect(abs(impact[0].impact - 2) < 0.15)
  }

  @Test func withoutRowsImportanceRanks() throws {
    let reference = try FrameProfile.reference(of: Streams.frame(1000, seed: 8))
    var report = try Drift.compare(
      Streams.window(on: reference, Streams.frame(500, seed: 9, shift: 1, levels: ["c", "a", "b", "rare"])))
    report.rank(by: DriftImpact.estimate(report.columns, importance: ["normal": 0.05, "level": 0.9]))
    #expect(report.columns.prefix(2).map(\.name) == ["level", "normal"])
    #expect(report.findings.first { $0.subject == "level" }?.evidence["impact"]?.doubleValue ?? 0 > 0)
  }
}
