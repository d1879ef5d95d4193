import Basics
import Foundation
import Synchronization
import Testing

@Suite struct WorkersTests {
  /// Runs `taskCount` tasks and says how often each ran.
  private func counts(_ workers: Workers, _ taskCount: Int) -> [Int] {
    let counts = Mutex([Int](repeating: 0, count: taskCount))
    workers.run(taskCount) { index in counts.withLock { $0[index] += 1 } }
    return counts.withLock { $0 }
  }

  @Test(arguments: [1, 2, 3, 8])
  func everyTaskRunsOnce(threads: Int) {
    let workers = Workers(count: threads)
    for taskCount in [0, 1, 2, 3, 7, 64, 1000] {
      #expect(counts(workers, taskCount) == Array(repeating: 1, count: taskCount))
    }
  }

  @Test func countIsAtLeastOne() {
    #expect(Workers(count: 0).count == 1)
    #expect(Workers(count: -3).count == 1)
    Workers(count: 4).run(-1) { _ in Issue.record("no task") }
  }

  @Test(arguments: [1, 2, 8])
  func mapKeepsOrder(threads: Int) throws {
    #expect(try Workers(count: threads).map(1000) { $0 * $0 } == (0..<1000).map { $0 * $0 })
    #expect(try Workers(count: threads).map(0) { $0 } == [])
  }

  @Test(arguments: [1, 2, 8])
  func mapThrowsTheErrorOfTheLowestIndex(threads: Int) {
    let workers = Workers(count: threads)
    for _ in 0..<100 {
      let error = #expect(throws: MLError.self) {
        try workers.map(50) { index in
          if index % 7 == 3 { throw MLError(.invalidData, "task \(index)") }
        }
      }
      #expect(error?.message == "task 3")
    }
    #expect(counts(workers, 20) == Array(repeating: 1, count: 20))
  }

  /// Many tiny calls whose number of tasks changes: a thread that comes late from one call must not take a task of
  /// the next.
  @Test(arguments: [2, 4, 8])
  func tenThousandTinyCallsOfChangingSize(threads: Int) {
    let workers = Workers(count: threads)
    let total = Atomic<Int>(0)
    var expected = 0
    for call in 0..<10_000 {
      let taskCount = 2 + call * 7 % 13
      expected += taskCount
      let seen = Atomic<UInt64>(0)
      workers.run(taskCount) { index in
        let before = seen.bitwiseXor(1 << UInt64(index), ordering: .relaxed).oldValue
        if before >> UInt64(index) & 1 == 1 { Issue.record("task \(index) of call \(call) ran twice") }
        total.add(1, ordering: .relaxed)
      }
      let all: UInt64 = 1 << UInt64(taskCount) - 1
      if seen.load(ordering: .relaxed) != all { Issue.record("call \(call) returned early") }
    }
    #expect(total.load(ordering: .relaxed) == expected)
  }

  @Test func callsFromInsideATaskRun() {
    let workers = Workers(count: 4)
    let total = Atomic<Int>(0)
    workers.run(8) { _ in
      workers.run(8) { _ in
        workers.run(3) { _ in total.add(1, ordering: .relaxed) }
      }
    }
    #expect(total.load(ordering: .relaxed) == 8 * 8 * 3)
  }

  @Test func callersOnManyThreadsShareOnePool() async {
    let workers = Workers(count: 4)
    let counts = await withTaskGroup(of: Int.self) { group in
      for caller in 0..<8 {
        group.addTask { Self.runRounds(workers, caller) }
      }
      return await group.reduce(0, +)
    }
    var expected = 0
    for caller in 0..<8 { for round in 0..<200 { expected += 1 + (caller + round) % 9 } }
    #expect(counts == expected)
  }

  private static func runRounds(_ workers: Workers, _ caller: Int) -> Int {
    let total = Atomic<Int>(0)
    for round in 0..<200 {
      workers.run(1 + (caller + round) % 9) { _ in total.add(1, ordering: .relaxed) }
    }
    return total.load(ordering: .relaxed)
  }

  /// Threads of other programs take the cores; the caller then does the work itself.
  @Test func busyMachineDoesNotHang() {
    let isDone = Mutex(false)
    for _ in 0..<(2 * Machine.coreCount) {
      Thread { while !isDone.withLock({ $0 }) {} }.start()
    }
    let workers = Workers(count: 8)
    for _ in 0..<200 { #expect(counts(workers, 16).allSatisfy { $0 == 1 }) }
    isDone.withLock { $0 = true }
  }

  @Test func poolsCanBeThrownAway() {
    for _ in 0..<100 { #expect(counts(Workers(count: 3), 5).count == 5) }
  }

  @Test func blocksCoverTheRangeAndDoNotDependOnThreads() {
    for (total, minimum) in [(0, 10), (1, 10), (9, 10), (1000, 10), (100_000, 1000), (7, 0)] {
      let blocks = Workers.blocks(total, minimum: minimum)
      #expect(blocks.flatMap { Array($0) } == Array(0..<total))
      #expect(blocks.count <= 64)
      #expect(blocks.count == 1 || blocks.allSatisfy { $0.count >= minimum })
    }
  }
}
