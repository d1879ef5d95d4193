package import HTTP
package import Storage

/// Every address under `/api/v1`, the health checks and the metrics. One line an endpoint.
package enum Routes {
  /// Routes over one workspace.
  package static func all(
    workspace: Workspace, models: WarmModels, service: PredictionService,
    metrics: @escaping @Sendable () -> HTTPMetrics?
  ) -> [Route] {
    [PredictEndpoint(service: service).route, FeedbackEndpoint(workspace: workspace).route, OpenAPIEndpoint().route]
      + ModelsEndpoint(workspace: workspace, models: models).routes
      + HealthEndpoints(workspace: workspace, models: models, metrics: metrics).routes
  }
}
