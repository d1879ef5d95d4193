public import Basics
public import Frames
public import Modeling
import Kernels

/// Training rows that vote.
public struct NeighbourModel: FittedModel {
  let settings: KNearestNeighbours
  let scale: RowScale
  let rows: [Double]
  let target: Target
  let weights: [Double]?
  let index: NeighbourIndex
  private let shares: [Double]
  private let numbers: [Double]

  /// The columns it needs.
  public var schema: Schema { scale.schema }

  init(settings: KNearestNeighbours, scale: RowScale, rows: [Double], target: Target, weights: [Double]?) {
    self.settings = settings
    self.scale = scale
    self.rows = rows
    self.target = target
    self.weights = weights
    index = NeighbourIndex(rows, rowCount: target.count, width: scale.width, metric: settings.metric.distance)
    numbers = target.doubles
    var shares = [Double](repeating: 0, count: target.classNames.count)
    if case .classes(let codes, _) = target {
      for row in codes.indices { shares[Int(codes[row])] += weights?[row] ?? 1 }
      let total = shares.reduce(0, +)
      for k in shares.indices { shares[k] /= total }
    }
    self.shares = shares
  }

  /// Shares of votes, or averages.
  public func predict(_ frame: Frame) throws -> Predictions {
    let owner = KNearestNeighbours.card.name
    var queries = try scale.rows(of: frame, owner: owner)
    if settings.metric == .cosine { Self.normalise(&queries, width: scale.width) }
    let classCount = target.classNames.count
    var out = [Double](repeating: 0, count: frame.rowCount * max(1, classCount))
    for start in stride(from: 0, to: frame.rowCount, by: 64) {
      let end = min(start + 64, frame.rowCount)
      let found = nearest(queries.span.extracting((start * scale.width)..<(end * scale.width)))
      for row in start..<end {
        let votes = self.votes(found, (row - start) * found.count)
        if classCount == 0 { out[row] = average(votes) } else { count(votes, into: &out, at: row * classCount) }
      }
    }
    if classCount == 0 { return Predictions(.values(out)) }
    return Predictions(.probabilities(out, classes: target.classNames))
  }

  /// Enough rows for each query that their weights reach the count asked for.
  private func nearest(_ queries: Span<Double>) -> NearestRows {
    var count = min(settings.neighbourCount, index.rowCount)
    while true {
      let found = index.nearest(queries: queries, count: count)
      guard let weights, count < index.rowCount else { return found }
      let isEnough = stride(from: 0, to: found.rows.count, by: count).allSatisfy { first in
        found.rows[first..<(first + count)].reduce(0) { $0 + weights[Int($1)] } >= Double(settings.neighbourCount)
      }
      if isEnough { return found }
      count = min(2 * count, index.rowCount)
    }
  }

  /// Rows that vote for one query, each with its say.
  private func votes(_ found: NearestRows, _ first: Int) -> [(row: Int, say: Double)] {
    var left = Double(settings.neighbourCount)
    var out: [(row: Int, say: Double)] = []
    let hasTwin = found.distances[first] <= 0
    for place in first..<(first + found.count) where left > 0 {
      let row = Int(found.rows[place])
      let weight = min(left, weights?[row] ?? 1)
      left -= weight
      switch settings.voting {
      case .uniform: out.append((row, weight))
      case .distance:
        if hasTwin && found.distances[place] > 0 { continue }
        out.append((row, hasTwin ? weight : weight / length(found.distances[place])))
      }
    }
    return out
  }

  private func length(_ distance: Double) -> Double {
    settings.metric == .euclidean ? max(distance, 1e-300).squareRoot() : max(distance, 1e-300)
  }

  private func average(_ votes: [(row: Int, say: Double)]) -> Double {
    let total = votes.reduce(0) { $0 + $1.say }
    return votes.reduce(0) { $0 + $1.say / total * numbers[$1.row] }
  }

  private func count(_ votes: [(row: Int, say: Double)], into out: inout [Double], at base: Int) {
    let total = votes.reduce(0) { $0 + $1.say }
    let voters = Double(min(settings.neighbourCount, index.rowCount))
    for vote in votes { out[base + Int(numbers[vote.row])] += vote.say / total * voters }
    for k in shares.indices {
      out[base + k] = min(1, (out[base + k] + settings.smoothing * shares[k]) / (voters + settings.smoothing))
    }
  }

  /// Makes every row as long as 1; rows of zeros stay.
  static func normalise(_ rows: inout [Double], width: Int) {
    for start in stride(from: 0, to: rows.count, by: width) {
      var squares = 0.0
      for d in start..<(start + width) { squares += rows[d] * rows[d] }
      let length = squares.squareRoot()
      if length > 0 { for d in start..<(start + width) { rows[d] /= length } }
    }
  }
}

extension NeighbourModel {
  /// Adds settings, scale, rows and truth.
  public func write(to archive: inout ArchiveWriter) throws {
    archive.set("settings", try Configuration.encode(settings))
    try scale.write(to: &archive)
    archive.add("rows", doubles: rows)
    archive.add("classes", strings: target.classNames)
    archive.add("target", doubles: numbers)
    archive.add("weights", doubles: weights ?? [])
  }

  /// Reads what `write` wrote.
  public init(from archive: ArchiveReader) throws {
    let settings = try Configuration.decode(
      KNearestNeighbours.self, defaults: KNearestNeighbours(), settings: archive.value("settings"))
    let scale = try RowScale(from: archive)
    let numbers = try archive.doubles("target")
    let classes = try archive.strings("classes")
    let rows = try archive.finiteDoubles("rows", count: numbers.count * scale.width)
    let weights = try archive.doubles("weights")
    guard !numbers.isEmpty, numbers.allSatisfy(\.isFinite), weights.isEmpty || weights.count == numbers.count,
      weights.allSatisfy({ $0 > 0 && $0.isFinite }), rows.allSatisfy({ abs($0) <= RowScale.limit })
    else { throw archive.corrupt("holds neighbours whose parts do not fit together") }
    guard classes.isEmpty || numbers.allSatisfy({ $0 >= 0 && $0 < Double(classes.count) && $0 == $0.rounded(.down) })
    else { throw archive.corrupt("holds a class that has no name") }
    let target: Target = classes.isEmpty ? .values(numbers) : .classes(codes: numbers.map { Int32($0) }, names: classes)
    self.init(
      settings: settings, scale: scale, rows: rows, target: target, weights: weights.isEmpty ? nil : weights)
  }
}
