import ArgumentParser
import Basics
import Foundation
import Lifecycle
import Modeling
import Storage
import Synchronization

/// A verb: options, and what it does with a session. Returns the exit status; errors are thrown.
protocol Verb: ParsableCommand {
  var common: CommonOptions { get }
  func perform(_ session: Session) async throws -> Int32
}

/// What a verb works with: output, threads, workspace.
final class Session: Sendable {
  let output: Output
  let environment: [String: String]
  let workspacePath: String
  let cancellation = Cancellation()
  private let common: CommonOptions
  private let narrator = Mutex<Narrator?>(nil)
  private let log = Mutex<LeaderboardLog?>(nil)
  private let workers: Workers

  init(common: CommonOptions, output: Output, environment: [String: String]) {
    self.common = common
    self.output = output
    self.environment = environment
    workspacePath = common.workspacePath
    workers = Workers(count: common.threads ?? Machine.coreCount)
    watchInterrupts()
  }

  /// The context of this command; its events are narrated.
  ///
  /// - Parameter showsProgress: the best candidates so far are written where they are not repainted, too.
  func context(stageCount: Int = 0, showsProgress: Bool = false) -> LifecycleContext {
    narrator.withLock { $0 = stageCount > 0 ? output.narrator(stageCount: stageCount) : nil }
    let isRepainted = output.mode == .human && output.messageTerminal.isInteractive
    log.withLock { [output] in
      $0 = showsProgress && !isRepainted ? LeaderboardLog { output.message($0) } : nil
    }
    return LifecycleContext(
      workers: workers, seed: Seed(common.seed), cancellation: cancellation, actor: actor
    ) { [self] event in tell(event) }
  }

  /// Who acts: the person logged in.
  var actor: String { environment["USER"] ?? environment["LOGNAME"] ?? "local" }

  /// Opens the workspace; `create` makes one where there is none.
  func workspace(create: Bool) throws -> Workspace { try Workspace.open(at: workspacePath, create: create) }

  /// The workspace if there is one.
  func existingWorkspace() throws -> Workspace? {
    FileSystem.exists(workspacePath + "/apus.sqlite") ? try workspace(create: false) : nil
  }

  private func tell(_ event: LifecycleEvent) {
    if case .leaderboard(let board) = event { log.withLock { $0 }?.show(board) }
    guard let narrator = narrator.withLock({ $0 }) else { return }
    switch event {
    case .stage(let title): narrator.begin(title)
    case .note(let text): narrator.note(text)
    case .progress(let share, let what): narrator.update(share, detail: what)
    case .candidate: break
    case .leaderboard(let board):
      narrator.show(LeaderboardView.lines(board, width: output.messageTerminal.width - 1))
    case .done(let result): narrator.finish(result)
    }
  }

  /// The first Ctrl-C asks the work to stop at a safe point; the second ends the process.
  private func watchInterrupts() {
    Interrupts.onFirst { [self] in
      endNarration()
      output.note("\nstopping …")
      cancellation.cancel()
    }
  }

  /// Wipes what is repainted, so that an error or a note stands on a line of its own.
  func endNarration() { narrator.withLock { $0 }?.pause() }
}

/// Ctrl-C and SIGTERM.
enum Interrupts {
  private static let handlers = Mutex<[@Sendable () -> Void]>([])
  private static let sources = Mutex<[any DispatchSourceSignal]>([])
  private static let count = Mutex(0)

  /// Runs `body` at the first signal; the second ends the process at once.
  static func onFirst(_ body: @escaping @Sendable () -> Void) {
    handlers.withLock { $0.append(body) }
    sources.withLock { sources in
      guard sources.isEmpty else { return }
      for number in [SIGINT, SIGTERM] {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler {
          let times = count.withLock { times in
            times += 1
            return times
          }
          if times > 1 { exit(130) }
          for handler in handlers.withLock({ $0 }) { handler() }
        }
        source.resume()
        sources.append(source)
      }
    }
  }
}
