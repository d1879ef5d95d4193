import Basics
import Evaluation
import Tuning

extension Trainer {
  /// Limits on latency and size as checks of the gate.
  static func limits(_ constraints: TrainingConstraints) throws -> [Guardrail] {
    var out: [Guardrail] = []
    if let limit = constraints.rowMicroseconds {
      out.append(.goal(try Goal(metric: "latency_p50_ms", comparison: .atMost, limit: limit / 1000, point: true)))
    }
    if let limit = constraints.sizeBytes {
      out.append(.goal(try Goal(metric: "size_bytes", comparison: .atMost, limit: Double(limit), point: true)))
    }
    return out
  }

  /// - Throws: `.invalidParameter` when limits, preference or mitigation are asked of a task that has no search.
  static func checkTask(_ task: Basics.Task, _ project: ProjectFile) throws {
    let objective = project.objective
    let asked: String? =
      !objective.constraints.isEmpty
      ? "constraints"
      : objective.preference != .accuracy ? "prefer" : project.fairness.mitigation.map { _ in "mitigate" }
    guard let asked else { return }
    throw MLError(
      .invalidParameter, "train: '\(asked)' is for classification and regression; the task is \(task.rawValue).",
      hint: "Leave it out.", field: asked)
  }
}
