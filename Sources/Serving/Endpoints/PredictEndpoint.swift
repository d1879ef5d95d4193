import HTTP

/// `POST /api/v1/models/{name}/predict`: one row or many, by column name.
struct PredictEndpoint {
  static let pattern = "/api/v1/models/{name}/predict"
  let service: PredictionService

  var route: Route {
    Route(.post, Self.pattern, maximumBodyBytes: 32 << 20) { [service] request in
      let bytes = try await service.reply(
        model: request.parameter("name"), body: request.body, endpoint: Self.pattern)
      return .json(bytes: bytes)
    }
  }
}
