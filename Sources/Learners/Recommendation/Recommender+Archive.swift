public import Basics
import Frames

extension Recommender {
  /// Adds names, history, popularity and what the algorithm learnt; factors and weights take 4 bytes a number.
  public func write(to archive: inout ArchiveWriter) throws {
    archive.set("schema", try Configuration.encode(schema))
    archive.set("iteration_count", iterationCount.map { .integer(Int64($0)) } ?? .null)
    archive.add("users", strings: users)
    archive.add("items", strings: items)
    archive.add("offsets", int64s: offsets.map(Int64.init))
    archive.add("seen", int32s: seen)
    archive.add("popularity", doubles: popularity)
    archive.set("has_bias", .boolean(bias != nil))
    if let bias {
      archive.add("bias", doubles: [bias.mean, bias.lowest, bias.highest])
      archive.add("user_bias", doubles: bias.users)
      archive.add("item_bias", doubles: bias.items)
    }
    switch scorer {
    case .popularity: archive.set("scorer", "popularity")
    case .graph(let graph):
      archive.set("scorer", "graph")
      graph.write(to: &archive)
    case .inverse(let inverse):
      archive.set("scorer", "inverse")
      inverse.write(to: &archive)
    case .neighbors(let graph, let residuals, let shrinkage):
      archive.set("scorer", "neighbors")
      archive.set("shrinkage", .number(shrinkage))
      archive.add("residuals", floats: residuals)
      graph.write(to: &archive)
    case .implicitFactors(let factors, let confidence, let penalty):
      archive.set("scorer", "implicit-factors")
      archive.set("confidence", .number(confidence))
      archive.set("penalty", .number(penalty))
      factors.write(to: &archive)
    case .ratingFactors(let factors, let penalty):
      archive.set("scorer", "rating-factors")
      archive.set("penalty", .number(penalty))
      factors.write(to: &archive)
    }
  }

  /// Reads what `write` wrote.
  public init(from archive: ArchiveReader) throws {
    let schema = try Configuration.decode(Schema.self, from: archive.value("schema"))
    guard schema.count == 2 else { throw archive.corrupt("must have a user and an item column") }
    let names = try (users: archive.strings("users"), items: archive.strings("items"))
    let offsets = try archive.int64s("offsets").map(Int.init)
    let seen = try archive.int32s("seen")
    try ItemGraph.check(offsets, seen, rows: names.users.count, columns: names.items.count, archive)
    let popularity = try archive.doubles("popularity")
    guard popularity.count == names.items.count, popularity.allSatisfy({ (0...1).contains($0) }) else {
      throw archive.corrupt("holds popularities that are not shares")
    }
    let bias = try Self.bias(archive, names.users.count, names.items.count)
    let scorer = try Self.scorer(archive, names.users.count, names.items.count, seen.count)
    switch scorer {
    case .neighbors, .ratingFactors: if bias == nil { throw archive.corrupt("has no rating biases") }
    default: break
    }
    let rounds = try archive.value("iteration_count")
    guard rounds == .null || (rounds.integerValue ?? -1) >= 0 else {
      throw archive.corrupt("has a bad iteration count")
    }
    try self.init(
      columns: (schema.fields[0], schema.fields[1]), names: names, history: (offsets, seen, popularity),
      bias: bias, scorer: scorer, iterationCount: rounds.integerValue.map(Int.init))
  }

  private static func bias(_ archive: ArchiveReader, _ userCount: Int, _ itemCount: Int) throws -> RatingBias? {
    guard case .boolean(let hasBias) = try archive.value("has_bias") else {
      throw archive.corrupt("does not say whether it has rating biases")
    }
    guard hasBias else { return nil }
    let head = try archive.doubles("bias")
    let (users, items) = try (archive.doubles("user_bias"), archive.doubles("item_bias"))
    guard head.count == 3, users.count == userCount, items.count == itemCount,
      (head + users + items).allSatisfy(\.isFinite)
    else { throw archive.corrupt("holds rating biases that do not fit together") }
    return RatingBias(mean: head[0], lowest: head[1], highest: head[2], users: users, items: items)
  }

  private static func scorer(
    _ archive: ArchiveReader, _ userCount: Int, _ itemCount: Int, _ pairCount: Int
  ) throws -> Scorer {
    func positive(_ key: String) throws -> Double {
      let value = try archive.double(key)
      guard value.isFinite, value >= 0 else { throw archive.corrupt("'\(key)' must not be negative") }
      return value
    }
    switch try archive.string("scorer") {
    case "popularity": return .popularity
    case "graph": return .graph(try ItemGraph(from: archive, itemCount: itemCount))
    case "inverse": return .inverse(try EaseInverse(from: archive, userCount: userCount, itemCount: itemCount))
    case "neighbors":
      let residuals = try archive.floats("residuals")
      guard residuals.count == pairCount, residuals.allSatisfy(\.isFinite) else {
        throw archive.corrupt("holds residuals that do not fit")
      }
      return .neighbors(
        try ItemGraph(from: archive, itemCount: itemCount), residuals: residuals, shrinkage: try positive("shrinkage"))
    case "implicit-factors":
      let factors = try LatentFactors(from: archive, userCount: userCount, itemCount: itemCount)
      return .implicitFactors(factors, confidence: try positive("confidence"), penalty: try positive("penalty"))
    case "rating-factors":
      let factors = try LatentFactors(from: archive, userCount: userCount, itemCount: itemCount)
      return .ratingFactors(factors, penalty: try positive("penalty"))
    default: throw archive.corrupt("holds an unknown kind of recommender")
    }
  }
}
