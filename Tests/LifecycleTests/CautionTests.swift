import Basics
import Frames
import Lifecycle
import Modeling
import Storage
import Testing

/// Intervals, sets and decisions left open, on rows that the model has not seen.
@Suite struct CautionTests {
  /// Cells of the scored rows by column, and the truth of the column that was predicted.
  private func scored(_ bench: Bench, target: String, _ caution: Caution) throws -> (rows: Frame, truth: Column) {
    var request = try bench.request(bench.table("known.csv", rows: 700))
    request.project.objective.target = target
    request.project.training.algorithms = [target == "churned" ? "logistic-regression" : "ridge"]
    request.project.training.budget = .trials(1)
    _ = try Trainer(workspace: bench.workspace, context: bench.context).run(request)
    let archive = try Models.load("churn@1", workspace: bench.workspace, registry: .standard).archive
    let path = try bench.table("new.csv", rows: 1500, seed: 8)
    var bytes: [UInt8] = []
    var reader = try FrameSources.source(for: path).reader(
      for: path, options: SourceOptions(contract: archive.contract))
    _ = try BatchPrediction.run(
      archive, reader: &reader, jsonLines: false, caution: caution, context: bench.context
    ) { bytes += $0 }
    let output = bench.folder + "/scored.csv"
    try FileSystem.write(bytes, to: output)
    let truth = try FrameSources.read(path, options: SourceOptions()).0.column(target)
    return (try FrameSources.read(output, options: SourceOptions()).0, truth)
  }

  @Test func setsHoldTheTruthAndUnsureDecisionsAreLeftOpen() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let (rows, truth) = try scored(bench, target: "churned", Caution(coverage: 0.95, abstainBelow: 0.9))
    #expect(rows.schema.names == ["prediction", "probability_no", "probability_yes", "set"])
    let (sets, decided) = (try rows.column("set"), try rows.column("prediction"))
    let sure = try #require(try rows.column("probability_yes").doubles).map { max($0, 1 - $0) }
    var (held, both, open) = (0, 0, 0)
    for row in 0..<rows.rowCount {
      let names = try #require(sets.text(at: row)).split(separator: "|").map(String.init)
      if names.contains(truth.text(at: row) ?? "") { held += 1 }
      if names.count == 2 { both += 1 }
      #expect((decided.text(at: row) == nil) == (sure[row] < 0.9))
      if decided.text(at: row) == nil { open += 1 } else { #expect(decided.text(at: row) == names.first) }
    }
    let share = Double(held) / Double(rows.rowCount)
    #expect(share > 0.92, "\(share)")
    #expect(both > 50 && both < 1400 && open > 50 && open < 1400, "\(both) of both, \(open) open")
  }

  @Test func intervalsHoldTheTruth() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let (rows, truth) = try scored(bench, target: "spend", Caution(coverage: 0.8))
    #expect(rows.schema.names == ["prediction", "low", "high"])
    let (low, high) = (try #require(try rows.column("low").doubles), try #require(try rows.column("high").doubles))
    let known = (0..<rows.rowCount).filter { truth.text(at: $0) != nil }
    let truths = try #require(truth.doubles)
    let held = known.count { low[$0] <= truths[$0] && truths[$0] <= high[$0] }
    #expect(abs(Double(held) / Double(known.count) - 0.8) < 0.06, "\(held) of \(known.count)")
  }

  @Test func whatCannotBeSaidIsRefusedInWords() throws {
    let bench = try Bench()
    defer { bench.remove() }
    var request = try bench.request(bench.table("known.csv", rows: 200))
    request.project.training.budget = .trials(1)
    _ = try Trainer(workspace: bench.workspace, context: bench.context).run(request)
    var archive = try Models.load("churn@1", workspace: bench.workspace, registry: .standard).archive
    #expect(try CautiousAnswers(archive, Caution()) == nil)
    for caution in [
      Caution(coverage: 1), Caution(coverage: 0.999), Caution(abstainBelow: 0), Caution(abstainBelow: 1.5),
    ] {
      #expect(throws: MLError.self) { try CautiousAnswers(archive, caution) }
    }
    archive.conformal = nil
    let refusal = #expect(throws: MLError.self) { try CautiousAnswers(archive, Caution(coverage: 0.9)) }
    #expect(refusal?.hint?.contains("train it again") == true)
    let old = try ModelArchive(
      from: ArchiveReader(bytes: archive.encoded(), origin: "of an earlier release"), registry: .standard)
    #expect(old.conformal == nil)
  }
}
