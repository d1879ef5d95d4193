import Basics
import Evaluation
import Lifecycle
import Testing

@Suite struct ProjectFileTests {
  @Test func readsWhatDesignShows() throws {
    let text = """
      project: churn
      objective:
        task: classification
        target: Churn
        positive: "Yes"
        goal: roc_auc >= 0.83
        costs: {false_positive: 5, false_negative: 60}
        guardrails:
          - recall >= 0.5
          - fairness: {metric: equal_opportunity, by: gender, at_most: 0.1}
      data:
        sources: [{csv: data/*.csv}]
        private: [name, email]
      split: {test: 0.25, by: auto}
      train: {algorithms: auto, folds: 4, trials: 9}
      gate: {must_beat: champion}
      watch: {window: 2h, drift: auto}
      retrain: {when: [drift, performance, "every 7d", 1000 labels], data: sliding 90d}
      """
    let project = try ProjectFile(parsing: text, origin: "apus.yaml")
    #expect(project.objective.positive == "Yes")
    #expect(project.objective.costs == .init(falsePositive: 5, falseNegative: 60))
    #expect(project.training.budget == .trials(9))
    #expect(project.windowSeconds == 7200)
    #expect(project.retrainWhen == [.drift, .performance, .every(days: 7), .labels(1000)])
    #expect(project.slidingDays == 90)
    // What is read but not acted on is named, so that train and check can warn of it.
    #expect(project.unsupported == ["watch.window", "retrain.when", "retrain.data"])
    let gate = try Trainer.gate(project)
    #expect(gate.guardrails.count == 2)
  }

  @Test(arguments: [
    ("objective:\n  targt: y\n", "target"), ("splt: {}\n", "split"), ("train: {fold: 3}\n", "folds"),
    ("objective: {task: clasification}\n", "classification"),
  ])
  func unknownKeysAreRefusedWithTheClosest(text: String, close: String) {
    let error = #expect(throws: MLError.self) { try ProjectFile(parsing: text, origin: "apus.yaml") }
    #expect(error?.hint?.contains(close) == true, "\(String(describing: error))")
    #expect(error?.message.contains("line") == true)
  }

  @Test func budgetsAreReadAndNonsenseIsNot() throws {
    #expect(try TrainingPlan.Budget(parsing: "60s") == .seconds(60))
    #expect(try TrainingPlan.Budget(parsing: "5m") == .seconds(300))
    #expect(try TrainingPlan.Budget(parsing: "40 trials") == .trials(40))
    for text in ["", "soon", "-5s", "0", "3x"] {
      #expect(throws: MLError.self) { try TrainingPlan.Budget(parsing: text) }
    }
  }
}
