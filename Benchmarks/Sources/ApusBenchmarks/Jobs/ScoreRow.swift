import Basics
import Modeling

/// Microseconds for one row in process: the median of 20,000 calls, each with a frame of one row.
enum ScoreRow: Job {
  static let name = "score-row"

  static func run(_ setting: Setting) throws -> [Outcome] {
    let (table, model) = try ScoreBatch.model(setting)
    let frames = try (0..<200).map { try table.frame(28, $0..<($0 + 1)) }
    var spent: [Double] = []
    for call in 0..<20_000 {
      spent.append(try timed { try model.predict(frames[call % frames.count]) }.seconds * 1e6)
    }
    spent.sort()
    let rows = 0..<1_000_000
    let auc = try quality("roc_auc", model.predict(table.frame(28, rows)), table.classes(28, rows))
    return [Outcome(spent[spent.count / 2], quality: auc)]
  }
}
