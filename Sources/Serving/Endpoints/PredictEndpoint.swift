import HTTP

/// `POST /api/v1/models/{name}/predict`: one row or many, by column name; `?explain=true` adds what moved each
/// prediction (at most 100 rows).
struct PredictEndpoint {
  static let pattern = "/api/v1/models/{name}/predict"
  let service: PredictionService

  var route: Route {
    Route(.post, Self.pattern, maximumBodyBytes: 32 << 20) { [service] request in
      let bytes = try await service.reply(
        model: request.parameter("name"), body: request.body, endpoint: Self.pattern,
        explains: request.queryValue("explain") == "true")
      return .json(bytes: bytes)
    }
  }
}
