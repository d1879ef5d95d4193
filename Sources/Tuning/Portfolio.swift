public import Basics

/// What a portfolio is chosen for.
public struct PortfolioRequest: Sendable, Hashable {
  /// Kind of problem.
  public var task: Task
  /// Training rows.
  public var rowCount: Int
  /// Feature columns.
  public var columnCount: Int
  /// Classes; 0 for numbers.
  public var classCount: Int
  /// Whether free text is among the columns.
  public var hasText: Bool
  /// Algorithms to try; `nil` = all that fit.
  public var algorithms: [String]?
  /// Settings that every candidate of an algorithm keeps, by its name.
  public var settings: [String: JSONValue]
  /// Candidates besides the baseline; `nil` = the portfolio as it is.
  public var trials: Int?

  /// Makes a request.
  public init(
    task: Task, rowCount: Int, columnCount: Int, classCount: Int = 0, hasText: Bool = false,
    algorithms: [String]? = nil, settings: [String: JSONValue] = [:], trials: Int? = nil
  ) {
    self.task = task
    self.rowCount = rowCount
    self.columnCount = columnCount
    self.classCount = classCount
    self.hasText = hasText
    self.algorithms = algorithms
    self.settings = settings
    self.trials = trials
  }
}

/// A short list of candidates that do well on most tables, in the order worth trying.
///
/// Settings known to be good come first because a handful of them beats many random ones; random search over the cards'
/// search ranges fills up when more trials are asked for. The same request gives the same list.
///
/// - Source: Feurer et al., *Auto-sklearn 2.0*, JMLR 2022 (portfolios); Bergstra and Bengio, *Random search for
///   hyper-parameter optimization*, JMLR 2012.
public enum Portfolio {
  /// Name of the algorithm that every other must beat.
  public static let baseline = "baseline"
  /// Name of the boosted trees.
  public static let trees = "gradient-boosted-trees"
  /// Rows under which trees are kept small.
  static let smallCount = 2000
  /// Rows times classes (but one) up to which trees are grown on text unasked.
  static let textTreeCount = 50_000
  /// Rows from which fewer and larger trees are tried.
  static let largeCount = 100_000

  /// Candidates for `request` among the algorithms with `cards`; the baseline, where there is one, is first.
  ///
  /// - Throws: `.invalidParameter` for an unknown algorithm, one that does not serve the task, or a negative count of
  ///   trials.
  public static func candidates(
    _ request: PortfolioRequest, cards: [Card], seed: Seed = Seed(0)
  ) throws -> [Candidate] {
    if let trials = request.trials, trials < 1 {
      throw MLError(.invalidParameter, "train: 'trials' must be at least 1; got \(trials).", field: "trials")
    }
    let fitting = try chosen(request, cards)
    if let name = request.settings.keys.sorted().first(where: { name in !fitting.contains { $0.name == name } }) {
      throw MLError(
        .invalidParameter, "train: there are settings for '\(name)', which is not tried.",
        hint: "Add --algorithm \(name), or leave its settings out.", field: "settings")
    }
    var out = fitting.filter { $0.name == baseline }.prefix(1).map { Candidate(algorithm: $0.name) }
    let learners = fitting.filter { card in !out.contains { $0.algorithm == card.name } }
    var ranked: [(rank: Double, candidate: Candidate)] = []
    for (order, card) in learners.enumerated() {
      for (index, settings) in presets(card, request).enumerated() {
        ranked.append((rank(card, order, index, request), candidate(card, settings, request)))
      }
    }
    let sorted = ranked.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
    var tried: Set<Candidate> = []
    var list = sorted.map(\.element.candidate).filter { tried.insert($0).inserted }
    if let trials = request.trials {
      list = Array(list.prefix(trials))
      fill(&list, &tried, to: trials, learners, request, seed)
    }
    out += list
    return out
  }

  /// The algorithms asked for, or all that serve the task.
  private static func chosen(_ request: PortfolioRequest, _ cards: [Card]) throws -> [Card] {
    let serves = { (card: Card) in
      card.tasks.contains(request.task) && (request.classCount <= 2 || card.capabilities.contains(.multiclass))
    }
    guard let wanted = request.algorithms else {
      return cards.filter { serves($0) && request.rowCount <= $0.searchRowLimit ?? .max && takesText($0, request) }
    }
    let named = try wanted.map { name -> Card in
      guard let card = cards.first(where: { $0.name == name }) else {
        throw MLError.unknown("algorithm", name, among: cards.map(\.name), in: "train", code: .invalidParameter)
      }
      guard serves(card) else {
        let fitting = cards.filter(serves).map(\.name).joined(separator: ", ")
        throw MLError(
          .invalidParameter,
          "train: algorithm '\(name)' does not serve \(request.task.rawValue) with \(request.classCount) classes.",
          hint: "Choose among: \(fitting).", field: "algorithms")
      }
      return card
    }
    let first = cards.filter { $0.name == baseline && serves($0) && !wanted.contains($0.name) }
    return first + named
  }

  /// Free text becomes tens of thousands of columns; only what is quick on sparse columns is tried there unasked.
  private static func takesText(_ card: Card, _ request: PortfolioRequest) -> Bool {
    guard request.hasText, card.name != baseline, !isLinear(card), !card.name.contains("bayes") else { return true }
    // Trees grow one a class in every round.
    return card.name == trees && request.rowCount * max(1, request.classCount - 1) <= textTreeCount
  }

  /// Place in the list: one of each kind first, then the variants in turn; on text linear models lead.
  private static func rank(_ card: Card, _ order: Int, _ index: Int, _ request: PortfolioRequest) -> Double {
    let other = card.name == trees ? 0.2 : 0.5 + Double(order) * 0.01
    let family = isLinear(card) ? (request.hasText ? -0.6 : 0) : other
    // Variants of trees are worth more than variants of linear models, except on text.
    let pace = isLinear(card) ? (request.hasText ? 0.9 : 2.5) : 1.0
    return Double(index) * pace + family
  }

  static func isLinear(_ card: Card) -> Bool {
    ["linear", "logistic", "ridge", "lasso", "elastic"].contains { card.name.contains($0) }
  }

  /// The algorithm with `settings`, those that are kept laid over them.
  static func candidate(_ card: Card, _ drawn: JSONValue, _ request: PortfolioRequest) -> Candidate {
    var settings = drawn
    for (name, value) in request.settings[card.name]?.objectValue ?? [] { settings[name] = value }
    let family = card.name == baseline ? 0.0 : isLinear(card) ? 1 : 2
    let leaves = Concept.leaves.value(in: settings, card) ?? 31
    return Candidate(
      algorithm: card.name, parameters: settings, complexity: family * 10_000 + (family == 2 ? min(leaves, 9_999) : 0))
  }

  /// Adds random candidates until there are `count`: three of four for the trees where they are among the learners.
  private static func fill(
    _ list: inout [Candidate], _ tried: inout Set<Candidate>, to count: Int, _ learners: [Card],
    _ request: PortfolioRequest, _ seed: Seed
  ) {
    let tunable = learners.filter { card in !card.hyperparameters.isEmpty }
    let main = tunable.filter { !isLinear($0) }
    guard !tunable.isEmpty else { return }
    var draw = 0
    while list.count < count, draw < count * 20 {
      let pool = draw % 4 == 3 || main.isEmpty ? tunable : main
      let card = pool[(draw / 4 + draw) % pool.count]
      let drawn = RandomSearch.settings(card, seed: seed.derived("search").derived(draw))
      let next = candidate(card, withIterations(drawn, card, request), request)
      if tried.insert(next).inserted { list.append(next) }
      draw += 1
    }
  }
}
