public import Basics
public import Modeling

/// Who has this also has that: rules between pairs of items, by how often they stand together.
///
/// A *basket* is what one user has; name the column of invoices as `user` for what is bought together at once. A rule
/// `i → j` has support (share of baskets with both), confidence (share of the baskets with `i` that have `j`) and
/// lift (confidence over the share of all baskets that have `j`). Rules below the least counts are left out; an
/// item's score is the sum over rules from what a user has, of confidence times `1 − 1/lift`, so that what everybody
/// buys anyway counts little.
///
/// With ratings as target, `predict` expects ratings by user and item averages and `recommend` ranks as without.
///
/// - Source: Agrawal and Srikant, *Fast algorithms for mining association rules*, VLDB 1994, for pairs;
///   Brin et al., *Dynamic itemset counting and implication rules for market basket data*, SIGMOD 1997, for lift.
public struct AssociationRules: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "association-rules",
    summary: "Who has this also has that: rules between items with support, confidence, lift.",
    tasks: [.recommendation], capabilities: [.weights],
    hyperparameters: RecommenderSettings.columns + [
      .init(
        "minimum_basket_count", "Baskets that hold both items, at least.", .integer(1...1_000_000, logarithmic: true),
        search: .integer(2...20, logarithmic: true)),
      .init(
        "minimum_confidence", "Confidence of a rule, at least.", .real(0...1, logarithmic: false),
        search: .real(0.01...0.3, logarithmic: true)),
      .init("minimum_lift", "Lift of a rule, at least.", .real(0...1e6, logarithmic: false)),
      RecommenderSettings.neighborCount("Most confident rules kept to each item."),
    ], source: "Agrawal and Srikant, Fast algorithms for mining association rules, VLDB 1994", searchRowLimit: 0)

  /// Column of users or baskets; empty: found by itself.
  public var user = ""
  /// Column of items; empty: found by itself.
  public var item = ""
  /// Baskets that hold both items, at least.
  public var minimumBasketCount = 3
  /// Confidence of a rule, at least.
  public var minimumConfidence = 0.01
  /// Lift of a rule, at least.
  public var minimumLift = 1.0
  /// Most confident rules kept to each item.
  public var neighborCount = 200

  enum CodingKeys: String, CodingKey {
    case user, item
    case minimumBasketCount = "minimum_basket_count"
    case minimumConfidence = "minimum_confidence"
    case minimumLift = "minimum_lift"
    case neighborCount = "neighbor_count"
  }

  /// Pairs in three baskets or more.
  public init() {}

  /// Counts pairs.
  ///
  /// - Throws: `.schemaMismatch` without a user or item column, `.invalidParameter` naming a setting, `.invalidData`
  ///   for classes or no rows, `.cancelled`.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> Recommender {
    try context.checkCancellation()
    try Configuration.validate(self)
    let known = try Interactions(data, user: user, item: item, owner: Self.card.name)
    var incoming = [[(source: Int32, weight: Float)]](repeating: [], count: known.items.count)
    for rule in try rules(known, context) {
      let weight = rule.confidence * (1 - 1 / rule.lift)
      if weight > 0 { incoming[rule.consequent].append((Int32(rule.antecedent), Float(weight))) }
    }
    incoming = incoming.map { ItemGraph.strongest($0, neighborCount) }
    return try Recommender(
      known, bias: known.isExplicit ? RatingBias(known) : nil, scorer: .graph(ItemGraph(incoming: incoming)))
  }

  /// A rule between two items and how well it holds.
  public struct Rule: Sendable, Hashable {
    /// What is had.
    public var antecedent: String
    /// What is then had too.
    public var consequent: String
    /// Share of baskets with both.
    public var support: Double
    /// Share of the baskets with the antecedent that have the consequent.
    public var confidence: Double
    /// Confidence over the share of all baskets that have the consequent; above 1 = more often than by chance.
    public var lift: Double
  }

  /// All rules that hold in `data`, most confident first, then by lift, then by names.
  ///
  /// - Throws: as `fit`.
  public func rules(of data: TrainingData, in context: FitContext) throws -> [Rule] {
    let known = try Interactions(data, user: user, item: item, owner: Self.card.name)
    return try rules(known, context).sorted {
      if $0.confidence != $1.confidence { return $0.confidence > $1.confidence }
      if $0.lift != $1.lift { return $0.lift > $1.lift }
      return ($0.antecedent, $0.consequent) < ($1.antecedent, $1.consequent)
    }.map {
      Rule(
        antecedent: known.items[$0.antecedent], consequent: known.items[$0.consequent], support: $0.support,
        confidence: $0.confidence, lift: $0.lift)
    }
  }

  private struct PairRule: Sendable {
    var antecedent: Int
    var consequent: Int
    var support: Double
    var confidence: Double
    var lift: Double
  }

  /// Rules in order of consequent, then antecedent.
  private func rules(_ known: Interactions, _ context: FitContext) throws -> [PairRule] {
    let presence = Presence(known, items: Array(known.items.indices))
    let baskets = Double(known.users.count)
    return try context.workers.map(known.items.count) { consequent -> [PairRule] in
      if consequent % 256 == 0 { try context.checkCancellation() }
      var together = [Int](repeating: 0, count: known.items.count)
      for user in presence.users(of: consequent) {
        for item in presence.items(of: Int(user)) { together[Int(item)] += 1 }
      }
      let share = Double(presence.users(of: consequent).count) / baskets
      return together.indices.compactMap { antecedent in
        let both = together[antecedent]
        guard antecedent != consequent, both >= minimumBasketCount else { return nil }
        let confidence = Double(both) / Double(presence.users(of: antecedent).count)
        let lift = confidence / share
        guard confidence >= minimumConfidence, lift >= minimumLift else { return nil }
        return PairRule(
          antecedent: antecedent, consequent: consequent, support: Double(both) / baskets, confidence: confidence,
          lift: lift)
      }
    }.flatMap { $0 }
  }
}
