import Basics
import Frames
import Learners
import Modeling
import Testing

@Suite struct AnomalyScoreTests {
  private func data(_ columns: [(String, [Double])]) throws -> TrainingData {
    let frame = try Frame(columns.map { ($0.0, Column(numbers: $0.1)) })
    return try TrainingData(frame: frame, target: .absent(rowCount: frame.rowCount))
  }

  @Test func robustScoresByHand() throws {
    // Median 3, distances 2 1 0 1 97: median distance 1.
    let model = try RobustZScore().fit(data([("x", [1, 2, 3, 4, 100])]), in: FitContext())
    let scores = try model.predict(Frame([("x", Column(numbers: [3, 1, 100, .nan, .infinity]))])).values ?? []
    #expect(scores[0] == 0 && scores[3] == 0)
    #expect(abs(scores[1] - 2 / 1.4826) < 1e-12 && abs(scores[2] - 97 / 1.4826) < 1e-12)
    #expect(scores[4] == 1e6)
  }

  /// A row inside both columns' ranges that breaks how they go together.
  @Test func mahalanobisSeesBrokenPairs() throws {
    var random = Seed(4).generator
    let x = (0..<300).map { _ in random.normal() }
    let y = x.map { $0 + 0.1 * random.normal() }
    var robust = RobustZScore()
    let ask = try Frame([("x", Column(numbers: [1.5, 1.5])), ("y", Column(numbers: [1.5, -1.5]))])
    let apart = try robust.fit(data([("x", x), ("y", y)]), in: FitContext()).predict(ask).values ?? []
    robust.combination = .mahalanobis
    let together = try robust.fit(data([("x", x), ("y", y)]), in: FitContext()).predict(ask).values ?? []
    #expect(apart[1] < 1.5 * apart[0] && together[1] > 5 * together[0])
  }

  @Test func thresholdIsTheShareAskedFor() throws {
    var random = Seed(4).generator
    let x = (0..<1000).map { _ in random.normal() }
    let known = try data([("x", x)])
    var trees = StreamingHalfSpaceTrees()
    trees.contamination = 0.05
    let model = try trees.fit(known, in: FitContext(seed: Seed(1)))
    let count = (try model.predict(known.frame).values ?? []).count { $0 >= model.threshold }
    #expect((30...110).contains(count))
  }

  @Test func halfSpaceTreesFollowDrift() throws {
    var random = Seed(4).generator
    let before = try data([
      ("x", (0..<1000).map { _ in random.normal() }), ("y", (0..<1000).map { _ in random.normal() }),
    ])
    let after = try data([
      ("x", (0..<1000).map { _ in 1.5 + random.normal() }), ("y", (0..<1000).map { _ in random.normal() }),
    ])
    var model = try StreamingHalfSpaceTrees().fit(before, in: FitContext(seed: Seed(1)))
    let new = try Frame([("x", Column(numbers: [2.0])), ("y", Column(numbers: [0]))])
    let strange = try model.predict(new).values?[0] ?? 0
    try model.update(with: after, in: FitContext())
    #expect(try (model.predict(new).values?[0] ?? 0) < strange)
    var writer = ArchiveWriter()
    try model.update(with: after.gathered(Array(0..<10)), in: FitContext())
    try model.write(to: &writer)
    var loaded = try HalfSpaceModel(from: ArchiveReader(bytes: writer.encoded(), origin: "test"))
    try model.update(with: after, in: FitContext())
    try loaded.update(with: after, in: FitContext())
    #expect(try model.predict(after.frame) == loaded.predict(after.frame))
  }

  private func stream(_ values: [Double]) throws -> TrainingData {
    let frame = try Frame([
      ("time", Column(.timestamp(values.indices.map { 1_700_000_000_000_000 + Int64($0) * 300_000_000 }))),
      ("value", Column(numbers: values)),
    ])
    return try TrainingData(frame: frame, target: .absent(rowCount: values.count))
  }

  /// A spike and a small lasting shift are both found, once and at their time; noise alone is quiet.
  @Test func streamsRaiseAlarms() throws {
    var random = Seed(12).generator
    var values = (0..<3000).map { _ in random.normal() }
    values[2000] += 12
    for row in 2500..<3000 { values[row] += 1.5 }
    var model = try StreamingAnomaly().fit(stream(Array(values[..<1500])), in: FitContext())
    let later = Array(values[1500...])
    let all = try stream(values)
    let scores = try model.absorb(all.frame.gathered(Array(1500..<3000)), in: FitContext())
    let calm = (Array(scores[..<490]) + Array(scores[600..<990])).sorted()
    #expect(scores[500] > 1.2 * calm[calm.count / 2])
    #expect((scores[1030..<1100].max() ?? 0) > 1.5 * (calm.last ?? 0))
    #expect(later.count == scores.count)
  }

  @Test func eachRowIsJudgedByThoseBefore() throws {
    var random = Seed(13).generator
    let values = (0..<400).map { _ in random.normal() }
    let whole = try stream(values)
    var model = try StreamingAnomaly().fit(whole.gathered(Array(0..<300)), in: FitContext())
    var same = model
    let alone = try model.predict(whole.frame.gathered([300])).values
    let together = try model.absorb(whole.frame.gathered(Array(300..<400)), in: FitContext())
    #expect(alone?[0] == together[0])
    // Row by row, saved and loaded in between, in any order of the batch.
    var rows: [Double] = []
    for row in 300..<400 {
      rows += try same.absorb(whole.frame.gathered([row]), in: FitContext())
      if row % 30 == 0 {
        var writer = ArchiveWriter()
        try same.write(to: &writer)
        same = try StreamingAnomalyModel(from: ArchiveReader(bytes: writer.encoded(), origin: "test"))
      }
    }
    #expect(rows == together)
  }
}
