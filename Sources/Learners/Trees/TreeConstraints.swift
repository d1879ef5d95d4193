import Basics
import Frames

/// What the columns of a tree must keep to: directions of the prediction, and which columns meet on one path.
struct TreeConstraints: Sendable {
  /// For each feature 1 where predictions must not fall with it, −1 where they must not rise, else 0.
  let directions: [Int]
  /// For each set of columns that may meet, which features are in it; empty where all may meet.
  let sets: [[Bool]]

  private static let owner = GradientBoostedTrees.card.name

  /// Whether values of leaves are bounded.
  var isMonotone: Bool { directions.contains { $0 != 0 } }

  /// Reads the settings for `features`.
  ///
  /// - Throws: `.invalidParameter` naming an unknown column, or one without an order.
  init(_ settings: GradientBoostedTrees, _ features: TreeFeatures, classCount: Int) throws {
    let given = [("increasing", settings.increasing), ("decreasing", settings.decreasing)].first { !$0.1.isEmpty }
    if classCount > 2, let field = given?.0 {
      throw MLError(
        .invalidParameter,
        "\(Self.owner): '\(field)' must be empty for more than two classes; got \(classCount) classes.",
        hint: "Leave it out: a direction has a meaning for two classes and for numbers.", field: field)
    }
    directions = try Self.directions(settings, features)
    sets = try Self.sets(settings, features)
  }

  private static func directions(_ settings: GradientBoostedTrees, _ features: TreeFeatures) throws -> [Int] {
    var byField = [Int](repeating: 0, count: features.schema.count)
    for (key, names, direction) in [("increasing", settings.increasing, 1), ("decreasing", settings.decreasing, -1)] {
      for name in names {
        let index = try field(name, features.schema, key)
        let kind = features.schema.fields[index].kind
        guard kind != .category, kind != .vector, kind != .text else {
          throw MLError(
            .invalidParameter, "\(owner): '\(key)' must name columns of numbers; '\(name)' is \(kind.rawValue).",
            hint: "Leave it out, or turn it into a number.", field: key)
        }
        guard byField[index] == 0 || byField[index] == direction else {
          throw MLError(
            .invalidParameter, "\(owner): column '\(name)' must not be both increasing and decreasing.",
            hint: "Name it once.", field: key)
        }
        byField[index] = direction
      }
    }
    return features.features.map { byField[$0.field] }
  }

  private static func sets(_ settings: GradientBoostedTrees, _ features: TreeFeatures) throws -> [[Bool]] {
    if settings.interactions.isEmpty { return [] }
    var sets = try settings.interactions.map { text in
      Set(try text.split(separator: "|").map { try field(String($0), features.schema, "interactions") })
    }
    let named = sets.reduce(into: Set<Int>()) { $0.formUnion($1) }
    for index in features.schema.fields.indices where !named.contains(index) { sets.append([index]) }
    return sets.map { set in features.features.map { set.contains($0.field) } }
  }

  private static func field(_ name: String, _ schema: Schema, _ key: String) throws -> Int {
    if let index = schema.index(of: name) { return index }
    var error = MLError.unknown(
      "column", name, among: schema.names, in: "\(owner): '\(key)'", code: .invalidParameter)
    error.field = key
    throw error
  }

  /// The sets that hold all features of a path after a split on `feature`, of those that held it before.
  func live(_ live: [Int], after feature: Int) -> [Int] { live.filter { sets[$0][feature] } }

  /// Features of the sets `live`; `nil` where there are no sets.
  func allowed(_ live: [Int]) -> [Bool]? {
    if sets.isEmpty { return nil }
    return directions.indices.map { feature in live.contains { sets[$0][feature] } }
  }
}

/// Limits of the values of a leaf and of all that is below it, before the learning rate.
struct OutputBounds: Sendable, Hashable {
  /// Least value.
  var lower = -Double.infinity
  /// Largest value.
  var upper = Double.infinity

  /// The nearest value inside.
  func held(_ value: Double) -> Double { min(max(value, lower), upper) }

  /// Limits of both sides of a split with these values: the middle between them divides what `direction` orders.
  func divided(_ left: Double, _ right: Double, _ direction: Int) -> (left: OutputBounds, right: OutputBounds) {
    if direction == 0 { return (self, self) }
    let middle = held(left / 2 + right / 2)
    var (a, b) = (self, self)
    if direction > 0 {
      a.upper = middle
      b.lower = middle
    } else {
      a.lower = middle
      b.upper = middle
    }
    return (a, b)
  }
}
