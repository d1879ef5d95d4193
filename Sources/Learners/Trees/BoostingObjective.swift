import Basics
import Modeling

/// The objective a boosting run minimises, and how the target becomes numbers.
enum BoostingObjective {
  /// The objective `settings` ask for on `target`.
  ///
  /// - Throws: `.invalidData` when the target does not suit it.
  static func objective(_ settings: GradientBoostedTrees, _ target: Target, _ ranks: Ranks) throws -> any Objective {
    let owner = GradientBoostedTrees.card.name
    switch target {
    case .classes(let codes, let names):
      guard settings.objective == .automatic else {
        throw MLError(
          .invalidParameter, "\(owner): 'objective' must be automatic for classes; got \(settings.objective.rawValue).",
          hint: "Leave 'objective' out.", field: "objective")
      }
      return try classification(codes, names, owner, ranks)
    case .values(let values):
      if settings.objective == .poisson, let row = values.firstIndex(where: { $0 < 0 }) {
        throw MLError(
          .invalidData, "\(owner): objective poisson must have a target that is not negative; row \(row + 1) is.",
          hint: "Use squared-error, or correct that row.")
      }
      return regression(settings)
    }
  }

  private static func classification(_ codes: [Int32], _ names: [String], _ owner: String, _ ranks: Ranks) throws
    -> any Objective
  {
    guard codes.allSatisfy({ $0 >= 0 && Int($0) < names.count }) else {
      throw MLError(.invalidData, "\(owner): target must have codes of its \(names.count) classes.")
    }
    var counts = [Int64](repeating: 0, count: names.count)
    for code in codes { counts[Int(code)] += 1 }
    guard try ranks.sums(counts).count(where: { $0 > 0 }) >= 2 else {
      throw MLError(
        .invalidData, "\(owner): target must have at least two classes; got one.",
        hint: "Add rows of another class, or choose another target.")
    }
    return names.count == 2 ? LogisticObjective() : SoftmaxObjective(classCount: names.count)
  }

  private static func regression(_ settings: GradientBoostedTrees) -> any Objective {
    switch settings.objective {
    case .automatic, .squaredError: SquaredObjective()
    case .absoluteError: AbsoluteObjective()
    case .huber: HuberObjective(delta: settings.huberDelta)
    case .quantile: QuantileObjective(level: settings.quantile)
    case .poisson: PoissonObjective()
    }
  }

  /// The objective called `name`, enough of it to turn scores into predictions; `nil` for an unknown name.
  static func link(_ name: String, classCount: Int) -> (any Objective)? {
    switch name {
    case LogisticObjective.card.name: classCount == 2 ? LogisticObjective() : nil
    case SoftmaxObjective.card.name: classCount > 2 ? SoftmaxObjective(classCount: classCount) : nil
    case SquaredObjective.card.name, AbsoluteObjective.card.name, HuberObjective.card.name, QuantileObjective.card.name:
      classCount == 0 ? SquaredObjective() : nil
    case PoissonObjective.card.name: classCount == 0 ? PoissonObjective() : nil
    default: nil
    }
  }
}
