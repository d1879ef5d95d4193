public import Basics

/// Settings drawn at random from the ranges on a card.
public enum RandomSearch {
  /// One value for every setting whose card names a range worth searching; the others keep their defaults. The same
  /// seed gives the same settings.
  public static func settings(_ card: Card, seed: Seed) -> JSONValue {
    var pairs: [(String, JSONValue)] = []
    for setting in card.hyperparameters {
      guard let search = setting.search else { continue }
      var stream = seed.derived(setting.name).generator
      pairs.append((setting.name, draw(search, &stream)))
    }
    return .object(pairs)
  }

  private static func draw(_ domain: Hyperparameter.Domain, _ stream: inout RandomStream) -> JSONValue {
    switch domain {
    case .boolean: return .boolean(stream.index(below: 2) == 1)
    case .texts: return .array([])
    case .column: return ""
    case .choice(let choices): return choices.isEmpty ? .null : .string(choices[stream.index(below: choices.count)])
    case .real(let range, let logarithmic):
      let value = between(range.lowerBound, range.upperBound, logarithmic, stream.uniform())
      // Two digits are as good as seventeen and can be typed; the ends stay inside.
      let short = Portfolio.rounded(value)
      return .number(range.contains(short) ? short : value)
    case .integer(let range, let logarithmic):
      let value = between(Double(range.lowerBound), Double(range.upperBound) + 1, logarithmic, stream.uniform())
      return .integer(Int64(min(max(value.rounded(.down), Double(range.lowerBound)), Double(range.upperBound))))
    }
  }

  private static func between(_ low: Double, _ high: Double, _ logarithmic: Bool, _ share: Double) -> Double {
    guard logarithmic, low > 0 else { return low + share * (high - low) }
    return low * Mathematics.pow(high / low, share)
  }
}
