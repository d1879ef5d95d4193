import Basics
import Storage
import Testing

@Suite struct FeedbackTests {
  private func prediction(_ id: String, second: Int64, version: Int = 1) -> PredictionRecord {
    PredictionRecord(
      id: id, model: "churn", version: version, endpoint: "churn",
      time: Timestamp(microseconds: 1_700_000_000_000_000 + second * 1_000_000), features: "{}",
      prediction: .text("no"),
      probabilities: [0.7, 0.3], latencyMicroseconds: 50)
  }

  @Test func truthsAreJoinedLateRepeatedAndCorrected() throws {
    let scratch = try Scratch()
    let workspace = scratch.workspace
    try workspace.predictionLog().append(
      (1...4).map { prediction("p\($0)", second: Int64($0), version: $0 == 4 ? 2 : 1) })
    let first = try workspace.addFeedback([
      FeedbackEntry(predictionID: "p1", truth: .text("yes")), FeedbackEntry(predictionID: "p2", truth: .text("no")),
      FeedbackEntry(predictionID: "p4", truth: .number(1)),
    ])
    #expect(first.accepted == 3 && first.repeated == 0 && first.corrected == 0 && first.unmatched == 0)
    let between = scratch.clock.now()
    let second = try workspace.addFeedback([
      FeedbackEntry(predictionID: "p1", truth: .text("yes")), FeedbackEntry(predictionID: "p2", truth: .text("yes")),
    ])
    #expect(second.accepted == 0 && second.repeated == 1 && second.corrected == 1)
    let rows = try scratch.reopened().labelled(LabelQuery(model: "churn", version: 1))
    #expect(rows.map(\.prediction.id) == ["p1", "p2"] && rows.map(\.truth) == [.text("yes"), .text("yes")])
    #expect(rows[0].prediction == prediction("p1", second: 1))
    #expect(try workspace.feedback(for: "p2").map(\.truth) == [.text("no"), .text("yes")])
    #expect(try workspace.labelled(LabelQuery(model: "churn", receivedAfter: between)).map(\.prediction.id) == ["p2"])
    #expect(try workspace.labelled(LabelQuery(model: "churn", limit: 2)).map(\.prediction.id) == ["p2", "p4"])
    #expect(try workspace.labelledCount(LabelQuery(model: "churn")) == 3)
    #expect(try workspace.labelledCount(LabelQuery(model: "churn", from: prediction("", second: 2).time)) == 2)
    #expect(try workspace.labelledCount(LabelQuery(model: "churn", to: prediction("", second: 2).time)) == 1)
  }

  @Test func aTruthForAnUnknownPredictionIsKeptAndJoinedLater() throws {
    let scratch = try Scratch()
    let workspace = scratch.workspace
    let receipt = try workspace.addFeedback([FeedbackEntry(predictionID: "p9", truth: .number(2.5))])
    #expect(receipt.accepted == 1 && receipt.unmatched == 1 && receipt.unmatchedIDs == ["p9"])
    #expect(try workspace.unmatchedFeedbackCount() == 1)
    #expect(try workspace.unmatchedFeedback().map(\.truth) == [.number(2.5)])
    #expect(try workspace.labelled(LabelQuery(model: "churn")).isEmpty)
    try workspace.predictionLog().append([prediction("p9", second: 9)])
    #expect(try workspace.labelled(LabelQuery(model: "churn")).map(\.truth) == [.number(2.5)])
    #expect(try workspace.unmatchedFeedbackCount() == 0)
  }

  @Test func aRunCountsOnceEvenAfterACorrection() throws {
    let scratch = try Scratch()
    let old = [FeedbackEntry(predictionID: "p1", truth: .text("no"))]
    let receipt = try scratch.workspace.addFeedback(old, run: "f1")
    _ = try scratch.workspace.addFeedback([FeedbackEntry(predictionID: "p1", truth: .text("yes"))], run: "f2")
    #expect(try scratch.workspace.addFeedback(old, run: "f1") == receipt)
    #expect(try scratch.workspace.feedback(for: "p1").map(\.truth) == [.text("no"), .text("yes")])
    // Without a run, an old truth sent again is a correction back.
    #expect(try scratch.workspace.addFeedback(old).corrected == 1)
  }

  @Test func aBadTruthStopsTheWholeBatch() throws {
    let scratch = try Scratch()
    let good = FeedbackEntry(predictionID: "p1", truth: .text("no"))
    expect(.invalidData, "finite") {
      _ = try scratch.workspace.addFeedback([good, FeedbackEntry(predictionID: "p2", truth: .number(.infinity))])
    }
    expect(.invalidData, "prediction_id") {
      _ = try scratch.workspace.addFeedback([good, FeedbackEntry(predictionID: "", truth: .number(1))])
    }
    #expect(try scratch.workspace.feedback(for: "p1").isEmpty)
  }
}
