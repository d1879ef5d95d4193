import Basics
import Lifecycle
import Serving
import Storage
import Testing

/// What the server answers to rows, and what it keeps of that.
@Suite struct PredictionServiceTests {
  @Test func repliesSayHowSureTheyAre() async throws {
    let folder = try FileSystem.temporaryDirectory(prefix: "apus-serving")
    defer { try? FileSystem.remove(folder) }
    let workspace = try Workspace.open(at: folder + "/.apus", create: true)
    var random = RandomStream(Seed(4))
    let lines =
      ["x,churned"]
      + (0..<300).map { _ in
        let x = random.normal()
        return "\(NumberText.shortest(x)),\(x + 0.7 * random.normal() > 0 ? "yes" : "no")"
      }
    let path = folder + "/rows.csv"
    try FileSystem.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: path)
    var project = ProjectFile(project: "churn")
    project.objective.target = "churned"
    project.training.algorithms = ["logistic-regression"]
    project.training.budget = .trials(1)
    let context = LifecycleContext(workers: .serial, actor: "test")
    _ = try Trainer(workspace: workspace, context: context)
      .run(TrainRequest(project: project, model: "churn", data: .files([path])))
    let models = WarmModels(workspace: workspace, registry: .standard)
    _ = try models.refresh()
    let writer = PredictionWriter(workspace.predictionLog())
    defer { writer.stop() }
    let service = PredictionService(models: models, writer: writer, clock: SystemClock())
    let body = Array(#"{"rows": [{"x": 5}, {"x": 0.02}]}"#.utf8)
    func reply(_ caution: Caution) async throws -> [JSONValue] {
      let bytes = try await service.reply(model: "churn", body: body, endpoint: "test", caution: caution)
      return try JSONValue(parsing: bytes)["predictions"]?.arrayValue ?? []
    }
    let plain = try await reply(Caution())
    #expect(plain[1]["set"] == nil && plain[1]["prediction"]?.stringValue != nil)
    let careful = try await reply(Caution(coverage: 0.95, abstainBelow: 0.8))
    #expect(careful[0]["prediction"]?.stringValue == "yes" && careful[0]["set"] == ["yes"])
    #expect(careful[1]["prediction"]?.isNull == true)
    #expect(Set((careful[1]["set"]?.arrayValue ?? []).compactMap(\.stringValue)) == ["no", "yes"])
    #expect(careful[1]["probability_yes"] == plain[1]["probability_yes"])
    await #expect(throws: MLError.self) { try await reply(Caution(coverage: 2)) }
  }
}
