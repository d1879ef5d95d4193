import Basics

/// Settings that every recommender has.
enum RecommenderSettings {
  static let columns: [Hyperparameter] = [
    .init("user", "Column of users; empty: found by itself.", .column),
    .init("item", "Column of items; empty: found by itself.", .column),
  ]

  static func neighborCount(_ what: String) -> Hyperparameter {
    .init(
      "neighbor_count", what, .integer(1...100_000, logarithmic: true), search: .integer(20...500, logarithmic: true))
  }
}

extension Configuration {
  /// Checks every setting of `value` against its card.
  static func validate<T: Described & Codable>(_ value: T) throws {
    let settings = try encode(value)
    for parameter in T.card.hyperparameters {
      try parameter.validate(settings[parameter.name] ?? .null, owner: T.card.name)
    }
  }
}
