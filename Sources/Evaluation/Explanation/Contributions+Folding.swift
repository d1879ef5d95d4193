import Basics
public import Modeling

extension Contributions {
  /// The same shares by raw column: a prepared feature's share goes to the columns it was made from, in equal parts
  /// where there are several. Scores stay as they are.
  ///
  /// - Parameters:
  ///   - columns: raw columns in the order wanted.
  ///   - origins: the raw columns a prepared feature was made from.
  /// - Throws: `.schemaMismatch` for a feature without an origin among `columns`.
  public func folded(into columns: [String], origins: (Feature) -> [String]) throws -> Contributions {
    let places = Dictionary(columns.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let targets = try features.map { feature in
      let found = origins(feature).compactMap { places[$0] }
      guard !found.isEmpty else {
        throw MLError(
          .schemaMismatch, "contributions: feature '\(feature.field)' comes from none of \(columns.count) columns.",
          field: feature.field)
      }
      return found
    }
    var out: [Double] = []
    for start in stride(from: 0, to: values.count, by: max(1, features.count)) {
      var row = [Double](repeating: 0, count: columns.count)
      for (index, found) in targets.enumerated() {
        for place in found { row[place] += values[start + index] / Double(found.count) }
      }
      out += row
    }
    return try Contributions(
      features: columns.map { Feature(field: $0) }, outputs: outputs, link: link, baseline: baseline, values: out)
  }

  /// The weighted mean of explanations of the same rows by several models: that of the ensemble whose scores are the
  /// same weighted mean.
  ///
  /// An ensemble that averages probabilities is explained by members' shares of probabilities only: a mean of
  /// log-odds is the log-odds of something else. Explain such members with `Shapley`, whose link is `.probability`.
  ///
  /// - Parameters:
  ///   - members: explanations and weights; weights above 0 are scaled to sum to 1.
  ///   - averagesScores: whether the ensemble averages scores (log-odds) and not what `predict` says.
  /// - Throws: `.invalidData` when outputs, links or row counts differ, a weight is not above 0, or shares of
  ///   log-odds are mixed for an ensemble of probabilities.
  public static func mixed(
    _ members: [(contributions: Contributions, weight: Double)], averagesScores: Bool = false
  ) throws -> Contributions {
    guard let first = members.first?.contributions, members.allSatisfy({ $0.weight > 0 && $0.weight.isFinite }) else {
      throw MLError(.invalidData, "contributions: a mixture needs members with weights above 0.")
    }
    let isLinear = first.link == .identity || first.link == .probability
    guard isLinear || averagesScores else {
      throw MLError(
        .invalidData,
        "contributions: shares of '\(first.link.rawValue)' scores do not add up for a mean of predictions.",
        hint: "Explain each member in probability, or the ensemble as a whole.")
    }
    var features: [Feature] = []
    for member in members {
      for feature in member.contributions.features where !features.contains(feature) { features.append(feature) }
    }
    let rowCounts = members.map { $0.contributions.rowCount }
    guard members.allSatisfy({ $0.contributions.outputs == first.outputs && $0.contributions.link == first.link }),
      Set(rowCounts).count == 1
    else {
      throw MLError(.invalidData, "contributions: members must explain the same rows and outputs in the same space.")
    }
    let total = members.reduce(0) { $0 + $1.weight }
    var baseline = [Double](repeating: 0, count: first.outputs.count)
    var values = [Double](repeating: 0, count: (rowCounts.first ?? 0) * first.outputs.count * features.count)
    for member in members {
      let (part, weight) = (member.contributions, member.weight / total)
      for k in baseline.indices { baseline[k] += weight * part.baseline[k] }
      let places = part.features.map { features.firstIndex(of: $0) ?? 0 }
      for (index, value) in part.values.enumerated() {
        let (line, feature) = (index / part.features.count, index % part.features.count)
        values[line * features.count + places[feature]] += weight * value
      }
    }
    return try Contributions(
      features: features, outputs: first.outputs, link: first.link, baseline: baseline, values: values)
  }

  /// Rows explained; 0 without features or outputs.
  public var rowCount: Int {
    let width = outputs.count * features.count
    return width == 0 ? 0 : values.count / width
  }
}
