package import HTTP
package import Lifecycle
import Foundation
package import Logging
package import Storage
import Synchronization

/// The server process: inference, feedback, health, metrics, and whatever pages are given; follows promotions and
/// judges
/// windows in the background.
package final class InferenceServer: Sendable {
  /// What scores and logs.
  package let models: WarmModels
  /// Judges windows.
  package let keeper: WindowKeeper
  private let server: HTTPServer
  private let writer: PredictionWriter
  private let logger: Logger

  /// Where the server's metrics can be found once it exists.
  private final class MetricsBox: Sendable {
    let value = Mutex<HTTPMetrics?>(nil)
  }

  /// - Parameters:
  ///   - pages: further routes, such as the dashboard.
  ///   - windowSeconds: length of a monitoring window.
  /// - Throws: `.invalidParameter` for an address other machines reach without authentication.
  package init(
    configuration: HTTPServerConfiguration, workspace: Workspace, context: LifecycleContext, pages: [Route],
    windowSeconds: Int, logger: Logger
  ) throws {
    models = WarmModels(workspace: workspace, registry: context.registry)
    writer = PredictionWriter(workspace.predictionLog())
    keeper = WindowKeeper(workspace: workspace, context: context, windowSeconds: windowSeconds)
    let service = PredictionService(models: models, writer: writer, clock: context.clock)
    let box = MetricsBox()
    let routes = Routes.all(workspace: workspace, models: models, service: service) { box.value.withLock { $0 } }
    server = try HTTPServer(configuration, routes: routes + pages, logger: logger)
    let metrics = server.metrics
    box.value.withLock { $0 = metrics }
    self.logger = logger
    try models.refresh(force: true)
  }

  /// Serves until cancelled or shut down; then answers what is running and commits what waits.
  ///
  /// - Parameter onStarted: called once with the port.
  /// - Throws: `.unavailable` when the port is in use.
  package func run(onStarted: @escaping @Sendable (Int) async -> Void) async throws {
    defer { writer.stop() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { [self] in try await server.run(onStarted: onStarted) }
      group.addTask { [self] in await follow() }
      group.addTask { [self] in await judge() }
      try await group.next()
      group.cancelAll()
    }
  }

  /// Stops listening and lets `run` return.
  package func shutdown() async { await server.shutdown() }

  /// Looks for a new champion every half second.
  private func follow() async {
    while !_Concurrency.Task.isCancelled {
      do {
        for reference in try models.refresh() {
          logger.info("model swapped in", metadata: ["model.version": "\(reference)"])
        }
      } catch {
        logger.error("aliases cannot be read", metadata: ["error": "\(error)"])
      }
      try? await _Concurrency.Task.sleep(for: .milliseconds(500))
    }
  }

  /// Judges the present windows every half minute.
  private func judge() async {
    while !_Concurrency.Task.isCancelled {
      try? await _Concurrency.Task.sleep(for: .seconds(30))
      if _Concurrency.Task.isCancelled { return }
      await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
        let thread = Thread { [keeper, models, logger] in
          do {
            for finding in try keeper.judgeAll(models) {
              logger.notice(
                "finding",
                metadata: [
                  "model": "\(finding.finding.model)", "kind": "\(finding.finding.kind)",
                  "subject": "\(finding.finding.subject)",
                ])
            }
          } catch {
            logger.error("windows cannot be judged", metadata: ["error": "\(error)"])
          }
          done.resume()
        }
        thread.stackSize = 8 << 20
        thread.start()
      }
    }
  }
}
