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
  func context(stageCount: Int = 0) -> LifecycleContext {
    narrator.withLock { $0 = stageCount > 0 ? output.narrator(stageCount: stageCount) : nil }
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
    guard let narrator = narrator.withLock({ $0 }) else { return }
    switch event {
    case .stage(let title): narrator.begin(title)
    case .note(let text): narrator.note(text)
    case .progress(let share, let what): narrator.update(share, detail: what)
    case .candidate(let algorithm, let settings, let metric, let value, let seconds):
      let text = value.map { "\(metric) \(NumberFormat.number($0))" } ?? "\(metric) undefined"
      narrator.note("\(algorithm)  \(text)  \(NumberFormat.duration(seconds))  \(settings)")
    case .done(let result): narrator.finish(result)
    }
  }

  /// The first Ctrl-C asks the work to stop at a safe point; the second ends the process.
  private func watchInterrupts() {
    Interrupts.onFirst { [cancellation, output] in
      output.note("\nstopping …")
      cancellation.cancel()
    }
  }
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
