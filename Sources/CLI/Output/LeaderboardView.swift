import Basics
package import Lifecycle
import Synchronization

/// The best candidates so far, in few lines that fit a terminal.
package enum LeaderboardView {
  /// Candidates shown.
  package static let count = 5

  /// A line about the whole and one for each of the best; nothing before the first result.
  ///
  ///     best of 12 of 41 by roc_auc
  ///     1  gradient-boosted-trees  0.9712 ± 0.0031  3/5  0.4 s  learning_rate=0.1 …
  package static func lines(_ board: Leaderboard, width: Int) -> [String] {
    let entries = board.entries.filter { $0.mean != nil }.prefix(count)
    guard !entries.isEmpty else { return [] }
    let planned = board.plannedCount.map { $0 > board.count ? " of \($0)" : "" } ?? ""
    let cells = entries.enumerated().map { place, entry -> [String] in
      let error = entry.standardError.map { " ± \(NumberFormat.number($0, digits: 2))" } ?? ""
      return [
        "\(place + 1)", entry.algorithm, NumberFormat.number(entry.mean) + error,
        "\(entry.foldCount)/\(board.foldCount)", NumberFormat.duration(entry.fitSeconds),
      ]
    }
    let widths = (0..<5).map { column in cells.map { DisplayWidth.of($0[column]) }.max() ?? 0 }
    let rows = zip(cells, entries).map { cells, entry -> String in
      let fixed = cells.indices.map { DisplayWidth.padded(cells[$0], to: widths[$0], trailing: $0 == 4) }
      let settings = entry.settings.isEmpty ? "" : "  " + entry.settings
      return DisplayWidth.elided("  " + fixed.joined(separator: "  ") + settings, to: width)
    }
    return [DisplayWidth.elided("  best of \(board.count)\(planned) by \(board.metric)", to: width)] + rows
  }
}

/// Writes the leaderboard where lines cannot be repainted: when it has changed, and not more often than every few
/// seconds.
final class LeaderboardLog: Sendable {
  private let write: @Sendable (String) -> Void
  private let clock: @Sendable () -> Double
  private let state = Mutex<(shown: Double, lines: [String])>((-.infinity, []))
  static let pauseSeconds = 5.0

  init(
    clock: @escaping @Sendable () -> Double = { Machine.monotonicSeconds }, write: @escaping @Sendable (String) -> Void
  ) {
    self.clock = clock
    self.write = write
  }

  func show(_ board: Leaderboard) {
    let lines = LeaderboardView.lines(board, width: 80)
    let now = clock()
    let isDue = state.withLock { state in
      guard !lines.isEmpty, lines != state.lines, now - state.shown >= Self.pauseSeconds else { return false }
      state = (now, lines)
      return true
    }
    if isDue { lines.forEach(write) }
  }
}
