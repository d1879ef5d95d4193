import Basics
import CLI
import Lifecycle
import Synchronization
import Testing

@Suite struct LeaderboardTests {
  private var board: Leaderboard {
    var board = Leaderboard(metric: "rmse", higherIsBetter: false, foldCount: 5, plannedCount: 41)
    func add(_ algorithm: String, _ settings: String, _ values: [Double?]) {
      for (fold, value) in values.enumerated() {
        board.add(.init(algorithm: algorithm, settings: settings, fold: fold, value: value, fitSeconds: 0.25))
      }
    }
    add("baseline", "", [20, 22, 21, 20, 22])
    add("gradient-boosted-trees", "learning_rate=0.1 leaves=31 rounds=400 minimum_rows=20 l2=0.5", [10, 11, 12])
    add("gradient-boosted-trees", "learning_rate=0.2", [10.5])
    add("ridge", "l2=3", [nil])
    for index in 0..<4 { add("extra-trees", "depth=\(index)", [15 + Double(index)]) }
    return board
  }

  @Test func theBestComeFirstAndEveryLineFits() {
    #expect(board.count == 8 && board.fitCount == 14)
    #expect(
      board.entries.map(\.algorithm).prefix(3) == [
        "gradient-boosted-trees", "baseline", "gradient-boosted-trees",
      ], "one lucky fold does not lead")
    #expect(board.entries.last?.mean == nil && board.entries[2].settings == "learning_rate=0.2")
    let entry = board.entries[0]
    #expect(entry.mean == 11 && abs((entry.standardError ?? 0) - (1.0 / 3).squareRoot()) < 1e-12)
    let lines = LeaderboardView.lines(board, width: 79)
    #expect(lines.count == 1 + LeaderboardView.count)
    #expect(lines[0] == "  best of 8 of 41 by rmse")
    #expect(lines[1].contains("11 ± 0.58") && lines[1].contains("3/5") && lines[1].hasSuffix("…"))
    #expect(lines[3].hasPrefix("  3  gradient-boosted-trees  10.5") && lines[3].contains("1/5"))
    for line in lines { #expect(DisplayWidth.of(line) <= 79, "\(line)") }
    let empty = Leaderboard(metric: "rmse", higherIsBetter: false, foldCount: 5)
    #expect(LeaderboardView.lines(empty, width: 79).isEmpty)
  }

  /// The block stands under the repainted line, is repainted with it, and is wiped with it.
  @Test func theBlockIsRepaintedInPlace() {
    let sink = MemoryOutput()
    let progress = ProgressReporter(sink: sink, terminal: Terminal(isInteractive: true, width: 60)) { 0 }
    progress.begin("Trying")
    progress.show(["one", "two"])
    progress.update(0.5)
    #expect(!sink.text.contains("one"), "not sooner than the line is repainted")
    progress.finish("done")
    #expect(sink.text.hasSuffix("\r\u{1B}[Jdone\n"))
    let plain = MemoryOutput()
    let log = ProgressReporter(sink: plain, terminal: Terminal()) { 0 }
    log.begin("Trying")
    log.show(["one"])
    log.finish("done")
    #expect(plain.text == "done\n")
  }

  @Test func theCursorReturnsToTheLine() {
    let sink = MemoryOutput()
    let clock = Ticks()
    let progress = ProgressReporter(sink: sink, terminal: Terminal(isInteractive: true, width: 60)) { clock.next() }
    progress.begin("Trying")
    progress.show(["one", "two"])
    progress.update(nil)
    #expect(sink.text.hasSuffix("\r\u{1B}[JTrying\none\ntwo\u{1B}[2A\r"))
  }
}

/// A clock that moves one second at each look.
private final class Ticks: Sendable {
  private let time = Mutex(0.0)

  func next() -> Double {
    time.withLock {
      $0 += 1
      return $0
    }
  }
}
