import Basics
import Evaluation
import Frames
import Modeling
import Monitoring

/// Makes the archive of a task's model, reads it back and measures it.
struct TaskArchive: Sendable {
  let table: TaskTable
  let pipeline: FittedPipeline
  let metric: String
  let test: MetricReport
  let plan: [String]
  let provenance: JSONValue
  let context: LifecycleContext

  /// The bytes; `evidence` gains what was measured on them: parity with the model in memory, size, latency.
  func encoded(name: String, project: String, evidence: inout GateEvidence, gate: Gate) throws -> [UInt8] {
    let committee = try Committee(members: [pipeline], weights: [1])
    let contract = committee.schema
    func score(_ frame: Frame) throws -> Predictions {
      let raw = try committee.predict(frame.conformed(to: contract))
      return table.task == .anomaly ? ModelArchive.decided(raw, committee) : raw
    }
    let features = table.test.features
    let predictions = try score(features)
    var provenance = provenance
    evidence.parityMismatchCount = 0
    provenance["gate"] =
      GateResult(
        checks: gate.evaluate(evidence).checks.filter { !Judgement.isOfArchive($0) }
      ).json
    let archive = try ModelArchive(
      name: name, project: project, task: table.task, target: table.target, classes: predictions.classes,
      metric: metric, pipeline: committee, calibrator: nil, threshold: nil,
      profile: FrameProfile.reference(
        of: table.training.features.conformed(to: contract), predictions: predictions, workers: context.workers),
      golden: GoldenRows(features, keys: table.test.keys, contract: contract, score: score), metrics: test,
      importance: [], plan: plan,
      provenance: provenance
    ).encoded()
    try measure(archive, predictions, &evidence)
    return archive
  }

  private func measure(_ archive: [UInt8], _ before: Predictions, _ evidence: inout GateEvidence) throws {
    let loaded = try ModelArchive(
      from: ArchiveReader(bytes: archive, origin: "new archive"), registry: context.registry)
    let after = try loaded.score(table.test.features)
    evidence.parityMismatchCount = (0..<before.rowCount).count { before.gathered([$0]) != after.gathered([$0]) }
    evidence.measurements = try LatencyProbe.measurements(loaded, table.test.features, sizeBytes: archive.count)
    evidence.contractProblems = try ContractProbe.problems(
      loaded, trained: pipeline.schema, secret: Set(table.secretColumns), rows: table.test.features)
  }
}

/// Times single rows, as a request would bring them.
enum LatencyProbe {
  /// `latency_p50_ms`, `latency_p99_ms`, `size_bytes`.
  static func measurements(_ archive: ModelArchive, _ frame: Frame, sizeBytes: Int) throws -> [String: Double] {
    var milliseconds: [Double] = []
    for row in 0..<min(frame.rowCount, 200) {
      let one = frame.gathered([row])
      let start = Machine.monotonicSeconds
      _ = try archive.score(one)
      milliseconds.append((Machine.monotonicSeconds - start) * 1000)
    }
    milliseconds.sort()
    guard !milliseconds.isEmpty else { return ["size_bytes": Double(sizeBytes)] }
    return [
      "latency_p50_ms": milliseconds[milliseconds.count / 2],
      "latency_p99_ms": milliseconds[min(milliseconds.count - 1, milliseconds.count * 99 / 100)],
      "size_bytes": Double(sizeBytes),
    ]
  }
}
