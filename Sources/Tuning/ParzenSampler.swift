public import Basics

/// Proposes settings from what earlier ones scored: tree-structured Parzen estimators, one setting at a time.
///
/// Observations are cut into a good share `l` and the rest `g`. Each setting's values among the good and among the rest
/// are smoothed into densities over the search range; of `drawCount` values drawn from `l`, the one with the largest
/// `l / g` is proposed. Ranges that the card calls logarithmic are searched on the logarithm.
///
/// - Source: Bergstra et al., *Algorithms for hyper-parameter optimization*, NIPS 2011.
public enum ParzenSampler {
  /// Settings and what they scored, higher = better.
  public typealias Observation = (settings: JSONValue, score: Double)

  /// Values drawn for each setting.
  static let drawCount = 24
  /// Fewer observations than this are answered by random settings.
  static let minimumCount = 4

  /// The next settings worth trying. The same observations in the same order and the same seed give the same settings.
  ///
  /// Settings without a search range keep what the best observation has.
  public static func propose(_ card: Card, _ observed: [Observation], seed: Seed) -> JSONValue {
    let ranked = observed.enumerated().sorted { a, b in
      a.element.score == b.element.score ? a.offset < b.offset : a.element.score > b.element.score
    }.map(\.element)
    guard ranked.count >= minimumCount, let best = ranked.first else {
      return RandomSearch.settings(card, seed: seed)
    }
    let goodCount = max(2, Int((0.25 * Double(ranked.count)).rounded(.up)))
    var proposal = best.settings
    for setting in card.hyperparameters {
      guard let search = setting.search else { continue }
      var stream = seed.derived(setting.name).generator
      let good = ranked.prefix(goodCount).compactMap { $0.settings[setting.name] }
      let rest = ranked.dropFirst(goodCount).compactMap { $0.settings[setting.name] }
      proposal[setting.name] = value(search, setting.domain, good, rest, &stream)
    }
    return proposal
  }

  private static func value(
    _ search: Hyperparameter.Domain, _ domain: Hyperparameter.Domain, _ good: [JSONValue], _ rest: [JSONValue],
    _ stream: inout RandomStream
  ) -> JSONValue {
    switch search {
    case .real(let range, let logarithmic):
      let scale = UnitScale(range.lowerBound, range.upperBound, logarithmic)
      let found = scale.value(best(good, rest, scale, &stream))
      let short = Portfolio.rounded(found)
      return .number(range.contains(short) ? short : found)
    case .integer(let range, let logarithmic):
      let scale = UnitScale(Double(range.lowerBound), Double(range.upperBound), logarithmic)
      let found = scale.value(best(good, rest, scale, &stream)).rounded()
      return .integer(Int64(min(max(found, Double(range.lowerBound)), Double(range.upperBound))))
    case .boolean:
      return choice([.boolean(false), .boolean(true)], good, rest, &stream)
    case .choice(let choices):
      return choice(choices.map { .string($0) }, good, rest, &stream)
    case .texts: return .array([])
    case .column: return ""
    }
  }

  private static func best(
    _ good: [JSONValue], _ rest: [JSONValue], _ scale: UnitScale, _ stream: inout RandomStream
  ) -> Double {
    let likely = ParzenDensity(good.compactMap(\.doubleValue).map(scale.unit))
    let unlikely = ParzenDensity(rest.compactMap(\.doubleValue).map(scale.unit))
    var best = (place: 0.5, ratio: -Double.infinity)
    for _ in 0..<drawCount {
      let place = likely.draw(&stream)
      let ratio = likely.density(place) / unlikely.density(place)
      if ratio > best.ratio { best = (place, ratio) }
    }
    return best.place
  }

  /// Counts with one vote for every choice beforehand stand in for densities.
  private static func choice(
    _ choices: [JSONValue], _ good: [JSONValue], _ rest: [JSONValue], _ stream: inout RandomStream
  ) -> JSONValue {
    guard !choices.isEmpty else { return .null }
    let likely = choices.map { choice in 1 + Double(good.count { $0 == choice }) }
    let unlikely = choices.map { choice in 1 + Double(rest.count { $0 == choice }) }
    var best = (index: 0, ratio: -Double.infinity)
    for _ in 0..<max(2, choices.count / 2) {
      var left = stream.uniform() * likely.reduce(0, +)
      var index = 0
      while index + 1 < likely.count, left > likely[index] {
        left -= likely[index]
        index += 1
      }
      let ratio = likely[index] / unlikely[index]
      if ratio > best.ratio { best = (index, ratio) }
    }
    return choices[best.index]
  }
}

/// A search range laid over 0…1.
struct UnitScale {
  private let low: Double
  private let high: Double
  private let isLogarithmic: Bool

  init(_ low: Double, _ high: Double, _ logarithmic: Bool) {
    isLogarithmic = logarithmic && low > 0
    self.low = isLogarithmic ? Mathematics.log(low) : low
    self.high = isLogarithmic ? Mathematics.log(high) : high
  }

  func unit(_ value: Double) -> Double {
    guard high > low, !isLogarithmic || value > 0 else { return 0 }
    return min(max(((isLogarithmic ? Mathematics.log(value) : value) - low) / (high - low), 0), 1)
  }

  func value(_ unit: Double) -> Double {
    let place = low + unit * (high - low)
    return isLogarithmic ? Mathematics.exp(place) : place
  }
}

/// Bells round points of 0…1 and one broad bell over all of it, each as heavy as the others.
struct ParzenDensity {
  private let bells: [(center: Double, width: Double)]

  init(_ points: [Double]) {
    let sorted = points.sorted()
    let least = 1 / Double(min(100, 1 + sorted.count))
    var bells: [(center: Double, width: Double)] = [(0.5, 1)]
    for (index, point) in sorted.enumerated() {
      let left = point - (index > 0 ? sorted[index - 1] : 0)
      let right = (index + 1 < sorted.count ? sorted[index + 1] : 1) - point
      bells.append((point, min(1, max(left, right, least))))
    }
    self.bells = bells
  }

  func density(_ place: Double) -> Double {
    bells.reduce(1e-12) { sum, bell in
      let distance = (place - bell.center) / bell.width
      return sum + Mathematics.exp(-0.5 * distance * distance) / bell.width
    }
  }

  /// A value of a bell chosen at random; those outside 0…1 are drawn again.
  func draw(_ stream: inout RandomStream) -> Double {
    let bell = bells[stream.index(below: bells.count)]
    for _ in 0..<16 {
      let place = bell.center + bell.width * stream.normal()
      if (0...1).contains(place) { return place }
    }
    return min(max(bell.center, 0), 1)
  }
}
