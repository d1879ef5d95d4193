/// What a registered thing says of itself; help, validation, tuning and documentation are derived from it.
public struct Card: Sendable, Hashable {
  /// Registered kebab-case name, unique in its catalog.
  public var name: String
  /// One sentence: what it is and when to use it.
  public var summary: String
  /// Tasks it serves; empty when the question does not arise.
  public var tasks: Set<Task>
  /// What it promises beyond the contract.
  public var capabilities: Set<Capability>
  /// Its settings, with ranges and defaults.
  public var hyperparameters: [Hyperparameter]
  /// Paper or reference implementation.
  public var source: String
  /// Settings worth trying first when an algorithm is searched for, best first; empty: the defaults, and what is known
  /// of its kind.
  public var presets: [JSONValue]
  /// Training rows up to which it is tried unless named; `nil`: any number; 0: only when named.
  public var searchRowLimit: Int?

  /// Makes a card.
  public init(
    name: String, summary: String, tasks: Set<Task> = [], capabilities: Set<Capability> = [],
    hyperparameters: [Hyperparameter] = [], source: String, presets: [JSONValue] = [], searchRowLimit: Int? = nil
  ) {
    self.name = name
    self.summary = summary
    self.tasks = tasks
    self.capabilities = capabilities
    self.hyperparameters = hyperparameters
    self.source = source
    self.presets = presets
    self.searchRowLimit = searchRowLimit
  }
}

/// Anything with a card.
public protocol Described {
  /// The card.
  static var card: Card { get }
}

/// Kinds of problem.
public enum Task: String, Sendable, Hashable, CaseIterable, Codable {
  case classification, regression, clustering, recommendation, anomaly, forecasting
}

/// Promises an entry can make; the catalog suite holds it to them.
public enum Capability: String, Sendable, Hashable, CaseIterable {
  /// Takes rows with missing values as they are.
  case handlesMissing
  /// Takes category columns as they are.
  case handlesCategories
  /// Takes sparse vector columns as they are.
  case handlesVectors
  /// Takes columns as pixels of an image: their number and order say where each lies.
  case readsPixels
  /// More than two classes.
  case multiclass
  /// Row weights: weight 0 removes a row, weight 3 repeats it three times.
  case weights
  /// Uses validation rows to decide when to stop.
  case earlyStopping
  /// Rescaling of a feature by a factor leaves predictions as they are.
  case scaleInvariant
  /// Monotone rescaling of a feature leaves predictions of rows learnt from as they are.
  case orderInvariant
  /// A row's output may depend on earlier rows (by time, never by position) of the same batch; see the entry's page.
  case usesHistory
}

/// One setting of an entry.
public struct Hyperparameter: Sendable, Hashable {
  /// Values it can take.
  public enum Domain: Sendable, Hashable {
    case real(ClosedRange<Double>, logarithmic: Bool)
    case integer(ClosedRange<Int>, logarithmic: Bool)
    case choice([String])
    case boolean
    /// A list of texts, such as column names; nothing to search.
    case texts
    /// Name of one column; empty: found by itself. Nothing to search.
    case column
  }
  /// `snake_case` key in configuration.
  public var name: String
  /// What it does.
  public var summary: String
  /// Values it accepts.
  public var domain: Domain
  /// Values worth searching, when narrower than what is accepted.
  public var search: Domain?

  /// Makes a setting.
  public init(_ name: String, _ summary: String, _ domain: Domain, search: Domain? = nil) {
    self.name = name
    self.summary = summary
    self.domain = domain
    self.search = search
  }

  /// Throws `.invalidParameter` naming owner and setting if `value` is outside the domain.
  public func validate(_ value: JSONValue, owner: String) throws {
    let expected: String
    switch domain {
    case .real(let range, _):
      if let number = value.doubleValue, range.contains(number) { return }
      expected = "must be a number in \(range.lowerBound)…\(range.upperBound)"
    case .integer(let range, _):
      if let number = value.integerValue, range.contains(Int(number)) { return }
      expected = "must be an integer in \(range.lowerBound)…\(range.upperBound)"
    case .choice(let choices):
      if let text = value.stringValue, choices.contains(text) { return }
      expected = "must be one of \(choices.joined(separator: ", "))"
    case .boolean:
      if case .boolean = value { return }
      expected = "must be true or false"
    case .texts:
      if let list = value.arrayValue, list.allSatisfy({ $0.stringValue != nil }) { return }
      expected = "must be a list of texts"
    case .column:
      if value.stringValue != nil { return }
      expected = "must be the name of a column"
    }
    throw MLError(
      .invalidParameter, "\(owner): '\(name)' \(expected); got \(value.compact).",
      hint: "Leave it out for the default.", field: name)
  }
}
