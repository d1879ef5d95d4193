import Basics
import Foundation
package import Storage
import Synchronization

/// Writes prediction records in groups: whatever arrived while the last group was being committed is the next one.
///
/// A caller's records are durable when `append` returns, so a reply that was sent names predictions that survive the
/// death of the process. The queue is bounded; when it is full, callers are told to come back.
package final class PredictionWriter: Sendable {
  private struct State {
    var records: [PredictionRecord] = []
    var waiters: [CheckedContinuation<Void, any Error>] = []
    var isStopping = false
    var hasThread = false
  }

  private let state = Mutex(State())
  private let gate = NSCondition()
  private let log: PredictionLog
  private let finished = DispatchSemaphore(value: 0)

  /// Most records that may wait.
  static let capacity = 200_000

  /// Writes to `log`; the thread starts with the first record.
  package init(_ log: PredictionLog) { self.log = log }

  /// Keeps `records`; returns once they are committed.
  ///
  /// - Throws: `.unavailable` when the queue is full or the server is stopping; what the store throws.
  package func append(_ records: [PredictionRecord]) async throws {
    try await withCheckedThrowingContinuation { (waiter: CheckedContinuation<Void, any Error>) in
      let (refusal, needsThread) = state.withLock { state -> (MLError?, Bool) in
        if state.isStopping {
          return (MLError(.unavailable, "server: is stopping.", hint: "Try again in a moment."), false)
        }
        if state.records.count + records.count > Self.capacity {
          return (
            MLError(.unavailable, "server: too many predictions wait to be logged.", hint: "Try again in a moment."),
            false
          )
        }
        state.records += records
        state.waiters.append(waiter)
        defer { state.hasThread = true }
        return (nil, !state.hasThread)
      }
      if let refusal { return waiter.resume(throwing: refusal) }
      if needsThread { startThread() }
      gate.lock()
      gate.signal()
      gate.unlock()
    }
  }

  /// Commits what waits and ends the thread.
  package func stop() {
    let hasThread = state.withLock { state in
      state.isStopping = true
      return state.hasThread
    }
    guard hasThread else { return }
    gate.lock()
    gate.signal()
    gate.unlock()
    finished.wait()
  }

  private func startThread() {
    let thread = Thread { [self] in work() }
    thread.name = "prediction-log"
    thread.start()
  }

  private func work() {
    while true {
      gate.lock()
      while state.withLock({ $0.records.isEmpty && !$0.isStopping }) { gate.wait() }
      gate.unlock()
      let (records, waiters, isStopping) = state.withLock { state in
        defer {
          state.records = []
          state.waiters = []
        }
        return (state.records, state.waiters, state.isStopping)
      }
      if records.isEmpty, isStopping {
        finished.signal()
        return
      }
      do {
        try log.append(records)
        for waiter in waiters { waiter.resume() }
      } catch {
        for waiter in waiters { waiter.resume(throwing: error) }
      }
    }
  }
}
