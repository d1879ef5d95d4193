import Basics
import Synchronization

/// Tells a command stage by stage: `1/9  Reading adult.csv …  ✓ 8,143 rows × 6 columns  0.1 s`.
///
/// On a terminal the line stands while the stage runs, with its progress; elsewhere it is written when the stage ends.
package final class Narrator: Sendable {
  /// How a stage ended.
  package enum Mark: Sendable, Hashable {
    /// Done.
    case done
    /// Done, but look at it.
    case warning
    /// The answer is no.
    case failed
  }

  private struct State: Sendable {
    var stage = 0
    var title = ""
    var started = 0.0
  }
  private let stageCount: Int
  private let sink: any OutputSink
  private let terminal: Terminal
  private let isSilent: Bool
  private let clock: @Sendable () -> Double
  private let reporter: ProgressReporter
  private let state: Mutex<State>

  /// A narrator of `stageCount` stages; `clock` gives seconds that never go back.
  package init(
    stageCount: Int, sink: any OutputSink, terminal: Terminal, isSilent: Bool = false,
    clock: @escaping @Sendable () -> Double = { Machine.monotonicSeconds }
  ) {
    self.stageCount = stageCount
    self.sink = sink
    self.terminal = terminal
    self.isSilent = isSilent
    self.clock = clock
    reporter = ProgressReporter(sink: sink, terminal: terminal, isSilent: isSilent, clock: clock)
    state = Mutex(State())
  }

  /// Starts the next stage.
  package func begin(_ title: String) {
    let now = clock()
    let present = state.withLock { state in
      state = State(stage: state.stage + 1, title: title, started: now)
      return state
    }
    reporter.begin(head(present) + " …")
  }

  /// Says that `fraction` of the stage is done; see `ProgressReporter.update`.
  package func update(_ fraction: Double?, detail: String? = nil) { reporter.update(fraction, detail: detail) }

  /// Shows lines under the stage's own while it runs; on a terminal only.
  package func show(_ block: [String]) { reporter.show(block) }

  /// Wipes what is repainted, so that something else can be written.
  package func pause() { reporter.finish() }

  /// Ends the stage with what came out of it.
  package func finish(_ result: String, mark: Mark = .done) {
    let present = state.withLock { $0 }
    let time = TextStyle.dim(NumberFormat.duration(clock() - present.started), on: terminal)
    reporter.finish("\(head(present)) …  \(sign(mark)) \(result)  \(time)")
  }

  /// Writes an indented line: under the stage after `finish`, above its line before.
  package func note(_ text: String) {
    guard !isSilent else { return }
    let indent = String(repeating: " ", count: 2 * String(stageCount).count + 3)
    for line in DisplayWidth.wrapped(text, to: max(20, terminal.width - indent.count)) {
      reporter.finish(indent + line)
    }
  }

  /// Runs a stage; `body` returns its value and what to say of it. An error leaves the stage marked as failed.
  package func stage<T>(_ title: String, _ body: () async throws -> (T, String)) async throws -> T {
    begin(title)
    do {
      let (value, result) = try await body()
      finish(result)
      return value
    } catch {
      finish("failed", mark: .failed)
      throw error
    }
  }

  private func head(_ state: State) -> String {
    let number = String(state.stage)
    let pad = String(repeating: " ", count: max(0, String(stageCount).count - number.count))
    return "\(pad)\(number)/\(stageCount)  \(state.title)"
  }

  private func sign(_ mark: Mark) -> String {
    switch mark {
    case .done: TextStyle.green("✓", on: terminal)
    case .warning: TextStyle.yellow("!", on: terminal)
    case .failed: TextStyle.red("✗", on: terminal)
    }
  }
}
