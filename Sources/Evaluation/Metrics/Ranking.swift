/// Orders of scores, by radix sort: comparison sorts of a million doubles take ten times as long.
enum Ranking {
  /// Row indices by ascending score, ties in row order. Scores are finite.
  static func ascending(_ scores: [Double]) -> [Int32] {
    var keys = scores.map { key($0) }
    var order = (0..<Int32(scores.count)).map { $0 }
    if scores.count < 2048 {
      order.sort { (keys[Int($0)], $0) < (keys[Int($1)], $1) }
      return order
    }
    var nextKeys = keys
    var nextOrder = order
    for shift in stride(from: UInt64(0), to: 64, by: 11) {
      var starts = [Int](repeating: 0, count: 2049)
      for key in keys { starts[Int(key >> shift & 2047) + 1] += 1 }
      if starts.contains(keys.count) { continue }
      for digit in 0..<2048 { starts[digit + 1] += starts[digit] }
      for position in keys.indices {
        let digit = Int(keys[position] >> shift & 2047)
        let place = starts[digit]
        starts[digit] = place + 1
        nextKeys[place] = keys[position]
        nextOrder[place] = order[position]
      }
      swap(&keys, &nextKeys)
      swap(&order, &nextOrder)
    }
    return order
  }

  /// An integer that orders as the number does; `-0` equals `0`.
  static func key(_ value: Double) -> UInt64 {
    let bits = (value == 0 ? 0 : value).bitPattern
    return bits >> 63 == 1 ? ~bits : bits | 1 << 63
  }
}

/// Scores in order with ties marked, prepared once for any weighting.
struct RankedRows: Sendable {
  /// Rows by ascending score.
  let order: [Int32]
  /// 1 where the row at that place of the order is positive, else 0.
  let positive: [Double]
  /// Whether the place is the last of its tie group.
  let endsGroup: [Bool]

  init(scores: [Double], isPositive: (Int) -> Bool) {
    let order = Ranking.ascending(scores)
    self.order = order
    positive = order.map { isPositive(Int($0)) ? 1 : 0 }
    endsGroup = order.indices.map { place in
      place + 1 == order.count || scores[Int(order[place])] != scores[Int(order[place + 1])]
    }
  }

  /// Area under the ROC curve; `nil` without both classes.
  func area(_ weights: [Double]) -> Double? {
    var negatives = 0.0
    var positives = 0.0
    var area = 0.0
    var groupNegatives = 0.0
    var groupPositives = 0.0
    for place in order.indices {
      let weight = weights[Int(order[place])]
      let hit = weight * positive[place]
      groupPositives += hit
      groupNegatives += weight - hit
      if endsGroup[place] {
        area += groupPositives * (negatives + 0.5 * groupNegatives)
        positives += groupPositives
        negatives += groupNegatives
        groupPositives = 0
        groupNegatives = 0
      }
    }
    return positives > 0 && negatives > 0 ? area / (positives * negatives) : nil
  }

  /// Step-wise area under the precision-recall curve; `nil` without a positive row.
  func averagePrecision(_ weights: [Double]) -> Double? {
    var seen = 0.0
    var positives = 0.0
    var sum = 0.0
    var groupPositives = 0.0
    for place in order.indices.reversed() {
      if endsGroup[place], groupPositives > 0 {
        sum += groupPositives * positives / seen
        groupPositives = 0
      }
      let weight = weights[Int(order[place])]
      let hit = weight * positive[place]
      groupPositives += hit
      positives += hit
      seen += weight
    }
    if groupPositives > 0 { sum += groupPositives * positives / seen }
    return positives > 0 ? sum / positives : nil
  }
}
