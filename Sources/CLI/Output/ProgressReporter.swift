import Basics
import Synchronization

/// How far one long step is: a single repainted line on a terminal, a plain line every few seconds elsewhere.
///
/// Safe to call from any thread and as often as one likes: a terminal is repainted ten times a second at most.
package final class ProgressReporter: Sendable {
  private struct State: Sendable {
    var label = ""
    var started = 0.0
    var shown = -Double.infinity
    var isLineOpen = false
    var block: [String] = []
  }
  private let sink: any OutputSink
  private let terminal: Terminal
  private let isSilent: Bool
  private let clock: @Sendable () -> Double
  private let state: Mutex<State>
  private static let repaintSeconds = 0.1
  private static let plainSeconds = 5.0
  private static let clearLine = "\r\u{1B}[2K"
  /// From the start of the line to the end of the screen: the line and what stands under it.
  private static let clearBelow = "\r\u{1B}[J"

  /// A reporter; `clock` gives seconds that never go back.
  package init(
    sink: any OutputSink, terminal: Terminal, isSilent: Bool = false,
    clock: @escaping @Sendable () -> Double = { Machine.monotonicSeconds }
  ) {
    self.sink = sink
    self.terminal = terminal
    self.isSilent = isSilent
    self.clock = clock
    state = Mutex(State())
  }

  /// Starts a step called `label`.
  package func begin(_ label: String) {
    guard !isSilent else { return }
    let now = clock()
    state.withLock { state in
      state = State(label: label, started: now, shown: terminal.isInteractive ? -.infinity : now, isLineOpen: false)
      if terminal.isInteractive { paint(&state, line(state, fraction: nil, detail: nil, now: now), now) }
    }
  }

  /// Says that `fraction` (0 … 1, `nil` when unknown) of the step is done; `detail` is the current figure.
  package func update(_ fraction: Double?, detail: String? = nil) {
    guard !isSilent else { return }
    let now = clock()
    state.withLock { state in
      let pause = terminal.isInteractive ? Self.repaintSeconds : Self.plainSeconds
      guard now - state.shown >= pause else { return }
      let text = line(state, fraction: fraction, detail: detail, now: now)
      if terminal.isInteractive {
        paint(&state, text, now)
      } else {
        sink.write(terminal.rendered(text) + "\n")
        state.shown = now
      }
    }
  }

  /// Lines that stand under the repainted line until the step ends; nothing where lines are not repainted.
  package func show(_ block: [String]) {
    guard !isSilent, terminal.isInteractive else { return }
    state.withLock { $0.block = block }
  }

  /// Ends the step: the repainted line is wiped and `summary`, if there is one, takes its place.
  package func finish(_ summary: String? = nil) {
    guard !isSilent else { return }
    state.withLock { state in
      if state.isLineOpen { sink.write(state.block.isEmpty ? Self.clearLine : Self.clearBelow) }
      state.isLineOpen = false
      if let summary { sink.write(terminal.rendered(summary) + "\n") }
    }
  }

  private func paint(_ state: inout State, _ text: String, _ now: Double) {
    var out = (state.block.isEmpty ? Self.clearLine : Self.clearBelow) + text
    if !state.block.isEmpty {
      out += state.block.map { "\n" + terminal.rendered($0) }.joined() + "\u{1B}[\(state.block.count)A\r"
    }
    sink.write(out)
    state.isLineOpen = true
    state.shown = now
  }

  private func line(_ state: State, fraction: Double?, detail: String?, now: Double) -> String {
    var parts = [state.label]
    if let fraction, fraction.isFinite {
      let share = min(1, max(0, fraction))
      if terminal.isInteractive, terminal.width >= 60 { parts.append(Self.bar(share, columns: 20)) }
      parts.append("\(Int(100 * share)) %")
      let elapsed = now - state.started
      if elapsed >= 1, share >= 0.02, share < 1 {
        let left = (elapsed * (1 - share) / share).rounded()
        parts.append((left < 60 ? "\(Int(left)) s" : NumberFormat.duration(left)) + " left")
      }
    }
    if let detail { parts.append(detail) }
    let text = terminal.rendered(parts.joined(separator: "  "))
    return terminal.isInteractive ? DisplayWidth.elided(text, to: terminal.width - 1) : text
  }

  private static func bar(_ share: Double, columns: Int) -> String {
    let full = Int((share * Double(columns)).rounded())
    return String(repeating: "█", count: full) + String(repeating: "░", count: columns - full)
  }
}
