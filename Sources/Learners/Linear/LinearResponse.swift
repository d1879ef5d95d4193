import Basics

/// A range of rows and the weights of all rows.
struct WeightedRows {
  var range: Range<Int>
  var weights: [Double]?
}

/// What the scores of a linear model are held against: the objective and its derivatives by the scores.
enum LinearResponse: Sendable {
  /// Half the squared distance to a number.
  case squared([Double])
  /// Log loss of the second of two classes; 0 or 1 a row.
  case logistic([Double])
  /// Log loss of `classCount` classes.
  case softmax([Int32], classCount: Int)

  /// Scores a row has.
  var scoreCount: Int { if case .softmax(_, let count) = self { count } else { 1 } }
  /// Second derivatives a row has: one for each pair of scores, the lower one second.
  var pairCount: Int { scoreCount * (scoreCount + 1) / 2 }

  /// Objective of rows `rows` with `scores[k][i]`; fills first derivatives `[k][i]` and, if asked, second ones
  /// `[pair][i]`.
  func derivatives(
    _ rows: WeightedRows, scores: [[Double]], first: inout [[Double]], second: inout [[Double]], wantsSecond: Bool
  ) -> Double {
    switch self {
    case .squared(let target):
      var sum = 0.0
      for (i, row) in rows.range.enumerated() {
        let weight = rows.weights?[row] ?? 1
        let distance = scores[0][i] - target[row]
        first[0][i] = weight * distance
        if wantsSecond { second[0][i] = weight }
        sum += weight * distance * distance
      }
      return sum / 2
    case .logistic(let target):
      return Self.logistic(target, rows, scores[0], &first[0], &second[0], wantsSecond)
    case .softmax(let codes, _):
      return Self.softmax(codes, rows, scores, &first, &second, wantsSecond)
    }
  }

  private static func logistic(
    _ target: [Double], _ rows: WeightedRows, _ scores: [Double], _ first: inout [Double], _ second: inout [Double],
    _ wantsSecond: Bool
  ) -> Double {
    var sum = 0.0
    for (i, row) in rows.range.enumerated() {
      let weight = rows.weights?[row] ?? 1
      let score = scores[i]
      let small = Mathematics.exp(-abs(score))
      let high = 1 / (1 + small)
      let probability = score >= 0 ? high : small * high
      // ln(1 + e^s) − y·s
      sum += weight * (max(score, 0) + Mathematics.log1p(small) - target[row] * score)
      first[i] = weight * (probability - target[row])
      if wantsSecond { second[i] = weight * small * high * high }
    }
    return sum
  }

  private static func softmax(
    _ codes: [Int32], _ rows: WeightedRows, _ scores: [[Double]], _ first: inout [[Double]],
    _ second: inout [[Double]], _ wantsSecond: Bool
  ) -> Double {
    let count = scores.count
    var sum = 0.0
    var probabilities = [Double](repeating: 0, count: count)
    for (i, row) in rows.range.enumerated() {
      let weight = rows.weights?[row] ?? 1
      var largest = scores[0][i]
      for k in 1..<count { largest = max(largest, scores[k][i]) }
      var total = 0.0
      for k in 0..<count {
        probabilities[k] = Mathematics.exp(scores[k][i] - largest)
        total += probabilities[k]
      }
      let code = Int(codes[row])
      sum += weight * (Mathematics.log(total) + largest - scores[code][i])
      for k in 0..<count {
        probabilities[k] /= total
        first[k][i] = weight * (probabilities[k] - (k == code ? 1 : 0))
      }
      guard wantsSecond else { continue }
      var pair = 0
      for k in 0..<count {
        for l in 0...k {
          second[pair][i] = weight * probabilities[k] * ((k == l ? 1 : 0) - probabilities[l])
          pair += 1
        }
      }
    }
    return sum
  }
}
