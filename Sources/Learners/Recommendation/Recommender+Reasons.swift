import Basics
public import Modeling

extension Recommender: ReasoningRecommender {
  /// Weights from the user's items, exactly as they are summed: of item-item weights, EASE's, or neighbours' ratings.
  public func reasons(user name: String, items wanted: [String]) throws -> [[AnswerPart]] {
    let targets = try wanted.map { item -> Int in
      guard let index = itemIndex[item] else {
        throw MLError(.notFound, "reasons: an item asked for was never seen in training.", field: itemColumn)
      }
      return index
    }
    let user = userIndex[name]
    let places = user.map { Array(offsets[$0]..<offsets[$0 + 1]) } ?? []
    let shares = try shares(places, targets)
    let whole = user == nil ? scores(nil) : []
    return targets.indices.map { index in
      let target = targets[index]
      let rest = user == nil ? whole[target] : base(target)
      return [AnswerPart(name: "", value: rest)]
        + zip(places, shares[index]).map { AnswerPart(name: items[Int(seen[$0])], value: $1) }
    }
  }

  /// What an item has without any history.
  private func base(_ item: Int) -> Double {
    switch scorer {
    case .popularity: popularity[item]
    case .neighbors, .ratingFactors: (bias?.items[item] ?? 0) + Self.popularityShare * popularity[item]
    case .graph, .inverse, .implicitFactors: Self.popularityShare * popularity[item]
    }
  }

  /// What each pair at `places` of the history adds to each target, `[target][place]`.
  private func shares(_ places: [Int], _ targets: [Int]) throws -> [[Double]] {
    switch scorer {
    case .popularity: return targets.map { _ in places.map { _ in 0 } }
    case .graph(let graph):
      return targets.map { target in places.map { graph.weight(from: Int(seen[$0]), to: target) } }
    case .inverse(let inverse):
      var out = [[Double]](repeating: [], count: targets.count)
      for place in places {
        var scores = [Double](repeating: 0, count: items.count)
        inverse.add([Int(seen[place])], history: (offsets, seen), to: &scores)
        for index in targets.indices { out[index].append(scores[targets[index]]) }
      }
      return out
    case .neighbors(let graph, let residuals, let shrinkage):
      return targets.map { target in
        let weights = places.map { graph.weight(from: Int(seen[$0]), to: target) }
        let size = weights.reduce(shrinkage) { $0 + abs($1) }
        return zip(places, weights).map { size > 0 ? $1 * Double(residuals[$0]) / size : 0 }
      }
    case .implicitFactors, .ratingFactors:
      throw MLError(
        .invalidParameter, "explain: a model of latent factors keeps no weights between items to give as reasons.",
        hint: "Train with --algorithm ease or item-similarity.")
    }
  }
}
