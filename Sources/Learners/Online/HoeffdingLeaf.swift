import Basics

/// What a leaf of a Hoeffding tree has seen: class weights, a normal estimate of each number and counts of each
/// category in each class.
struct HoeffdingLeaf: Sendable, Hashable {
  /// Weight of each class.
  var classes: [Double]
  /// `[feature][class]`; empty for categories.
  var numbers: [[RunningMoments]]
  /// Least and largest number seen, `[feature]`.
  var ranges: [ClosedRange<Double>?]
  /// `[feature][category][class]` flat; empty for numbers.
  var categories: [[Double]]
  /// Weight when a split was last tried.
  var tried = 0.0
  /// Weight predicted right by the largest class, and by naive Bayes.
  var rightByMajority = 0.0
  var rightByBayes = 0.0

  /// Total weight.
  var total: Double { classes.reduce(0, +) }

  init(classes: [Double], kinds: [HoeffdingFeature]) {
    self.classes = classes
    numbers = kinds.map { kind in
      kind.isCategory ? [] : [RunningMoments](repeating: RunningMoments(), count: classes.count)
    }
    ranges = kinds.map { _ in nil }
    categories = kinds.map { kind in
      [Double](repeating: 0, count: kind.isCategory ? kind.categories.count * classes.count : 0)
    }
  }

  /// Takes a row in; a missing cell is NaN, a category its code, one not known -1.
  mutating func add(_ row: [Double], code: Int, weight: Double) {
    let count = classes.count
    if Self.largest(classes) == code { rightByMajority += weight }
    if Self.largest(probabilities(row, usesBayes: true)) == code { rightByBayes += weight }
    classes[code] += weight
    for (feature, value) in row.enumerated() where !value.isNaN {
      if categories[feature].isEmpty {
        if numbers[feature].isEmpty { continue }
        numbers[feature][code].add(value, weight: weight)
        let range = ranges[feature] ?? value...value
        ranges[feature] = min(range.lowerBound, value)...max(range.upperBound, value)
      } else if value >= 0 {
        categories[feature][Int(value) * count + code] += weight
      }
    }
  }

  static func largest(_ values: [Double]) -> Int {
    var best = 0
    for k in values.indices where values[k] > values[best] { best = k }
    return best
  }

  /// By naive Bayes where it has been right more often than the largest class.
  func probabilities(_ row: [Double]) -> [Double] {
    probabilities(row, usesBayes: rightByBayes >= rightByMajority)
  }

  /// Class shares with one added to each, times the likelihoods of the cells.
  func probabilities(_ row: [Double], usesBayes: Bool) -> [Double] {
    let sum = total + Double(classes.count)
    guard usesBayes, total > 0 else { return classes.map { ($0 + 1) / sum } }
    var scores = classes.map { Mathematics.log(($0 + 1) / sum) }
    for (feature, value) in row.enumerated() where !value.isNaN { addLikelihoods(feature, value, to: &scores) }
    let highest = scores.max() ?? 0
    let shares = scores.map { Mathematics.exp(max($0 - highest, -700)) }
    let all = shares.reduce(0, +)
    return shares.map { $0 / all }
  }

  private func addLikelihoods(_ feature: Int, _ value: Double, to scores: inout [Double]) {
    let count = classes.count
    if !categories[feature].isEmpty {
      guard value >= 0 else { return }
      let levels = Double(categories[feature].count / count)
      for k in 0..<count {
        let seen = stride(from: k, to: categories[feature].count, by: count).reduce(0) { $0 + categories[feature][$1] }
        scores[k] += Mathematics.log((categories[feature][Int(value) * count + k] + 1) / (seen + levels))
      }
    } else if let range = ranges[feature], range.upperBound > range.lowerBound {
      // A class that has hardly varied is as wide as a hundredth of what was seen.
      let least = (range.upperBound - range.lowerBound) * 0.01
      for k in 0..<count {
        let own = numbers[feature][k]
        guard own.weight > 0 else {
          scores[k] -= Mathematics.log(range.upperBound - range.lowerBound)
          continue
        }
        let deviation = max(own.deviation, least)
        let distance = (value - own.mean) / deviation
        scores[k] -= Mathematics.log(deviation) + min(distance * distance / 2, 50) + 0.9189385332046727
      }
    }
  }
}

/// A column of a Hoeffding tree: numbers, or the categories it was first fitted with.
struct HoeffdingFeature: Sendable, Hashable {
  var isCategory: Bool
  var categories: [String]
}

/// A test at an inner node.
struct HoeffdingTest: Sendable, Hashable {
  var feature: Int
  /// Numbers at most this go left; the category with this code goes left.
  var value: Double
  var isCategory: Bool

  /// Whether a cell goes left; `nil` when it is missing.
  func goesLeft(_ cell: Double) -> Bool? {
    if cell.isNaN { return nil }
    return isCategory ? cell == value : cell <= value
  }
}

extension HoeffdingLeaf {
  /// A split, what it gains, and the class weights it would send left.
  struct Split {
    var test: HoeffdingTest
    var gain: Double
    var left: [Double]
    var right: [Double]
  }

  /// The best split of each feature, by information gain in bits.
  func splits() -> [Split] {
    numbers.indices.compactMap { feature in
      let candidates =
        categories[feature].isEmpty ? numberSplits(feature) : categorySplits(feature)
      var best: Split?
      for split in candidates where split.gain > (best?.gain ?? 0) { best = split }
      return best
    }
  }

  private func numberSplits(_ feature: Int) -> [Split] {
    guard let range = ranges[feature], range.upperBound > range.lowerBound else { return [] }
    return (1...20).compactMap { step in
      let value = range.lowerBound + (range.upperBound - range.lowerBound) * Double(step) / 21
      var left = classes
      for k in classes.indices {
        let own = numbers[feature][k]
        left[k] = own.weight * Self.share(below: value, own)
      }
      return split(HoeffdingTest(feature: feature, value: value, isCategory: false), left)
    }
  }

  private static func share(below value: Double, _ moments: RunningMoments) -> Double {
    guard moments.weight > 0 else { return 0 }
    guard moments.deviation > 0 else { return moments.mean <= value ? 1 : 0 }
    return 0.5 * (1 + Mathematics.erf((value - moments.mean) / moments.deviation * 0.7071067811865476))
  }

  private func categorySplits(_ feature: Int) -> [Split] {
    let count = classes.count
    return (0..<(categories[feature].count / count)).compactMap { category in
      let left = Array(categories[feature][(category * count)..<((category + 1) * count)])
      return split(HoeffdingTest(feature: feature, value: Double(category), isCategory: true), left)
    }
  }

  /// `nil` when a side would get less than a hundredth.
  private func split(_ test: HoeffdingTest, _ left: [Double]) -> Split? {
    let seen = classes.indices.map { k in
      test.isCategory
        ? stride(from: k, to: categories[test.feature].count, by: classes.count)
          .reduce(0) { $0 + categories[test.feature][$1] } : numbers[test.feature][k].weight
    }
    let right = zip(seen, left).map { max(0, $0 - $1) }
    let (a, b) = (left.reduce(0, +), right.reduce(0, +))
    guard min(a, b) >= 0.01 * (a + b), min(a, b) > 0 else { return nil }
    let gain = Self.entropy(seen) - (a * Self.entropy(left) + b * Self.entropy(right)) / (a + b)
    return Split(test: test, gain: gain, left: left, right: right)
  }

  private static func entropy(_ weights: [Double]) -> Double {
    let total = weights.reduce(0, +)
    return weights.reduce(0) { sum, weight in
      weight > 0 ? sum - weight / total * Mathematics.log(weight / total) * 1.4426950408889634 : sum
    }
  }
}
