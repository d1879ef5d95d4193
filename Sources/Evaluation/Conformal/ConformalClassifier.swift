import Basics
public import Modeling

/// Sets of classes that hold the true one as often as asked for.
///
/// - Source: Sadinle, Lei and Wasserman, *Least ambiguous set-valued classifiers*, JASA 114, 2019 (`lac`); Romano,
///   Sesia and Candès, *Classification with valid and adaptive coverage*, NeurIPS 2020 (`aps`, randomised).
public struct ConformalClassifier: Sendable, Hashable, Codable {
  /// How sets are made.
  public enum Method: String, Sendable, Hashable, Codable, CaseIterable {
    /// Every class that is likely enough: the smallest sets on average, empty where no class is.
    case lac
    /// The likeliest classes until enough probability is covered: sets grow with the difficulty of the row. The last
    /// class is kept or left by a coin whose side follows the row key, so that coverage is exact.
    case aps
  }

  /// How sets are made.
  public let method: Method
  /// Share of sets that should hold the truth.
  public let coverage: Double
  /// Class names.
  public let classes: [String]
  /// Largest score that belongs to the set: one, or one a class.
  public let limits: [Double]
  /// Whether every class by itself has the coverage.
  public var isByClass: Bool { limits.count > 1 }

  enum CodingKeys: String, CodingKey { case method, coverage, classes, limits }

  /// Calibrates on rows the model was not fitted on.
  ///
  /// - Parameters:
  ///   - byClass: whether every class by itself shall have the coverage, for which each needs enough rows.
  ///   - weights: how much each row counts.
  ///   - rowKeys: content keys, from which `aps` draws its coin.
  /// - Throws: `.invalidParameter` for a coverage outside 0…1; `.invalidData` for too few rows; `.shapeMismatch`.
  public static func fit(
    _ predictions: Predictions, _ target: Target, method: Method = .aps, coverage: Double = 0.9,
    byClass: Bool = false, weights: [Double]? = nil, rowKeys: [UInt64]? = nil
  ) throws -> ConformalClassifier {
    let scores = try Self.scores(predictions, target, method: method, rowKeys: rowKeys)
    let weights = try weights.map { try RowWeights.checked($0, rowCount: scores.count, owner: "conformal") }
    let limits: [Double]
    if byClass {
      let rows = try ClassRows(predictions, target, owner: "conformal")
      limits = try rows.classes.indices.map { k in
        let own = scores.indices.filter { Int(rows.truth[$0]) == k }
        return try Conformal.quantile(
          own.map { scores[$0] }, coverage, weights: weights.map { all in own.map { all[$0] } })
      }
    } else {
      limits = [try Conformal.quantile(scores, coverage, weights: weights)]
    }
    return ConformalClassifier(method: method, coverage: coverage, classes: predictions.classes, limits: limits)
  }

  /// Strangeness of the true class of every row.
  static func scores(
    _ predictions: Predictions, _ target: Target, method: Method, rowKeys: [UInt64]?
  ) throws -> [Double] {
    let rows = try ClassRows(predictions, target, owner: "conformal")
    let coins = coins(rowKeys, rows.rowCount)
    return rows.truth.indices.map { row in
      scores(rows.probabilities, row, rows.classCount, method, coins[row])[Int(rows.truth[row])]
    }
  }

  /// Codes of the classes in each row's set, likeliest first.
  ///
  /// - Parameters:
  ///   - rowKeys: content keys, from which `aps` draws its coin.
  ///   - allowsEmpty: whether a set may be empty; otherwise it then holds the likeliest class, and coverage rises.
  /// - Throws: `.invalidData` for other classes.
  public func sets(_ predictions: Predictions, rowKeys: [UInt64]? = nil, allowsEmpty: Bool = true) throws -> [[Int]] {
    guard case .probabilities(let values, let names) = predictions.storage, names == classes else {
      throw MLError(.invalidData, "conformal: predictions must be of the \(classes.count) calibrated classes.")
    }
    let width = classes.count
    let coins = Self.coins(rowKeys, predictions.rowCount)
    return (0..<predictions.rowCount).map { row in
      let scores = Self.scores(values, row, width, method, coins[row])
      let order = (0..<width).sorted { (values[row * width + $1], $0) < (values[row * width + $0], $1) }
      let kept = order.filter { scores[$0] <= (isByClass ? limits[$0] : limits[0]) }
      return kept.isEmpty && !allowsEmpty ? Array(order.prefix(1)) : kept
    }
  }

  /// Strangeness of every class for a row.
  private static func scores(
    _ probabilities: [Double], _ row: Int, _ width: Int, _ method: Method, _ coin: Double
  ) -> [Double] {
    let own = probabilities[(row * width)..<((row + 1) * width)]
    guard method == .aps else { return own.map { 1 - $0 } }
    let order = own.indices.sorted { (own[$1], $0) < (own[$0], $1) }
    var out = [Double](repeating: 0, count: width)
    var before = 0.0
    for index in order {
      out[index - own.startIndex] = before + coin * own[index]
      before += own[index]
    }
    return out
  }

  private static func coins(_ keys: [UInt64]?, _ rowCount: Int) -> [Double] {
    RowIdentity.distinct(keys, target: nil, rowCount: rowCount).map {
      StableHash.fraction(StableHash.mix($0 ^ 0x636F_696E))
    }
  }
}
