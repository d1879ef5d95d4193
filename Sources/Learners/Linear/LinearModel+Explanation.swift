import Basics
public import Frames
public import Modeling

extension LinearModel: ExplainableModel {
  /// `weight · (x − mean)` for every feature: the Shapley value of a linear score with independent features.
  ///
  /// Elements of a vector column are listed where some row of the batch has a value; what is expected of all its other
  /// elements, and lacking, is one share under the column itself. Models without training means are held against 0.
  ///
  /// - Parameter background: rows whose means take the place of the training means.
  /// - Throws: `.schemaMismatch` naming a lacking column; `.invalidData` for missing cells or an empty background.
  /// - Source: Štrumbelj and Kononenko, *Explaining prediction models …*, 2014; `shap.LinearExplainer`
  ///   (interventional).
  public func contributions(_ frame: Frame, background: Frame?) throws -> Contributions {
    let centers = try background.map(means(of:)) ?? (means.isEmpty ? coefficients[0].map { $0.map { _ in 0 } } : means)
    var features: [Contributions.Feature] = []
    var columns: [FeatureShares] = []
    for (index, field) in schema.fields.enumerated() {
      switch try column(field, index, in: frame) {
      case .dense(let values):
        features.append(.init(field: field.name))
        columns.append(.init(field: index, feature: 0, values: .dense(values)))
      case .sparse(let matrix):
        let present = Self.present(matrix)
        let isListed = Set(present)
        features += present.map { .init(field: field.name, element: $0) }
        columns += zip(present, Self.columns(matrix, present)).map {
          .init(field: index, feature: $0, values: .sparse($1))
        }
        let rest = centers[index].indices.filter { !isListed.contains($0) && centers[index][$0] != 0 }
        guard !rest.isEmpty else { continue }
        features.append(.init(field: field.name))
        columns.append(.init(field: index, feature: 0, values: .rest(rest)))
      }
    }
    let values = shares(columns, centers, rowCount: frame.rowCount)
    let baseline = intercepts.indices.map { k in
      zip(coefficients[k], centers).reduce(intercepts[k]) { sum, field in
        zip(field.0, field.1).reduce(sum) { $0 + $1.0 * $1.1 }
      }
    }
    let outputs = classes.isEmpty ? [""] : classes.count == 2 ? [classes[1]] : classes
    return try Contributions(features: features, outputs: outputs, link: link, baseline: baseline, values: values)
  }

  /// Row-major `[row, score, feature]`.
  private func shares(_ columns: [FeatureShares], _ centers: [[Double]], rowCount: Int) -> [Double] {
    let (width, count) = (columns.count, intercepts.count)
    var out = [Double](repeating: 0, count: rowCount * count * width)
    for (position, column) in columns.enumerated() {
      for k in 0..<count {
        let weights = coefficients[k][column.field]
        let own = centers[column.field]
        switch column.values {
        case .dense(let values):
          for row in 0..<rowCount { out[(row * count + k) * width + position] = weights[0] * (values[row] - own[0]) }
        case .sparse(let entries):
          let usual = -weights[column.feature] * own[column.feature]
          for row in 0..<rowCount { out[(row * count + k) * width + position] = usual }
          for (row, value) in entries { out[(row * count + k) * width + position] += weights[column.feature] * value }
        case .rest(let elements):
          let usual = elements.reduce(0) { $0 - weights[$1] * own[$1] }
          for row in 0..<rowCount { out[(row * count + k) * width + position] = usual }
        }
      }
    }
    return out
  }

  private func means(of background: Frame) throws -> [[Double]] {
    guard background.rowCount > 0 else {
      throw MLError(.invalidData, "linear model: background must have rows; got none.")
    }
    let count = Double(background.rowCount)
    return try schema.fields.enumerated().map { index, field in
      switch try column(field, index, in: background) {
      case .dense(let values): return [values.reduce(0) { $0 + $1 / count }]
      case .sparse(let matrix):
        var sums = [Double](repeating: 0, count: matrix.width)
        for (feature, value) in zip(matrix.indices, matrix.values) { sums[Int(feature)] += value / count }
        return sums
      }
    }
  }

  private static func present(_ matrix: SparseMatrix) -> [Int] {
    var isPresent = [Bool](repeating: false, count: matrix.width)
    for (feature, value) in zip(matrix.indices, matrix.values) where value != 0 { isPresent[Int(feature)] = true }
    return isPresent.indices.filter { isPresent[$0] }
  }

  /// Rows and values of the chosen features.
  private static func columns(_ matrix: SparseMatrix, _ chosen: [Int]) -> [[(row: Int, value: Double)]] {
    var position = [Int](repeating: -1, count: matrix.width)
    for (index, feature) in chosen.enumerated() { position[feature] = index }
    var out = [[(row: Int, value: Double)]](repeating: [], count: chosen.count)
    for row in 0..<matrix.rowCount {
      for entry in matrix.offsets[row]..<matrix.offsets[row + 1] {
        let place = position[Int(matrix.indices[entry])]
        if place >= 0 { out[place].append((row, matrix.values[entry])) }
      }
    }
    return out
  }
}

/// One column of contributions: a field's number, an element of a vector, or all elements that no row of the batch has.
private struct FeatureShares {
  enum Values {
    case dense([Double])
    case sparse([(row: Int, value: Double)])
    case rest([Int])
  }
  var field: Int
  var feature: Int
  var values: Values
}
