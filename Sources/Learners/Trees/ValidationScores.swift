import Basics
import Frames
import Kernels
import Modeling

/// Validation rows in codes and their scores.
struct ValidationScores {
  private let columns: BinnedColumns
  private let scores: SharedDoubles
  private let target: SharedDoubles
  private let weights: [Double]?
  private let width: Int
  private let ranks: Ranks
  private let objective: any Objective

  /// - Throws: `.invalidData` when the target is of another task or has other classes than the training target.
  init(_ data: TrainingData.Validation, _ run: BoostingRun, prior: PriorModel?) throws {
    ranks = run.ranks
    guard data.frame.rowCount > 0 else {
      throw MLError(
        .invalidData, "gradient-boosted-trees: validation rows must exist; got none.", hint: "Leave validation out.")
    }
    if let own = run.objective as? LambdaRankObjective, let names = try GroupColumn.names(data.frame, run.settings) {
      objective = LambdaRankObjective(groups: RankingGroups(names), truncation: own.truncation)
    } else {
      objective = run.objective
    }
    let frame = try prior?.aligned(data.frame) ?? GroupColumn.features(data.frame, run.settings)
    let values = data.target.doubles
    let baseline = run.baseline
    weights = data.weights
    width = baseline.count
    columns = try run.features.codes(frame, run.context.workers)
    scores = SharedDoubles(count: values.count * width)
    target = SharedDoubles(count: values.count)
    for row in values.indices { target[row] = values[row] }
    try BoostingRun.start(scores, baseline, prior, frame)
  }

  /// Checks validation rows.
  ///
  /// - Throws: `.shapeMismatch` where counts differ, `.invalidData` for a target or weights that do not suit the
  ///   training rows'.
  static func check(
    _ data: TrainingData.Validation, _ training: Target, _ settings: GradientBoostedTrees
  ) throws {
    let count = data.frame.rowCount
    guard data.target.count == count, data.weights?.count ?? count == count else {
      throw MLError(
        .shapeMismatch,
        "gradient-boosted-trees: validation target and weights must have \(count) rows; got \(data.target.count)"
          + " and \(data.weights?.count ?? count).")
    }
    guard data.target.classNames == training.classNames else {
      throw MLError(
        .invalidData, "gradient-boosted-trees: validation rows must have the classes of the training rows.",
        hint: "Leave validation rows out, or take them from the same table.")
    }
    guard data.weights?.allSatisfy({ $0.isFinite && $0 >= 0 }) ?? true,
      data.weights?.contains(where: { $0 > 0 }) ?? true
    else {
      throw MLError(
        .invalidData, "gradient-boosted-trees: validation weights must be finite, not negative and not all zero.")
    }
    try BoostingObjective.check(data.target, settings.objective, "validation target")
  }

  /// Mean objective, over the rows of all ranks.
  func value() throws -> Double {
    let own = scores.read(0..<scores.count) { scores in
      target.read(0..<target.count) { objective.value(scores: scores, target: $0, weights: weights) }
    }
    if ranks.isAlone { return own }
    let total = weights?.reduce(0, +) ?? Double(target.count)
    let all = try ranks.joined([own * total, total])
    let sums = stride(from: 0, to: all.count, by: 2).reduce((0.0, 0.0)) { ($0.0 + all[$1], $0.1 + all[$1 + 1]) }
    return sums.1 > 0 ? sums.0 / sums.1 : 0
  }

  /// Adds one tree.
  func add(_ tree: GrownTree, _ values: [Double], _ k: Int, _ workers: Workers) {
    let blocks = Workers.blocks(target.count, minimum: 2048)
    workers.run(blocks.count) { [columns, scores, width] index in
      columns.route(
        tree.binned, rows: nil, range: blocks[index], leafValues: values, scores: scores, stride: width, offset: k)
    }
  }
}
