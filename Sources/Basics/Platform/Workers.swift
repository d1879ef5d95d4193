import Foundation
import Synchronization

/// A pool of threads for computation: claim pool, so that a busy machine costs no more than the serial run.
///
/// The caller claims tasks too and waits only for those that another thread has already claimed. Calls from inside a
/// task, or while another caller holds the pool, run serially on the caller. Results never depend on `count`.
public final class Workers: Sendable {
  /// Threads that work on one call, the caller included.
  public let count: Int
  private let shared: Shared

  /// A pool of `count` threads (at least 1), the caller included; threads start at the first parallel call.
  public init(count: Int) {
    self.count = max(1, count)
    self.shared = Shared()
  }

  /// The caller alone.
  public static var serial: Workers { Workers(count: 1) }

  deinit { shared.stop() }

  /// Calls `body` for `0 ..< taskCount`, in any order, on up to `count` threads; returns when all are done.
  public func run(_ taskCount: Int, _ body: @Sendable (Int) -> Void) {
    if count == 1 || taskCount <= 1 || !shared.tryAcquire() {
      for index in 0..<max(0, taskCount) { body(index) }
      return
    }
    defer { shared.release() }
    shared.start(threads: count - 1)
    // SAFETY: `execute` returns only after every claimed call has returned, so the closure does not outlive this scope.
    withoutActuallyEscaping(body) { shared.execute(taskCount, $0) }
  }

  /// `body(0 ..< taskCount)` in index order.
  ///
  /// - Throws: the error of the lowest index that threw.
  public func map<T: Sendable>(_ taskCount: Int, _ body: @Sendable (Int) throws -> T) throws -> [T] {
    let results = Mutex<[Result<T, any Error>?]>(Array(repeating: nil, count: max(0, taskCount)))
    run(taskCount) { index in
      let result = Result { try body(index) }
      results.withLock { $0[index] = result }
    }
    return try results.withLock { $0 }.map { result in
      guard let result else { preconditionFailure("every task ran") }
      return try result.get()
    }
  }

  /// Splits `0 ..< total` into ranges of about equal size, at least `minimum` long, for use with `run`.
  ///
  /// The ranges depend on `total` and `minimum` only, never on the number of threads, so block sums agree.
  public static func blocks(_ total: Int, minimum: Int, maximumCount: Int = 64) -> [Range<Int>] {
    guard total > 0 else { return [] }
    let blockCount = max(1, min(maximumCount, total / max(1, minimum)))
    return (0..<blockCount).map { (total * $0 / blockCount)..<(total * ($0 + 1) / blockCount) }
  }
}

extension Workers {
  /// State that pool threads share; `ticket` is `generation << 32 | next task`.
  final class Shared: Sendable {
    typealias Body = @Sendable (Int) -> Void
    private struct Sleep: Sendable {
      var started = 0
      var stopped = false
    }
    private let ticket = Atomic<UInt64>(0)
    private let limit = Atomic<Int>(0)
    private let finished = Atomic<Int>(0)
    private let sleepers = Atomic<Int>(0)
    private let busy = Atomic<Bool>(false)
    private let body = Mutex<Body?>(nil)
    private let sleep = Mutex(Sleep())
    private let gate = NSCondition()

    func tryAcquire() -> Bool { !busy.exchange(true, ordering: .acquiring) }
    func release() { busy.store(false, ordering: .releasing) }

    func start(threads: Int) {
      let missing = sleep.withLock { state in
        let missing = max(0, threads - state.started)
        state.started = max(threads, state.started)
        return missing
      }
      for _ in 0..<missing {
        let thread = Thread { [self] in work() }
        thread.stackSize = 8 << 20
        thread.start()
      }
    }

    func stop() {
      sleep.withLock { $0.stopped = true }
      gate.lock()
      gate.broadcast()
      gate.unlock()
    }

    func execute(_ count: Int, _ body: @escaping Body) {
      // Close the last generation before the limit grows: a thread late from it would otherwise claim a task of this.
      let closed = ticket.load(ordering: .relaxed) | 0xFFFF_FFFF
      ticket.store(closed, ordering: .sequentiallyConsistent)
      self.body.withLock { $0 = body }
      finished.store(0, ordering: .relaxed)
      limit.store(count, ordering: .releasing)
      let generation = (closed >> 32 &+ 1) & 0xFFFF_FFFF
      ticket.store(generation << 32, ordering: .sequentiallyConsistent)
      if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
        gate.lock()
        gate.broadcast()
        gate.unlock()
      }
      while let index = claim(generation) {
        body(index)
        finished.add(1, ordering: .acquiringAndReleasing)
      }
      var turns = 0
      while finished.load(ordering: .acquiring) < count {
        turns += 1
        if turns > 4000 { sched_yield() }
      }
      // Workers drop their reference before they report done; this drops the last one.
      self.body.withLock { $0 = nil }
    }

    private func claim(_ generation: UInt64) -> Int? {
      while true {
        let current = ticket.load(ordering: .acquiring)
        let next = Int(current & 0xFFFF_FFFF)
        guard current >> 32 == generation, next < limit.load(ordering: .acquiring) else { return nil }
        if ticket.compareExchange(expected: current, desired: current + 1, ordering: .acquiringAndReleasing).exchanged {
          return next
        }
      }
    }

    private func work() {
      var seen: UInt64 = 0
      while true {
        guard let generation = awaitGeneration(after: seen) else { return }
        seen = generation
        while let index = claim(generation) {
          runClaimed(index)
          finished.add(1, ordering: .acquiringAndReleasing)
        }
      }
    }

    /// Kept out of line so that its reference to the closure is gone before the task counts as finished.
    @inline(never)
    private func runClaimed(_ index: Int) {
      guard let body = body.withLock({ $0 }) else { preconditionFailure("a claimed task has a body") }
      body(index)
    }

    /// The generation that follows `seen`: spins a few times 50 µs, the price of being woken, then sleeps. `nil` at
    /// shutdown.
    private func awaitGeneration(after seen: UInt64) -> UInt64? {
      for _ in 0..<200_000 {
        let generation = ticket.load(ordering: .acquiring) >> 32
        if generation != seen { return generation }
      }
      gate.lock()
      defer { gate.unlock() }
      sleepers.add(1, ordering: .sequentiallyConsistent)
      defer { sleepers.subtract(1, ordering: .sequentiallyConsistent) }
      while true {
        let generation = ticket.load(ordering: .sequentiallyConsistent) >> 32
        if generation != seen { return generation }
        if sleep.withLock({ $0.stopped }) { return nil }
        gate.wait()
      }
    }
  }
}
