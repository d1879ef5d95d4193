/// Upper bounds of the bins of a number: about equally many rows in each, frequent values alone.
///
/// Greedy equal-frequency binning as in LightGBM (Ke et al., *LightGBM: a highly efficient gradient boosting decision
/// tree*, NIPS 2017); bounds lie midway between neighbouring values.
package enum QuantileBins {
  /// Bounds for `sorted` numbers (ascending, no NaN): value `x` is in bin `i` when `i` bounds are below it.
  ///
  /// - Parameter zeroCount: further rows whose value is 0 and is not listed.
  /// - Returns: ascending bounds, one fewer than there are bins.
  package static func bounds(sorted: [Double], zeroCount: Int = 0, binCount: Int, minimumRows: Int = 3) -> [Double] {
    let (values, counts) = distinct(sorted, zeroCount: zeroCount)
    guard values.count > 1, binCount > 1 else { return [] }
    let cuts = values.count <= binCount ? everyValue(counts, minimumRows) : greedy(counts, binCount, minimumRows)
    return cuts.map { midpoint(values[$0], values[$0 + 1]) }
  }

  /// 256 numbers: the bounds, padded with infinity.
  package static func padded(_ bounds: [Double]) -> [Double] {
    bounds + [Double](repeating: .infinity, count: max(0, 256 - bounds.count))
  }

  private static func distinct(_ sorted: [Double], zeroCount: Int) -> ([Double], [Int]) {
    var values: [Double] = []
    var counts: [Int] = []
    var zerosLeft = zeroCount
    func add(_ value: Double, _ count: Int) {
      if let last = values.last, last == value {
        counts[counts.count - 1] += count
      } else {
        values.append(value)
        counts.append(count)
      }
    }
    for value in sorted {
      if zerosLeft > 0, value >= 0 {
        add(0, zerosLeft)
        zerosLeft = 0
      }
      add(value, 1)
    }
    if zerosLeft > 0 { add(0, zerosLeft) }
    return (values, counts)
  }

  /// A number `m` with `a <= m < b`.
  private static func midpoint(_ a: Double, _ b: Double) -> Double {
    let middle = a / 2 + b / 2
    return middle >= a && middle < b ? middle : a
  }

  /// Positions after which a bin ends when each value may have its own.
  private static func everyValue(_ counts: [Int], _ minimumRows: Int) -> [Int] {
    var cuts: [Int] = []
    var rows = 0
    for index in 0..<(counts.count - 1) {
      rows += counts[index]
      if rows >= minimumRows {
        cuts.append(index)
        rows = 0
      }
    }
    return cuts
  }

  private static func greedy(_ counts: [Int], _ binCount: Int, _ minimumRows: Int) -> [Int] {
    let total = counts.reduce(0, +)
    let most = max(1, min(binCount, total / max(1, minimumRows)))
    var mean = Double(total) / Double(most)
    let isFrequent = counts.map { Double($0) >= mean }
    var binsLeft = most
    var rowsLeft = total
    for (index, count) in counts.enumerated() where isFrequent[index] {
      binsLeft -= 1
      rowsLeft -= count
    }
    mean = Double(rowsLeft) / Double(max(1, binsLeft))
    var cuts: [Int] = []
    var rows = 0
    for index in 0..<(counts.count - 1) {
      if !isFrequent[index] { rowsLeft -= counts[index] }
      rows += counts[index]
      let isFull = Double(rows) >= mean || (isFrequent[index + 1] && Double(rows) >= max(1, mean * 0.5))
      guard isFrequent[index] || isFull else { continue }
      cuts.append(index)
      if cuts.count >= most - 1 { break }
      rows = 0
      if !isFrequent[index] {
        binsLeft -= 1
        mean = Double(rowsLeft) / Double(max(1, binsLeft))
      }
    }
    return cuts
  }
}
