import Basics
import HTTP
import Lifecycle

/// `POST /api/v1/models/{name}/predict`: one row or many, by column name; `?explain=true` adds what moved each
/// prediction (at most 100 rows), `?coverage=0.9` an interval or a set that holds so large a share of truths, and
/// `?abstain_below=0.8` leaves less probable decisions out.
struct PredictEndpoint {
  static let pattern = "/api/v1/models/{name}/predict"
  let service: PredictionService

  var route: Route {
    Route(.post, Self.pattern, maximumBodyBytes: 32 << 20) { [service] request in
      let bytes = try await service.reply(
        model: request.parameter("name"), body: request.body, endpoint: Self.pattern,
        explains: request.queryValue("explain") == "true",
        caution: Caution(
          coverage: number("coverage", request), abstainBelow: number("abstain_below", request)))
      return .json(bytes: bytes)
    }
  }

  private func number(_ name: String, _ request: HTTPRequest) throws -> Double? {
    guard let text = request.queryValue(name) else { return nil }
    guard let value = Double(text) else {
      throw MLError(
        .invalidParameter, "predict: '\(name)' must be a number; got '\(text)'.", hint: "Try 0.9.", field: name)
    }
    return value
  }
}
