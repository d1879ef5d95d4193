import Basics
import Modeling

/// Microseconds for one row in process: the median of 20,000 calls with a prepared row, probability included.
enum ScoreRow: Job {
  static let name = "score-row"

  static func run(_ setting: Setting) throws -> [Outcome] {
    let (table, model) = try ScoreBatch.model(setting)
    guard let trees = model as? any RowScoringModel else { throw Unavailable(reason: "no scores row by row") }
    let rows = (0..<200).map { row in trees.rowFeatures.map { table.columns[$0.field][row] } }
    var spent: [Double] = []
    var scores = [Double](repeating: 0, count: trees.scoreWidth)
    var total = 0.0
    for call in 0..<20_000 {
      spent.append(
        try timed {
          score(trees, rows[call % rows.count], &scores)
          total += 1 / (1 + Mathematics.exp(-scores[0]))
        }.seconds * 1e6)
    }
    guard total > 0 else { throw Unavailable(reason: "no probabilities") }
    spent.sort()
    let all = 0..<1_000_000
    let auc = try quality("roc_auc", model.predict(table.frame(28, all)), table.classes(28, all))
    return [Outcome(spent[spent.count / 2], quality: auc)]
  }

  private static func score<Model: RowScoringModel>(_ model: Model, _ row: [Double], _ scores: inout [Double]) {
    let values = row.span
    var out = scores.mutableSpan
    model.score(row: values, into: &out)
  }
}
