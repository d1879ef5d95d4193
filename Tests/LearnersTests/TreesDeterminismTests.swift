import Basics
import Foundation
import Frames
import Kernels
import Learners
import Modeling
import Synchronization
import Testing

@Suite struct TreesDeterminismTests {
  @Test(arguments: [2, 3, 8]) func sameBytesForAnyThreadCount(threads: Int) throws {
    let data = try TreeTables.classes(70_000)
    let settings = TreeTables.short { $0.iterationCount = 4 }
    let one = try settings.fit(data, in: FitContext(seed: Seed(5))).bytes()
    let many = try settings.fit(data, in: FitContext(seed: Seed(5), workers: Workers(count: threads))).bytes()
    #expect(one == many)
  }

  @Test func sameBytesForAnyThreadCountWithSampling() throws {
    let data = try TreeTables.three(3000)
    let settings = TreeTables.short {
      $0.rowFraction = 0.6
      $0.columnFraction = 0.5
    }
    let one = try settings.fit(data, in: FitContext(seed: Seed(5))).bytes()
    #expect(try settings.fit(data, in: FitContext(seed: Seed(5), workers: Workers(count: 4))).bytes() == one)
    #expect(try settings.fit(data, in: FitContext(seed: Seed(6))).bytes() != one)
  }

  @Test func sameBytesOnEveryInstructionSet() throws {
    let data = try TreeTables.classes(70_000)
    let settings = TreeTables.short { $0.iterationCount = 4 }
    let before = InstructionSet.current
    defer { InstructionSet.use(before) }
    var models: [[UInt8]] = []
    var scores: [[Double]] = []
    for set in InstructionSet.available {
      InstructionSet.use(set)
      let model = try settings.fit(data, in: FitContext())
      models.append(try model.bytes())
      scores.append(try #require(model.predict(data.frame).probabilities(ofClass: 1)))
    }
    #expect(models.allSatisfy { $0 == models[0] })
    #expect(scores.allSatisfy { $0 == scores[0] })
  }

  @Test func rowOrderDoesNotMatter() throws {
    let data = try TreeTables.values(2000)
    let order = (0..<2000).sorted { StableHash.mix(UInt64($0)) < StableHash.mix(UInt64($1)) }
    let settings = TreeTables.short { $0.rowFraction = 0.7 }
    let model = try settings.fit(data, in: FitContext())
    let shuffled = try settings.fit(data.gathered(order), in: FitContext())
    let a = try #require(model.predict(data.frame).values)
    let b = try #require(shuffled.predict(data.frame).values)
    #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-9 })
  }

  @Test func fitLeavesDataAndRepeatsItself() throws {
    let data = try TreeTables.values(500)
    let copy = data.frame
    let first = try TreeTables.short().fit(data, in: FitContext()).bytes()
    #expect(try TreeTables.short().fit(data, in: FitContext()).bytes() == first)
    #expect(data.frame == copy)
  }

  /// Codes at training and thresholds at prediction must agree for every row, or the scores would differ.
  @Test func predictionOnRawValuesEqualsTrainingScores() throws {
    let data = try TreeTables.values(3000)
    let last = Box()
    let context = FitContext(progress: { last.set($0.trainingObjective) })
    let model = try TreeTables.short { $0.rowFraction = 0.5 }.fit(data, in: context)
    let scores = try model.scores(data.frame)
    let value = SquaredObjective().value(scores: scores.span, target: data.target.doubles.span, weights: nil)
    #expect(last.value == value)
  }

  @Test func batchesOfAnySizeAgree() throws {
    for data in [try TreeTables.values(700), try TreeTables.classes(700), try TreeTables.three(700)] {
      let model = try TreeTables.short().fit(data, in: FitContext())
      let whole = try model.predict(data.frame)
      let parts = try [0..<1, 1..<8, 8..<331, 331..<700].map { try model.predict(data.frame.gathered(Array($0))) }
      #expect(try Predictions.joined(parts) == whole)
      let single = try (0..<60).map { try model.predict(data.frame.gathered([$0])) }
      #expect(try Predictions.joined(single) == whole.gathered(Array(0..<60)))
    }
  }

  @Test func blockScoringEqualsThePaths() throws {
    for leafCount in [2, 8, 9, 64, 256, 300] {
      for data in [try TreeTables.values(3000), try TreeTables.three(1000)] {
        let model = try TreeTables.short {
          $0.leafCount = leafCount
          $0.minimumRowsPerLeaf = 2
        }.fit(data, in: FitContext())
        let before = InstructionSet.current
        defer { InstructionSet.use(before) }
        let reference = try model.referenceScores(data.frame)
        for set in InstructionSet.available {
          InstructionSet.use(set)
          #expect(try model.scores(data.frame) == reference, "\(leafCount) leaves, \(set)")
        }
      }
    }
  }

  @Test func cancellationStopsAtOnce() throws {
    let stop = Cancellation()
    let seen = Box()
    let context = FitContext(
      cancellation: stop,
      progress: { report in
        seen.set(Double(report.iteration))
        if report.iteration == 3 { stop.cancel() }
      })
    #expect(throws: MLError.self) { try TreeTables.short().fit(TreeTables.values(300), in: context) }
    #expect(seen.value == 3)
  }
}

/// A number that a progress closure can leave behind.
final class Box: Sendable {
  private let stored = SharedDoubles(count: 2)
  var value: Double? { stored[0] == 1 ? stored[1] : nil }
  func set(_ value: Double?) {
    guard let value else { return }
    stored[0] = 1
    stored[1] = value
  }
}

/// Two ranks in one process: each call waits for the other rank's.
final class PairCommunicator: Communicator {
  /// What both ranks see.
  final class Meeting: Sendable {
    private struct State {
      var arrived = 0
      var round = 0
      var sums: [Int64] = []
      var bytes: [UInt8] = []
      var result: ([Int64], [UInt8]) = ([], [])
    }
    private let state = Mutex(State())

    /// Adds both ranks' values, takes the bytes of the one that has any.
    func meet(_ values: [Int64], _ bytes: [UInt8]?) -> ([Int64], [UInt8]) {
      let round = state.withLock { state -> Int in
        let round = state.round
        state.sums = state.arrived == 0 ? values : zip(state.sums, values).map { $0 + $1 }
        if state.arrived == 0 { state.bytes = [] }
        if let bytes { state.bytes = bytes }
        state.arrived += 1
        if state.arrived == 2 {
          state.result = (state.sums, state.bytes)
          state.arrived = 0
          state.round += 1
        }
        return round
      }
      while state.withLock({ $0.round == round }) { sched_yield() }
      return state.withLock { $0.result }
    }
  }

  let meeting: Meeting
  let rank: Int
  var size: Int { 2 }

  init(_ meeting: Meeting, rank: Int) {
    self.meeting = meeting
    self.rank = rank
  }
  func allReduceSum(_ values: inout [Int64]) throws { values = meeting.meet(values, nil).0 }
  func broadcast(_ bytes: inout [UInt8], from root: Int) throws {
    bytes = meeting.meet([], root == rank ? bytes : nil).1
  }
  func barrier() throws { _ = meeting.meet([], nil) }
}

@Suite struct TreesRankTests {
  /// Two ranks with half of the rows each learn what one process learns from all.
  @Test func twoRanksLearnTheSameModel() throws {
    for all in [try TreeTables.three(3000), try TreeTables.values(3000)] {
      let settings = TreeTables.short { $0.rowFraction = 0.8 }
      let wanted = try settings.fit(all, in: FitContext(seed: Seed(3))).bytes()
      let parts = [try all.gathered(Array(0..<1100)), try all.gathered(Array(1100..<3000))]
      let meeting = PairCommunicator.Meeting()
      let models = try Workers(count: 2).map(2) { rank in
        try settings.fit(
          parts[rank], in: FitContext(seed: Seed(3), communicator: PairCommunicator(meeting, rank: rank))
        ).bytes()
      }
      #expect(models[0] == wanted)
      #expect(models[1] == wanted)
    }
  }
}
