import Basics
import Frames
import Modeling
import Monitoring
import Testing

struct PerformanceTests {
  private func window(_ value: Double, _ spread: Double, rows: Int, higher: Bool = true) -> PerformanceWindow {
    PerformanceWindow(
      metric: "roc_auc", higherIsBetter: higher,
      realised: MetricReading(value: value, low: value - spread, high: value + spread, rowCount: rows),
      promised: MetricReading(value: 0.9, low: 0.88, high: 0.92, rowCount: 2000))
  }

  @Test func verdictsFollowTheIntervals() {
    #expect(window(0.87, 0.02, rows: 300).verdict == .within)
    #expect(window(0.80, 0.02, rows: 300).verdict == .below)
    #expect(window(0.80, 0.02, rows: 300, higher: false).verdict == .above)
    #expect(window(0.97, 0.02, rows: 300).verdict == .above)
    #expect(window(0.50, 0.02, rows: 49).verdict == .notEnoughLabels)
    #expect(window(0.80, 0.02, rows: 300).finding(model: "m")?.severity == .critical)
    #expect(window(0.87, 0.02, rows: 300).finding(model: "m") == nil)
    #expect(window(0.80, 0.02, rows: 300).sentence.contains("0.800 (0.780 … 0.820) on 300 labelled rows is worse"))
  }

  /// Labels drawn from the probabilities themselves: the estimate must be right, within its own interval.
  @Test func estimateAgreesWithWhatHappensWhenProbabilitiesAreRight() throws {
    let frame = try Streams.frame(4000, seed: 1)
    let reference = try FrameProfile.reference(of: frame, predictions: Streams.predictions(frame))
    let now = try Streams.frame(4000, seed: 2, shift: 1)
    let predictions = try Streams.predictions(now)
    let estimate = try #require(PerformanceEstimate(Streams.window(on: reference, now, predictions)))
    let p = try #require(predictions.probabilities(ofClass: 1))
    let labels = zip(p, Streams.uniform(4000, seed: 3)).map { $1 < $0 }
    let right = zip(p, labels).count { ($0 > 0.5) == $1 }
    #expect(estimate.accuracy.low...estimate.accuracy.high ~= Double(right) / 4000)
    let loss = zip(p, labels).reduce(0) { $0 - Mathematics.log($1.1 ? $1.0 : 1 - $1.0) } / 4000
    #expect(abs(estimate.logLoss - loss) < 0.02)
    let auc = try #require(PerformanceEstimate.rocAUC(p))
    #expect(abs(auc - Self.auc(p, labels)) < 0.02)
    #expect(estimate.caveat.contains("only labels"))
    #expect(estimate.json.holdsOnlyFiniteNumbers)
  }

  private static func auc(_ p: [Double], _ labels: [Bool]) -> Double {
    let ranked = zip(p, labels).sorted { $0.0 < $1.0 }
    var (negatives, wins) = (0.0, 0.0)
    for (_, label) in ranked { if label { wins += negatives } else { negatives += 1 } }
    return wins / (negatives * (Double(p.count) - negatives))
  }

  @Test func areaOfTheExample() throws {
    #expect(abs(try #require(PerformanceEstimate.rocAUC([0.9, 0.6, 0.2])) - 0.8167) < 5e-5)
    #expect(PerformanceEstimate.rocAUC([]) == nil)
    #expect(PerformanceEstimate.rocAUC([1, 1]) == nil)
    #expect(PerformanceEstimate.rocAUC([0.5, 0.5]) == 0.5)
  }

  @Test func regressionHasNoEstimate() throws {
    let frame = try Streams.frame(100, seed: 4)
    let values = Predictions(.values(try frame.column("normal").doubles ?? []))
    let reference = try FrameProfile.reference(of: frame, predictions: values)
    #expect(PerformanceEstimate(try Streams.window(on: reference, frame, values)) == nil)
  }
}
