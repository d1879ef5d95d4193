import Basics
import Frames
import Modeling

/// Weights that make every class count alike, over the rows of all ranks.
enum ClassBalance {
  /// `data` with balanced weights where the settings ask for them, its validation rows likewise.
  static func applied(_ data: TrainingData, _ settings: GradientBoostedTrees, _ ranks: Ranks) throws -> TrainingData {
    guard settings.classWeight == .balanced, case .classes(let codes, let names) = data.target, data.target.count > 0
    else { return data }
    let own = data.weights ?? [Double](repeating: 1, count: codes.count)
    let given = try ranks.joined(own)
    let all = try ranks.joined(codes.map(Int.init)).map(Int32.init)
    guard given.contains(where: { $0 > 0 }) else { return data }
    let balanced =
      try TrainingData(
        frame: Frame(.empty, [], rowCount: all.count), target: .classes(codes: all, names: names), weights: given
      ).balancingClasses().weights ?? given
    var factors = [Double](repeating: 1, count: names.count)
    for (row, code) in all.enumerated() where given[row] > 0 { factors[Int(code)] = balanced[row] / given[row] }
    var out = data
    out.weights = codes.indices.map { own[$0] * factors[Int(codes[$0])] }
    if let held = data.validation, case .classes(let codes, names) = held.target {
      out.validation?.weights = codes.indices.map { (held.weights?[$0] ?? 1) * factors[Int(codes[$0])] }
    }
    return out
  }
}
