import Basics
import Modeling

/// The objective a boosting run minimises, and how the target becomes numbers.
enum BoostingObjective {
  private static let owner = GradientBoostedTrees.card.name

  /// The objective `settings` ask for on the rows of `target`.
  ///
  /// - Throws: `.invalidData` when the target does not suit it.
  static func objective(
    _ settings: GradientBoostedTrees, _ target: Target, _ groups: RankingGroups?, _ ranks: Ranks
  ) throws -> any Objective {
    switch target {
    case .classes(let codes, let names):
      guard settings.objective == .automatic else {
        throw MLError(
          .invalidParameter, "\(owner): 'objective' must be automatic for classes; got \(settings.objective.rawValue).",
          hint: "Leave 'objective' out.", field: "objective")
      }
      return try classification(codes, names, ranks)
    case .values:
      return try regression(settings, groups, ranks)
    }
  }

  private static func classification(_ codes: [Int32], _ names: [String], _ ranks: Ranks) throws -> any Objective {
    var counts = [Int64](repeating: 0, count: names.count)
    for code in codes { counts[Int(code)] += 1 }
    guard try ranks.sums(counts).count(where: { $0 > 0 }) >= 2 else {
      throw MLError(
        .invalidData, "\(owner): target must have at least two classes; got one.",
        hint: "Add rows of another class, or choose another target.")
    }
    return names.count == 2 ? LogisticObjective() : SoftmaxObjective(classCount: names.count)
  }

  private static func regression(
    _ settings: GradientBoostedTrees, _ groups: RankingGroups?, _ ranks: Ranks
  ) throws -> any Objective {
    switch settings.objective {
    case .automatic, .squaredError: return SquaredObjective()
    case .absoluteError: return AbsoluteObjective()
    case .huber: return HuberObjective(delta: settings.huberDelta)
    case .quantile: return QuantileObjective(level: settings.quantile)
    case .poisson: return PoissonObjective()
    case .gamma: return GammaObjective()
    case .tweedie: return TweedieObjective(power: settings.tweediePower)
    case .lambdarank:
      guard let groups else { throw MLError(.internalFailure, "\(owner): lambdarank without groups.") }
      guard ranks.isAlone else {
        throw MLError(
          .invalidParameter, "\(owner): 'objective' lambdarank must be fitted by one process.",
          hint: "Start one process.", field: "objective")
      }
      return LambdaRankObjective(groups: groups, truncation: settings.rankingTruncation)
    }
  }

  /// Checks that `target` is finite, of known classes and in the range that the objective takes.
  ///
  /// - Throws: `.invalidData` naming the first row that is not.
  static func check(_ target: Target, _ loss: GradientBoostedTrees.Loss, _ what: String) throws {
    switch target {
    case .classes(let codes, let names):
      guard codes.allSatisfy({ $0 >= 0 && Int($0) < names.count }) else {
        throw MLError(.invalidData, "\(owner): \(what) must have codes of its \(names.count) classes.")
      }
    case .values(let values):
      if let row = values.firstIndex(where: { !$0.isFinite }) {
        throw MLError(
          .invalidData, "\(owner): \(what) must be finite; row \(row + 1) is not.", hint: "Remove or correct that row.")
      }
      guard let range = range(loss), let row = values.firstIndex(where: { !range.holds($0) }) else { return }
      throw MLError(
        .invalidData,
        "\(owner): objective \(loss.rawValue) must have a \(what) that is \(range.words); row \(row + 1) is not.",
        hint: "Use squared-error, or correct that row.")
    }
  }

  private static func range(_ loss: GradientBoostedTrees.Loss) -> (words: String, holds: (Double) -> Bool)? {
    switch loss {
    case .poisson, .tweedie: ("not negative", { $0 >= 0 })
    case .gamma: ("positive", { $0 > 0 })
    case .lambdarank: ("in 0…31", { (0...31).contains($0) })
    default: nil
    }
  }

  /// The objective called `name`, enough of it to turn scores into predictions; `nil` for an unknown name.
  static func link(_ name: String, classCount: Int) -> (any Objective)? {
    switch name {
    case LogisticObjective.card.name: classCount == 2 ? LogisticObjective() : nil
    case SoftmaxObjective.card.name: classCount > 2 ? SoftmaxObjective(classCount: classCount) : nil
    case SquaredObjective.card.name, AbsoluteObjective.card.name, HuberObjective.card.name, QuantileObjective.card.name,
      LambdaRankObjective.card.name:
      classCount == 0 ? SquaredObjective() : nil
    case PoissonObjective.card.name: classCount == 0 ? PoissonObjective() : nil
    case GammaObjective.card.name, TweedieObjective.card.name: classCount == 0 ? GammaObjective() : nil
    default: nil
    }
  }
}
