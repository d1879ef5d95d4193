import Basics
import Frames
import Learners
import Modeling
import Synchronization
import Testing

/// Going on: from a model, from a checkpoint.
@Suite struct TreesContinuationTests {
  private func tables() throws -> [TrainingData] {
    [try TreeTables.values(900), try TreeTables.classes(900), try TreeTables.three(900)]
  }

  private func sampled(_ count: Int) -> GradientBoostedTrees {
    TreeTables.short {
      $0.iterationCount = count
      $0.rowFraction = 0.7
      $0.columnFraction = 0.8
    }
  }

  @Test func twoHalvesAreTheWhole() throws {
    for data in try tables() {
      let context = FitContext(seed: Seed(4))
      let whole = try sampled(20).fit(data, in: context)
      let half = try sampled(8).fit(data, in: context)
      let bytes = try half.bytes()
      let stored = try TreeEnsemble(from: ArchiveReader(bytes: bytes, origin: "test"))
      for start in [half, stored] {
        let joined = try sampled(12).fit(data, continuing: start, in: context)
        #expect(try joined.bytes() == whole.bytes())
        #expect(joined.importance == whole.importance && joined.iterationCount == 20)
      }
      #expect(try half.bytes() == bytes)
    }
  }

  @Test func otherRowsAndNewCategories() throws {
    let data = try TreeTables.values(900)
    let model = try TreeTables.short().fit(data, in: FitContext())
    let (long, all) = try TreeTables.mixed(5900)
    let (frame, score) = (long.gathered(Array(5000..<5900)), Array(all[5000...]))
    let names = (0..<900).map { $0 % 3 == 0 ? "brand new" : frame.columns[4].text(at: $0) }
    let levels = ["brand new"] + (0..<12).map { "level \($0)" }.reversed()
    let column = Column(categories: names, levels: levels)
    let later = try TrainingData(
      frame: frame.setting(Field(of: column, name: "e"), column),
      target: .values(score.indices.map { score[$0] + ($0 % 3 == 0 ? 20 : 0) }))
    // Nearly no step: what was learnt stays, under whatever codes the categories come.
    let still = try TreeTables.short {
      $0.iterationCount = 1
      $0.learningRate = 1e-6
    }.fit(later, continuing: model, in: FitContext())
    let before = try #require(model.predict(later.frame).values)
    let after = try #require(still.predict(later.frame).values)
    #expect(zip(before, after).allSatisfy { abs($0 - $1) < 1e-3 })
    // Real steps: the new category is learnt.
    let learnt = try TreeTables.short {
      $0.iterationCount = 40
      $0.learningRate = 0.3
    }.fit(later, continuing: model, in: FitContext())
    let values = try #require(learnt.predict(later.frame).values)
    let error = zip(values, later.target.doubles).reduce(0) { $0 + abs($1.0 - $1.1) } / 900
    #expect(error < 1.5)
    #expect(
      try learnt.predict(later.frame)
        == TreeEnsemble(
          from: ArchiveReader(bytes: learnt.bytes(), origin: "test")
        ).predict(later.frame))
  }

  @Test func whatDoesNotFitIsNamed() throws {
    let data = try TreeTables.classes(300)
    let model = try TreeTables.short().fit(data, in: FitContext())
    let lacking = try TrainingData(frame: data.frame.removing(["c"]), target: data.target)
    let column = #expect(throws: MLError.self) {
      try TreeTables.short().fit(lacking, continuing: model, in: FitContext())
    }
    #expect(column?.code == .schemaMismatch && column?.message.contains("'c'") == true)
    let classes = #expect(throws: MLError.self) {
      try TreeTables.short().fit(TreeTables.three(300), continuing: model, in: FitContext())
    }
    #expect(classes?.code == .schemaMismatch)
    let values = try TreeTables.values(300)
    let squared = try TreeTables.short().fit(values, in: FitContext())
    let objective = #expect(throws: MLError.self) {
      try TreeTables.short { $0.objective = .huber }.fit(values, continuing: squared, in: FitContext())
    }
    #expect(objective?.field == "objective")
  }

  @Test func continuingStopsEarlyAtTheModelWhenNothingHelps() throws {
    let all = try TreeTables.classes(900)
    var data = try all.gathered(Array(0..<300))
    let model = try TreeTables.short { $0.iterationCount = 60 }.fit(data, in: FitContext())
    // Validation rows whose classes are turned round: every further tree harms.
    data.validation = .init(
      frame: data.frame, target: .classes(codes: data.target.doubles.map { 1 - Int32($0) }, names: ["no", "yes"]))
    let more = try TreeTables.short { $0.earlyStoppingRounds = 3 }.fit(data, continuing: model, in: FitContext())
    #expect(try more.bytes() == model.bytes())
  }

  // MARK: checkpoints

  /// Keeps what is saved, every `interval` calls.
  private final class Kept: Checkpoints {
    private struct State {
      var asked = 0
      var bytes: [UInt8]?
      var saves = 0
    }
    private let state = Mutex(State())
    private let interval: Int
    init(_ interval: Int, bytes: [UInt8]? = nil) {
      self.interval = interval
      state.withLock { $0.bytes = bytes }
    }
    var saves: Int { state.withLock { $0.saves } }
    var bytes: [UInt8]? { state.withLock { $0.bytes } }
    var isDue: Bool {
      state.withLock { state in
        state.asked += 1
        return state.asked % interval == 0
      }
    }
    func latest() throws -> ArchiveReader? {
      try state.withLock { $0.bytes }.map { try ArchiveReader(bytes: $0, origin: "checkpoint") }
    }
    func save(_ archive: ArchiveWriter) throws {
      state.withLock { state in
        state.bytes = archive.encoded()
        state.saves += 1
      }
    }
  }

  private func interrupted(
    _ settings: GradientBoostedTrees, _ data: TrainingData, after stop: Int, _ kept: Kept, _ model: TreeEnsemble? = nil
  ) throws -> TreeEnsemble {
    let cancellation = Cancellation()
    var context = FitContext(
      seed: Seed(9), cancellation: cancellation,
      progress: { if $0.iteration == stop { cancellation.cancel() } })
    context.checkpoints = kept
    func fit(_ context: FitContext) throws -> TreeEnsemble {
      if let model { return try settings.fit(data, continuing: model, in: context) }
      return try settings.fit(data, in: context)
    }
    #expect(throws: MLError.self) { try fit(context) }
    let seen = Box()
    var again = FitContext(
      seed: Seed(9), workers: Workers(count: 2),
      progress: { report in
        if seen.value == nil { seen.set(Double(report.iteration)) }
      })
    again.checkpoints = kept
    let result = try fit(again)
    #expect(seen.value.map { $0 > 1 } ?? true)
    return result
  }

  @Test(arguments: [2, 5, 11]) func interruptedFitsEndWithTheSameBytes(stop: Int) throws {
    for table in try tables() {
      var data = try table.gathered(Array(0..<600))
      data.validation = .init(
        frame: table.frame.gathered(Array(600..<900)), target: table.target.gathered(Array(600..<900)))
      let settings = sampled(14)
      let whole = try settings.fit(data, in: FitContext(seed: Seed(9))).bytes()
      #expect(try interrupted(settings, data, after: stop, Kept(1)).bytes() == whole)
      if stop > 3 { #expect(try interrupted(settings, data, after: stop, Kept(3)).bytes() == whole) }
    }
  }

  @Test func interruptedContinuationsToo() throws {
    let data = try TreeTables.three(600)
    let model = try sampled(5).fit(data, in: FitContext(seed: Seed(9)))
    let whole = try sampled(10).fit(data, continuing: model, in: FitContext(seed: Seed(9))).bytes()
    #expect(try interrupted(sampled(10), data, after: 6, Kept(2), model).bytes() == whole)
  }

  @Test func wideCategoriesAreKeptToo() throws {
    let names = (0..<6000).map { Optional("n\(StableHash.mix(UInt64($0)) % 600)") }
    let data = try TrainingData(
      frame: Frame([("c", Column(categories: names)), ("x", Column(numbers: (0..<6000).map { Double($0 % 97) }))]),
      target: .values(names.map { Double(StableHash.hash($0 ?? "") % 5) }))
    let settings = TreeTables.short {
      $0.minimumRowsPerLeaf = 5
      $0.categorySmoothing = 1
    }
    let whole = try settings.fit(data, in: FitContext(seed: Seed(9))).bytes()
    #expect(try interrupted(settings, data, after: 4, Kept(1)).bytes() == whole)
  }

  @Test func finishedFitsResumeToTheSameModel() throws {
    let data = try TreeTables.values(400)
    let kept = Kept(1)
    var context = FitContext(seed: Seed(9))
    context.checkpoints = kept
    let first = try sampled(6).fit(data, in: context).bytes()
    #expect(kept.saves == 6)
    #expect(try sampled(6).fit(data, in: context).bytes() == first)
    #expect(kept.saves == 6)
  }

  @Test func checkpointsOfAnotherFitAreRefused() throws {
    let data = try TreeTables.values(400)
    let kept = Kept(1)
    var context = FitContext(seed: Seed(9))
    context.checkpoints = kept
    _ = try sampled(6).fit(data, in: context)
    var other = context
    other.seed = Seed(10)
    let seed = #expect(throws: MLError.self) { try sampled(6).fit(data, in: other) }
    #expect(seed?.code == .corruptFile)
    #expect(throws: MLError.self) { try sampled(7).fit(data, in: context) }
    var turned = data
    turned.target = .values(data.target.doubles.reversed())
    #expect(throws: MLError.self) { try sampled(6).fit(turned, in: context) }
  }

  @Test func damagedCheckpointsNeverTrap() throws {
    let data = try TreeTables.values(400)
    let kept = Kept(1)
    var context = FitContext(seed: Seed(9))
    context.checkpoints = kept
    _ = try sampled(6).fit(data, in: context)
    let reader = try ArchiveReader(bytes: #require(kept.bytes), origin: "test")
    let sections = ["best", "node_counts", "features", "bins", "gains", "left", "right", "values", "sides"]
    var refused = 0
    for name in sections {
      for trial in 0..<20 {
        var writer = ArchiveWriter()
        writer.set("fit", try reader.value("fit"))
        for section in sections {
          var bytes = try reader.section(section)
          if section == name, !bytes.isEmpty {
            if trial == 0 {
              bytes = []
            } else if trial == 1 {
              bytes.removeLast(8)
            } else {
              bytes[Int(StableHash.mix(UInt64(trial)) % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: trial * 37)
            }
          }
          writer.add(section, bytes: bytes)
        }
        var damaged = FitContext(seed: Seed(9))
        damaged.checkpoints = Kept(100, bytes: writer.encoded())
        do { _ = try sampled(6).fit(data, in: damaged) } catch let error as MLError {
          #expect(error.code == .corruptFile, "\(name): \(error)")
          refused += 1
        }
      }
    }
    #expect(refused >= 2 * sections.count)
  }
}
