import Basics
import HTTP
import Storage

/// `/health/live`, `/health/ready`, `/metrics`.
struct HealthEndpoints {
  let workspace: Workspace
  let models: WarmModels
  let metrics: @Sendable () -> HTTPMetrics?

  var routes: [Route] {
    [
      Route(inline: .get, "/health/live", access: .open) { _ in .json(["status": "live"]) },
      Route(blocking: .get, "/health/ready", access: .open) { [workspace, models] _ in
        do {
          try models.refresh()
          _ = try workspace.aliasRevision()
        } catch {
          return .json(["status": "unavailable", "reason": .string("\(error)")], status: 503)
        }
        return .json(["status": "ready", "models": .array(models.names.map { .string($0) })])
      },
      Route(blocking: .get, "/metrics") { [self] _ in
        var text = PrometheusText()
        metrics()?.write(to: &text)
        try write(to: &text)
        return .text(text.description, type: PrometheusText.mediaType)
      },
    ]
  }

  private func write(to text: inout PrometheusText) throws {
    text.gauge("apus_resident_memory_bytes", "Memory in use.", [([], Double(Machine.residentMemoryBytes))])
    text.gauge(
      "apus_champion_version", "Version that answers.",
      try models.names.map { ([("model", $0)], Double(try models.model($0).version.version)) })
    text.counter(
      "apus_predictions_total", "Predictions in the log.",
      try models.names.map { ([("model", $0)], Double(try workspace.predictionCount(model: $0))) })
    var drift: [(labels: PrometheusText.Labels, value: Double)] = []
    for name in models.names {
      guard let window = try workspace.windows(model: name, limit: 1).first else { continue }
      for column in window.drift["columns"]?.arrayValue ?? [] {
        guard let label = column["name"]?.stringValue, let value = column["value"]?.doubleValue else { continue }
        drift.append(([("model", name), ("column", label)], value))
      }
    }
    text.gauge("apus_drift_distance", "Distance of the last window from training, 0 to 1.", drift)
    text.gauge(
      "apus_open_findings", "Findings nobody has closed.",
      [([], Double(try workspace.findings(states: [.open], limit: 1000).count))])
  }
}
