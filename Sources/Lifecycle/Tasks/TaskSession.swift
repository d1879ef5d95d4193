import Basics
import Evaluation
import Frames
import Modeling
import Monitoring
import Storage
import Tuning

/// One training run of clustering, anomaly detection, recommendation or forecasting: the same stages and the same gate
/// as for classification and regression, with rows split and judged as the task asks.
struct TaskSession: Sendable {
  let stages: TrainingSession
  let task: Basics.Task

  private var context: LifecycleContext { stages.context }

  func execute() throws -> TrainReport {
    let started = Machine.monotonicSeconds
    let dataset = try stages.gather()
    context.observe(.stage("Sealing the test rows"))
    let testFile = try stages.request.testFile.map { try stages.readTestFile($0, dataset) }
    let table = try TaskTable(
      dataset, task: task, testFrame: testFile, project: stages.request.project, seed: Seed(TrainingSession.splitSeed))
    for sentence in table.sentences { try stages.say(sentence) }
    context.observe(.done("\(table.training.rowCount) rows to learn from, \(table.test.rowCount) sealed"))
    let judge = TaskJudge(
      task: task, primary: try TaskJudge.primary(task, goal: stages.gate.goal),
      options: BootstrapOptions(seed: context.seed.derived("intervals"), workers: context.workers))
    let search = try TaskSearch(
      table: table, judge: judge, preparation: stages.preparation, training: stages.request.project.training,
      context: context
    ).run()
    try stages.say(search.sentence)
    let fitter = TaskFitter(
      candidate: search.chosen.candidate, preparation: stages.preparation, task: task, context: context)
    let tested = try fitter.fit(table.training)
    return try judged(tested, fitter, search, table, judge, dataset, started)
  }

  private func judged(
    _ tested: FittedPipeline, _ fitter: TaskFitter, _ search: TaskSearch.Result, _ table: TaskTable, _ judge: TaskJudge,
    _ dataset: Dataset, _ started: Double
  ) throws -> TrainReport {
    let openings = try stages.workspace.openSealedRows(
      of: dataset.version.digest, run: stages.run, purpose: "judge \(stages.request.model)")
    context.observe(.stage("Opening the sealed test rows (opening \(openings) of this dataset)"))
    let scores = try judge.scores(tested, table.test)
    var evidence = GateEvidence(test: scores.report, needsBaseline: false)
    if let baseline = try judge.baseline(table.test, training: table.training), let comparable = scores.comparable {
      evidence.needsBaseline = true
      evidence.baseline = try comparable.against(baseline, options: judge.options)
    }
    try compareWithChampion(&evidence, scores, table, judge)
    var gate = stages.request.project.gate.applied(to: stages.gate, isProbabilistic: false)
    // Lists and clusters have no rows to slice; what can be compared row by row is.
    if evidence.championName != nil, evidence.slices == nil { gate.guardsSlices = false }
    evidence.linterFindings = TrainingLint().findings(table.training.features, target: nil, named: table.target)
    let value = scores.report[judge.primary].map(Judgement.text) ?? "not defined without known answers"
    context.observe(.done("\(judge.primary) \(value)"))
    // A forecast starts where the known values end, and a recommendation knows what was bought last: the model that
    // goes into service has seen the sealed rows too. What was measured is the same settings without them.
    let learnsAll = task == .forecasting || task == .recommendation
    if learnsAll { try stages.say("The model in service has learnt from the sealed rows too; they are the latest.") }
    let kept = learnsAll ? try fitter.fit(table.all) : tested
    let archive = try TaskArchive(
      table: table, pipeline: kept, metric: judge.primary, test: scores.report, plan: search.plan,
      provenance: provenance(dataset, table), context: context
    ).encoded(
      name: stages.request.model, project: stages.request.project.project, evidence: &evidence, gate: gate)
    let result = gate.evaluate(evidence)
    let entry = TrainingSession.Registration(
      archive: archive, algorithm: kept.algorithm, task: task, target: table.target, metric: judge.primary,
      dataset: dataset.version.reference, test: scores.report,
      runMetrics: scores.report.entries.map {
        RunMetric($0.name, $0.value.value, low: $0.value.low, high: $0.value.high, split: "test")
      }, openings: openings, gate: result
    ) { reference, promoted, result in
      report(
        reference, promoted, result, scores, search, table, judge, openings: openings,
        seconds: Machine.monotonicSeconds - started)
    }
    context.observe(.stage("Registering"))
    return try stages.register(entry)
  }

  private func compareWithChampion(
    _ evidence: inout GateEvidence, _ scores: TaskScores, _ table: TaskTable, _ judge: TaskJudge
  ) throws {
    guard let champion = try stages.champion() else { return }
    guard champion.archive.task == task, let comparable = scores.comparable,
      let theirs = try judge.scores(champion.archive.pipeline.members[0], table.test).comparable?.predictions
    else {
      try stages.say("\(champion.reference) cannot be compared without known answers; the newer model takes its place.")
      return
    }
    evidence.championName = champion.reference
    evidence.champion = try comparable.against(theirs, options: judge.options)
    guard stages.request.project.gate.guardsSlices ?? stages.gate.mustBeatChampion, comparable.standsFor == nil,
      comparable.predictions.rowCount == table.test.rowCount
    else { return }
    var light = judge.options
    light.replicateCount = 200
    evidence.slices = try SliceRegression.compare(
      comparable.metric, comparable.predictions, theirs, comparable.target, frame: table.test.features,
      rowKeys: comparable.keys, minimumCount: GateProbe.minimumSliceCount, options: light)
  }

  private func provenance(_ dataset: Dataset, _ table: TaskTable) -> JSONValue {
    [
      "dataset": .string(dataset.version.reference), "dataset_digest": .string(dataset.version.digest.hex),
      "seed": .string(String(context.seed.value)), "settings": ProjectSummary.json(stages.request),
      "apus_version": .string(Release.version),
      "test": [
        "rows": .integer(Int64(table.test.rowCount)), "training_rows": .integer(Int64(table.training.rowCount)),
      ],
    ]
  }

  private func report(
    _ reference: String, _ promoted: Bool, _ result: GateResult, _ scores: TaskScores, _ search: TaskSearch.Result,
    _ table: TaskTable, _ judge: TaskJudge, openings: Int, seconds: Double
  ) -> JSONValue {
    [
      "run": .string(stages.run), "model": .string(reference), "task": .string(task.rawValue),
      "target": .string(table.target), "metric": .string(judge.primary), "test": scores.report.json,
      "candidates": .array(search.tried.map { $0.json(metric: judge.primary) }),
      "chosen": .integer(Int64(search.index)),
      "members": .array([["candidate": .integer(Int64(search.index)), "weight": 1]]),
      "higher_is_better": .boolean(type(of: judge.direction).higherIsBetter), "gate": result.json,
      "promoted": .boolean(promoted), "plan": .array(search.plan.map { .string($0) }),
      "notes": .array(table.sentences.map { .string($0) }), "importance": .array([]),
      "rows": ["training": .integer(Int64(table.training.rowCount)), "test": .integer(Int64(table.test.rowCount))],
      "sealed_openings": .integer(Int64(openings)), "findings": .array([]), "seconds": .finite(seconds),
      "peak_memory_bytes": .integer(Int64(Machine.peakMemoryBytes)),
    ]
  }
}
