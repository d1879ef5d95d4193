import Basics
import HTTP
import Storage

/// `POST /api/v1/feedback`: `{"feedback": [{"prediction_id", "truth"}]}`; kept when the reply is sent.
struct FeedbackEndpoint {
  let workspace: Workspace

  var route: Route {
    Route(blocking: .post, "/api/v1/feedback", maximumBodyBytes: 32 << 20, access: .role(.annotator)) {
      [workspace] request in
      let body = try request.json()
      guard let list = body["feedback"]?.arrayValue ?? body.arrayValue else {
        throw MLError(
          .invalidData, "request: 'feedback' must be a list.",
          hint: #"Send {"feedback": [{"prediction_id": "…", "truth": "…"}]}."#, field: "feedback")
      }
      let entries = try list.enumerated().map { index, entry -> FeedbackEntry in
        guard let id = entry["prediction_id"]?.stringValue, !id.isEmpty else {
          throw MLError(
            .invalidData, "request: 'prediction_id' must be a text (entry \(index + 1)).",
            hint: "Use the ids that predict replies carry.", field: "prediction_id")
        }
        guard let truth = entry["truth"].flatMap(Outcome.init(json:)) else {
          throw MLError(
            .invalidData, "request: 'truth' must be a text or a number (entry \(index + 1)).", field: "truth")
        }
        return FeedbackEntry(predictionID: id, truth: truth)
      }
      return .json(try workspace.addFeedback(entries).json)
    }
  }
}
