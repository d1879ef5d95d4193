import Basics

/// What a rating is expected to be from who gives it and what it is about alone: `mean + user + item`, both shrunken.
///
/// - Source: Koren, *Factorization meets the neighborhood*, KDD 2008, equation 1; fitted by alternating least
///   squares.
struct RatingBias: Sendable, Hashable {
  var mean: Double
  var lowest: Double
  var highest: Double
  var users: [Double]
  var items: [Double]

  /// Ratings' worth of pull towards zero.
  static let userShrinkage = 5.0
  static let itemShrinkage = 3.0

  init(_ data: Interactions) {
    let total = data.weights.reduce(0, +)
    var mean = 0.0
    for (rating, weight) in zip(data.ratings, data.weights) { mean += rating * (weight / total) }
    self.mean = mean
    lowest = data.ratings.min() ?? 0
    highest = data.ratings.max() ?? 0
    users = [Double](repeating: 0, count: data.users.count)
    items = [Double](repeating: 0, count: data.items.count)
    let residuals = [Double](repeating: 0, count: data.ratings.count)
    for _ in 0..<12 { refit(data, without: residuals) }
  }

  init(mean: Double, lowest: Double, highest: Double, users: [Double], items: [Double]) {
    (self.mean, self.lowest, self.highest, self.users, self.items) = (mean, lowest, highest, users, items)
  }

  /// One round: items given users, then users given items; `explained` is what else accounts for each pair.
  mutating func refit(_ data: Interactions, without explained: [Double]) {
    var sums = [Double](repeating: 0, count: items.count)
    var weights = [Double](repeating: Self.itemShrinkage, count: items.count)
    for user in data.users.indices {
      for place in data.places(of: user) {
        let item = Int(data.columns[place])
        sums[item] += data.weights[place] * (data.ratings[place] - mean - users[user] - explained[place])
        weights[item] += data.weights[place]
      }
    }
    for item in items.indices { items[item] = sums[item] / weights[item] }
    for user in data.users.indices {
      var (sum, weight) = (0.0, Self.userShrinkage)
      for place in data.places(of: user) {
        let rest = data.ratings[place] - mean - items[Int(data.columns[place])] - explained[place]
        sum += data.weights[place] * rest
        weight += data.weights[place]
      }
      users[user] = sum / weight
    }
  }

  /// Expected rating; unknown users and items count 0.
  func value(_ user: Int?, _ item: Int?) -> Double {
    mean + (user.map { users[$0] } ?? 0) + (item.map { items[$0] } ?? 0)
  }

  /// Held inside the ratings seen in training.
  func clipped(_ rating: Double) -> Double { min(max(rating, lowest), highest) }
}
