import Basics

/// A setting by its meaning; algorithms name it differently, and those without it are left alone.
enum Concept: Sendable {
  case learningRate, iterations, leaves, rowsPerLeaf, penalty, rowShare, columnShare, depth

  /// Names on cards, the first found counts.
  private var names: [String] {
    switch self {
    case .learningRate: ["learning_rate"]
    case .iterations: ["iteration_count", "tree_count", "maximum_iteration_count", "iterations", "rounds"]
    case .leaves: ["leaf_count", "maximum_leaf_count", "leaves", "num_leaves"]
    case .rowsPerLeaf:
      ["minimum_rows_per_leaf", "minimum_leaf_rows", "min_rows_per_leaf", "rows_per_leaf", "minimum_rows"]
    case .penalty: ["l2", "l2_regularization", "l2_penalty", "penalty", "regularization", "strength", "alpha"]
    case .rowShare: ["row_share", "row_fraction", "row_sample", "row_sampling", "row_subsample", "subsample"]
    case .columnShare:
      ["column_share", "column_fraction", "column_sample", "column_sampling", "column_subsample", "feature_fraction"]
    case .depth: ["maximum_depth", "max_depth", "depth"]
    }
  }

  /// The setting on `card`.
  func setting(_ card: Card) -> Hyperparameter? {
    names.lazy.compactMap { name in card.hyperparameters.first { $0.name == name } }.first
  }

  /// What `settings` say of it.
  func value(in settings: JSONValue, _ card: Card) -> Double? {
    setting(card).flatMap { settings[$0.name]?.doubleValue }
  }
}

extension Hyperparameter {
  /// `value` brought into the domain; `nil` where it has no numbers.
  func fitted(_ value: Double) -> JSONValue? {
    switch domain {
    case .real(let range, _): .number(min(max(value, range.lowerBound), range.upperBound))
    case .integer(let range, _):
      .integer(Int64(min(max(value.rounded(), Double(range.lowerBound)), Double(range.upperBound))))
    case .choice, .boolean, .texts, .column: nil
    }
  }
}

extension Portfolio {
  /// Settings worth trying, best first; every list starts with what is good on most tables.
  static func presets(_ card: Card, _ request: PortfolioRequest) -> [JSONValue] {
    if card.name == baseline { return [.object([])] }
    if !card.presets.isEmpty { return card.presets.map { withIterations($0, card, request) } }
    if isLinear(card) { return linear(card).map { quick($0, card, request) } }
    let hasTrees = Concept.leaves.setting(card) != nil || Concept.depth.setting(card) != nil
    if hasTrees, Concept.learningRate.setting(card) != nil {
      return trees(request).map { withIterations(settings($0, card), card, request) }
    }
    return [.object([])]
  }

  /// The defaults, then weaker and stronger penalties, from the range that the card calls worth searching.
  private static func linear(_ card: Card) -> [JSONValue] {
    guard let penalty = Concept.penalty.setting(card) else { return [.object([])] }
    let strengths: [Double]
    switch penalty.search ?? penalty.domain {
    case .real(let range, let logarithmic):
      strengths = [0.75, 0.25].map { share in
        guard logarithmic, range.lowerBound > 0 else { return share < 0.5 ? 0.1 : 10 }
        return range.lowerBound * Mathematics.pow(range.upperBound / range.lowerBound, share)
      }
    default: strengths = []
    }
    let variants = strengths.compactMap { penalty.fitted(rounded($0)) }.map { JSONValue.object([(penalty.name, $0)]) }
    return [.object([])] + variants
  }

  /// On the many columns of a text the last digits of a linear model cost most of the time and change no answer.
  static func quick(_ settings: JSONValue, _ card: Card, _ request: PortfolioRequest) -> JSONValue {
    guard request.hasText, let tolerance = card.hyperparameters.first(where: { $0.name == "tolerance" }),
      let value = tolerance.fitted(1e-4)
    else { return settings }
    var out = settings
    out["tolerance"] = value
    return out
  }

  private typealias Tree = [(Concept, Double)]

  private static func trees(_ request: PortfolioRequest) -> [Tree] {
    func tree(
      _ rate: Double, _ leaves: Double, _ rows: Double, _ penalty: Double, _ columns: Double, _ share: Double
    ) -> Tree {
      [
        (.learningRate, rate), (.leaves, leaves), (.rowsPerLeaf, rows), (.penalty, penalty), (.columnShare, columns),
        (.rowShare, share),
      ]
    }
    if request.rowCount < smallCount {
      return [
        tree(0.05, 7, 10, 1, 0.8, 0.8), tree(0.05, 15, 5, 1, 0.8, 0.8), tree(0.05, 4, 5, 1, 0.6, 0.8),
        tree(0.03, 7, 20, 10, 0.6, 0.8), tree(0.1, 31, 20, 0, 1, 1), tree(0.02, 15, 10, 10, 0.5, 0.7),
      ]
    }
    if request.rowCount >= largeCount {
      return [
        tree(0.1, 31, 20, 1, 0.8, 1), tree(0.05, 127, 50, 10, 0.8, 0.8), tree(0.1, 63, 50, 1, 0.8, 0.8),
        tree(0.05, 255, 100, 10, 0.6, 0.8),
      ]
    }
    return [
      tree(0.05, 31, 20, 1, 0.8, 0.8), tree(0.05, 15, 20, 1, 0.6, 0.8), tree(0.05, 63, 50, 10, 0.8, 0.8),
      tree(0.1, 31, 20, 0, 1, 1), tree(0.03, 31, 5, 10, 0.5, 0.8), tree(0.05, 127, 50, 10, 0.6, 0.8),
    ]
  }

  /// The settings with as many iterations as their learning rate needs: small steps need many. Where validation rows
  /// stop the fit, the number is only a bound; on large data it keeps the time within reason.
  static func withIterations(_ settings: JSONValue, _ card: Card, _ request: PortfolioRequest) -> JSONValue {
    guard let rate = Concept.learningRate.value(in: settings, card), rate > 0,
      let setting = Concept.iterations.setting(card), settings[setting.name] == nil
    else { return settings }
    let stopsEarly = card.capabilities.contains(.earlyStopping)
    let reach = stopsEarly ? (request.rowCount >= largeCount ? 25.0 : 100.0) : 10.0
    var out = settings
    out[setting.name] = setting.fitted((reach / rate).rounded())
    return out
  }

  private static func settings(_ tree: Tree, _ card: Card) -> JSONValue {
    .object(
      tree.compactMap { concept, value in
        concept.setting(card).flatMap { setting in setting.fitted(value).map { (setting.name, $0) } }
      })
  }

  /// Two significant digits, so that settings read well.
  static func rounded(_ value: Double) -> Double {
    guard value > 0, value.isFinite else { return value }
    var (scale, size) = (1.0, value)
    while size < 10 {
      size *= 10
      scale *= 10
    }
    while size >= 100 {
      size /= 10
      scale /= 10
    }
    return size.rounded() / scale
  }
}
