public import Basics

/// The truth for a prediction.
public struct FeedbackEntry: Sendable, Hashable {
  /// The prediction.
  public var predictionID: String
  /// What happened.
  public var truth: Outcome
  /// When it became known; the present when `nil`.
  public var receivedAt: Timestamp?

  /// Makes one.
  public init(predictionID: String, truth: Outcome, receivedAt: Timestamp? = nil) {
    self.predictionID = predictionID
    self.truth = truth
    self.receivedAt = receivedAt
  }
}

/// What became of a batch of feedback.
public struct FeedbackReceipt: Sendable, Hashable {
  /// New truths for known predictions.
  public var accepted: Int
  /// Truths that were already known and the same.
  public var repeated: Int
  /// Truths that replace another one; both are kept, the latest counts.
  public var corrected: Int
  /// Truths (among the three above) whose prediction is not in the log: kept, joined if it appears.
  public var unmatched: Int
  /// The first 100 ids of those.
  public var unmatchedIDs: [String]

  /// `{"accepted", "repeated", "corrected", "unmatched", "unmatched_ids"}`.
  public var json: JSONValue {
    .object([
      ("accepted", .integer(Int64(accepted))), ("repeated", .integer(Int64(repeated))),
      ("corrected", .integer(Int64(corrected))), ("unmatched", .integer(Int64(unmatched))),
      ("unmatched_ids", .array(unmatchedIDs.map { .string($0) })),
    ])
  }
}

/// One truth as it was received.
public struct FeedbackRevision: Sendable, Hashable {
  /// The prediction.
  public let predictionID: String
  /// Counted from 1; the highest counts.
  public let revision: Int
  /// What happened.
  public let truth: Outcome
  /// When it became known.
  public let receivedAt: Timestamp
}

/// A prediction and its truth.
public struct LabelledPrediction: Sendable, Hashable {
  /// The prediction.
  public let prediction: PredictionRecord
  /// The latest truth.
  public let truth: Outcome
  /// When that truth became known.
  public let receivedAt: Timestamp
}

/// Which labelled predictions to read; in the order they were predicted.
public struct LabelQuery: Sendable, Hashable {
  /// The model.
  public var model: String
  /// Only this version.
  public var version: Int?
  /// Only this role.
  public var role: AliasName?
  /// Predicted from this instant on.
  public var from: Timestamp?
  /// Predicted before this instant.
  public var to: Timestamp?
  /// Truth received after this instant.
  public var receivedAfter: Timestamp?
  /// At most so many, the newest predictions when there are more; `nil` for all.
  public var limit: Int?

  /// Makes one.
  public init(
    model: String, version: Int? = nil, role: AliasName? = nil, from: Timestamp? = nil, to: Timestamp? = nil,
    receivedAfter: Timestamp? = nil, limit: Int? = nil
  ) {
    self.model = model
    self.version = version
    self.role = role
    self.from = from
    self.to = to
    self.receivedAfter = receivedAfter
    self.limit = limit
  }
}
