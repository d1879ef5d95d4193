package import Basics
import Evaluation
import Frames
package import Modeling
import Monitoring

/// What `check` found before any training.
package struct DataCheck: Sendable {
  /// What reading and the target said.
  package var notes: [String]
  /// Traps, worst first.
  package var findings: [Finding]
  /// Whether nothing critical was found.
  package var passed: Bool { !findings.contains { $0.severity == .critical } }

  /// `{"passed", "notes", "findings"}`.
  package var json: JSONValue {
    [
      "passed": .boolean(passed), "notes": .array(notes.map { .string($0) }),
      "findings": .array(findings.map(\.json)),
    ]
  }

  /// Reads `paths` under `project` and looks for traps.
  ///
  /// - Throws: what reading throws; `.invalidParameter` for a goal that cannot be read.
  package static func run(_ paths: [String], project: ProjectFile, context: LifecycleContext) throws -> DataCheck {
    var notes = project.unsupported.map { "apus.yaml: '\($0)' is read but not acted on by this version." }
    let gate = try Trainer.gate(project)
    try project.checkRows()
    if let warning = gate.goal?.warning { notes.append(warning) }
    _ = try Preparation(project.prepare, registry: context.registry)
    for name in project.training.algorithms { _ = try context.registry.estimators.entry(name) }
    var frames: [Frame] = []
    for path in paths {
      var options = SourceOptions(
        kinds: project.kinds.compactMapValues(ColumnKind.init(rawValue:)), workers: context.workers)
      if let first = frames.first { options.contract = first.schema }
      let (frame, report) = try FrameSources.read(path, options: options)
      notes.append("\(FileSystem.name(path)): \(frame.rowCount) rows × \(frame.schema.count) columns.")
      notes += report.notes
      frames.append(frame)
    }
    let frame = try Frame.concatenated(frames)
    guard let wanted = project.objective.target else {
      return DataCheck(notes: notes, findings: TrainingLint().findings(frame, target: nil, named: ""))
    }
    let name = frame.schema.fields[
      try frame.schema.resolve(wanted, in: paths.first.map { FileSystem.name($0) } ?? "data")
    ].name
    let reading = try TargetReading(
      frame, column: name, task: project.objective.task, positive: project.objective.positive)
    notes += reading.sentences
    let (rows, target) = try reading.target(of: frame, in: paths.first ?? "data")
    let roles = try RowRoles(project, frame, target: name)
    let known = frame.gathered(rows)
    let features = known.removing(Set([name, roles.weights].compactMap { $0 }))
    var part = TrainingTable.Part(
      features: features, audit: try known.selecting([]), target: target,
      keys: TrainingTable.rowKeys(known, target: name))
    let read = try roles.read(&part, known, plan: project.split, testFrame: nil)
    notes += read.sentences + ["Split: \(read.split.name.rawValue). \(read.split.reason)"]
    let findings = read.findings + TrainingLint().findings(features, target: target, named: name)
    return DataCheck(notes: notes, findings: findings)
  }
}
