import Basics
import Evaluation
package import Lifecycle
import Modeling
import Monitoring
package import Storage

/// Judges served traffic window by window and keeps windows and findings; everything is worked out from the prediction
/// log, so a restart loses nothing.
package struct WindowKeeper: Sendable {
  let workspace: Workspace
  let context: LifecycleContext
  let windowSeconds: Int

  /// Windows of `windowSeconds` of the traffic in `workspace`.
  package init(workspace: Workspace, context: LifecycleContext, windowSeconds: Int) {
    self.workspace = workspace
    self.context = context
    self.windowSeconds = windowSeconds
  }

  /// Judges the present window of every champion that had traffic in it.
  ///
  /// - Returns: findings that are new.
  @discardableResult
  package func judgeAll(_ models: WarmModels) throws -> [FindingRecord] {
    var fresh: [FindingRecord] = []
    for name in models.names {
      let model = try models.model(name)
      fresh += try judge(
        LoadedModel(archive: model.archive, version: model.version, reference: model.version.reference))
    }
    return fresh
  }

  /// Judges the window of `model` that the present instant lies in; a window just ended is judged once more in full.
  @discardableResult
  package func judge(_ model: LoadedModel) throws -> [FindingRecord] {
    guard let version = model.version else { return [] }
    let width = Int64(windowSeconds) * 1_000_000
    let now = context.clock.now().microseconds
    let start = now / width * width
    var fresh: [FindingRecord] = []
    for from in [start - width, start] {
      let range = (Timestamp(microseconds: from), Timestamp(microseconds: from + width))
      let count = try workspace.trafficSummary(
        model: version.model, version: version.version, from: range.0, to: range.1
      ).count
      guard count > 0 else { continue }
      let known = try workspace.windows(model: version.model, version: version.version, limit: 10)
        .first { $0.from == range.0 }
      if from != start, known?.rowCount == count { continue }
      let report = try Watching.traffic(of: model, in: workspace, from: range.0, to: range.1, context: context)
      guard report.drift.rowCount > 0 else { continue }
      fresh += try Watching.keep(report, of: version, from: range.0, to: range.1, in: workspace)
    }
    return fresh
  }
}
