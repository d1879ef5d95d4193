import Basics
import Foundation
import Frames
import Lifecycle
import Storage

/// A workspace in a folder of its own and small tables to learn from.
struct Bench {
  let folder: String
  let workspace: Workspace
  let context: LifecycleContext

  init(seed: UInt64 = 1, threads: Int = 2) throws {
    folder = try FileSystem.temporaryDirectory(prefix: "apus-lifecycle")
    workspace = try Workspace.open(at: folder + "/.apus", create: true)
    context = LifecycleContext(workers: Workers(count: threads), seed: Seed(seed), actor: "test")
  }

  /// A learnable table: two numbers, a category, dirt; `churned` depends on them.
  func table(_ name: String, rows: Int, seed: UInt64 = 3, shuffled: Bool = false) throws -> String {
    var random = RandomStream(Seed(seed))
    var lines = ["age,plan,spend,churned"]
    var truths: [String] = []
    var features: [String] = []
    for _ in 0..<rows {
      let age = 18 + random.index(below: 60)
      let plan = ["basic", "plus", "\"pro, max\""][random.index(below: 3)]
      let spend = random.uniform() * 100
      let missing = random.index(below: 12) == 0
      let score = Double(age - 45) / 12 + (plan == "basic" ? 1.2 : -0.6) + (spend - 50) / 30 + random.normal() * 0.6
      truths.append(score > 0 ? "yes" : "no")
      features.append("\(age),\(plan),\(missing ? "" : NumberText.shortest((spend * 100).rounded() / 100))")
    }
    if shuffled { truths = truths.shuffled(using: &random) }
    for (row, truth) in zip(features, truths) { lines.append("\(row),\(truth)") }
    let path = "\(folder)/\(name)"
    try FileSystem.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: path)
    return path
  }

  func request(_ path: String, model: String = "churn") -> TrainRequest {
    var project = ProjectFile(project: model)
    project.objective.target = "churned"
    project.training.budget = .trials(3)
    project.training.folds = 3
    return TrainRequest(project: project, model: model, data: .files([path]))
  }

  func remove() { try? FileSystem.remove(folder) }
}
