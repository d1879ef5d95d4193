package import Basics
package import HTTP

/// Where pages get what they show.
package protocol DashboardSource: Sendable {
  /// What the overview shows.
  func overview() async throws -> OverviewPage.Model
  /// What the page of a model shows.
  ///
  /// - Throws: `MLError` `.notFound` with close names.
  func model(_ name: String) async throws -> ModelPage.Model
  /// What the page of a run shows.
  ///
  /// - Throws: `MLError` `.notFound` with close names.
  func run(_ id: String) async throws -> RunPage.Model
  /// The two documents of a run's report: the report itself and its analysis.
  ///
  /// - Throws: `MLError` `.notFound` for an unknown run, or one without a report.
  func report(_ id: String) async throws -> (report: JSONValue, analysis: JSONValue)
  /// A number that changes whenever something on the pages may have changed.
  func revision() async throws -> Int
}

/// The addresses of the dashboard.
package enum DashboardRoutes {
  /// Pages, their files, and the stream that tells a page when to read again.
  package static func all(_ source: any DashboardSource) -> [Route] {
    var routes = DashboardAsset.all.map { asset in
      Route(inline: .get, asset.path, access: .open) { request in
        .asset(asset.bytes, type: asset.type, tag: asset.tag, for: request)
      }
    }
    routes.append(Route(.get, "/") { _ in .page(OverviewPage(try await source.overview()).html) })
    routes.append(
      Route(.get, "/models/{name}") { request in
        .page(ModelPage(try await source.model(request.parameter("name"))).html)
      })
    routes.append(
      Route(.get, "/runs/{id}") { request in .page(RunPage(try await source.run(request.parameter("id"))).html) })
    routes.append(
      Route(.get, "/runs/{id}/report") { request in
        let documents = try await source.report(request.parameter("id"))
        return ReportPage.response(report: documents.report, analysis: documents.analysis)
      })
    routes.append(Route(.get, "/events") { _ in .events(changes(of: source, every: .seconds(2))) })
    return routes
  }

  /// The page of an error, for `HTTPServerConfiguration.errorPage`.
  package static func errorPage(_ error: MLError, status: Int) -> String { MessagePage(error, status: status).html }

  /// An event whenever the source's revision is another; ends when nobody listens any more.
  static func changes(of source: any DashboardSource, every interval: Duration) -> AsyncStream<ServerSentEvent> {
    AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
      let watching = _Concurrency.Task {
        var last: Int?
        while !_Concurrency.Task.isCancelled {
          // A source that fails now is asked again; the page it belongs to shows the error.
          if let revision = try? await source.revision() {
            if let last, last != revision { continuation.yield(ServerSentEvent("\(revision)", name: "changed")) }
            last = revision
          }
          try? await _Concurrency.Task.sleep(for: interval)
        }
      }
      continuation.onTermination = { _ in watching.cancel() }
    }
  }
}
