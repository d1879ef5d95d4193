import Basics
import Frames
import Kernels

/// Features of a frame as a linear learner reads them: number columns standardised on the fly, sparse ones as they are.
///
/// Features are counted in three ranges: dense ones, then the constant 1 of the intercept, then sparse ones.
struct DesignMatrix: Sendable {
  let rowCount: Int
  let dense: [[Double]]
  let sparse: [SparseMatrix]
  /// First feature of each sparse column, counted over all features.
  let sparseStarts: [Int]
  /// Weighted mean and standard deviation of each dense column.
  let means: [Double]
  let deviations: [Double]
  let featureCount: Int
  /// Which schema fields are dense and which sparse, in order.
  let denseFields: [Int]
  let sparseFields: [Int]

  /// Position of the constant feature.
  var constant: Int { dense.count }

  /// Reads the columns of `schema` from `frame`.
  ///
  /// - Throws: `.schemaMismatch` for a column that is neither number nor vector, `.invalidData` for missing or infinite
  ///   cells, each naming the column.
  init(_ frame: Frame, schema: Schema, weights: [Double]?, owner: String, workers: Workers) throws {
    var dense: [[Double]] = []
    var sparse: [SparseMatrix] = []
    var denseFields: [Int] = []
    var sparseFields: [Int] = []
    for (index, field) in schema.fields.enumerated() {
      switch try LinearColumn(frame.column(field.name), name: field.name, owner: owner, checksFinite: false) {
      case .dense(let values):
        dense.append(values)
        denseFields.append(index)
      case .sparse(let matrix):
        sparse.append(matrix)
        sparseFields.append(index)
      }
    }
    var starts: [Int] = []
    var next = dense.count + 1
    for matrix in sparse {
      starts.append(next)
      next += matrix.width
    }
    let moments = try workers.map(dense.count) { [dense, denseFields] index in
      try Self.moments(dense[index], weights, schema.fields[denseFields[index]].name, owner)
    }
    rowCount = frame.rowCount
    self.dense = dense
    self.sparse = sparse
    sparseStarts = starts
    means = moments.map(\.mean)
    deviations = moments.map(\.deviation)
    featureCount = next
    self.denseFields = denseFields
    self.sparseFields = sparseFields
  }

  /// Weighted mean and standard deviation in one pass around the first value, in two where that would cancel.
  private static func moments(
    _ values: [Double], _ weights: [Double]?, _ name: String, _ owner: String
  ) throws -> (mean: Double, deviation: Double) {
    guard let first = values.first else { return (0, 0) }
    var shift = first
    var found = LinearKernels.moments(values, weights: weights, shift: shift)
    guard found.weight > 0 else { return (0, 0) }
    var offset = found.sum / found.weight
    if !(offset * offset <= 1e3 * (found.squares / found.weight - offset * offset)) {
      shift += offset
      found = LinearKernels.moments(values, weights: weights, shift: shift)
      offset = found.sum / found.weight
    }
    let mean = shift + offset
    let deviation = max(0, found.squares / found.weight - offset * offset).squareRoot()
    guard mean.isFinite, found.squares.isFinite, deviation.isFinite else {
      guard values.allSatisfy(\.isFinite) else { throw LinearColumn.notFinite(name, owner) }
      throw MLError(
        .invalidData, "\(owner): column '\(name)' must hold moderate numbers; its squares overflow.",
        hint: "Divide '\(name)' by a large constant.", field: name)
    }
    return (mean, deviation > 1e-12 * abs(mean) && deviation > 1e-150 ? deviation : 0)
  }

  /// L2 strength of each feature in standardised units: `penalty` applies to the coefficients of raw columns.
  func penalties(_ penalty: Double) -> [Double] {
    deviations.map { $0 > 0 ? penalty / ($0 * $0) : 1 } + [0]
      + [Double](repeating: penalty, count: featureCount - constant - 1)
  }

  /// Coefficients of raw columns in schema order, and the intercept, from those of standardised features.
  func raw(_ solution: ArraySlice<Double>) -> (coefficients: [[Double]], intercept: Double) {
    let first = solution.startIndex
    var intercept = solution[first + constant]
    var byField = [[Double]](repeating: [], count: denseFields.count + sparseFields.count)
    for (index, field) in denseFields.enumerated() {
      let coefficient = deviations[index] > 0 ? solution[first + index] / deviations[index] : 0
      intercept -= coefficient * means[index]
      byField[field] = [coefficient]
    }
    for (index, field) in sparseFields.enumerated() {
      let start = first + sparseStarts[index]
      byField[field] = Array(solution[start..<(start + sparse[index].width)])
    }
    return (byField, intercept)
  }

  /// Strength of an absolute penalty on each feature in standardised units; `penalty` applies to raw columns.
  func absolutePenalties(_ penalty: Double) -> [Double] {
    deviations.map { $0 > 0 ? penalty / $0 : 0 } + [0]
      + [Double](repeating: penalty, count: featureCount - constant - 1)
  }

  /// Weighted mean and standard deviation of every feature of every schema field.
  func statistics(_ weights: [Double]?) -> FeatureStatistics {
    let empty = [[Double]](repeating: [], count: denseFields.count + sparseFields.count)
    var out = FeatureStatistics(means: empty, deviations: empty)
    for (index, field) in denseFields.enumerated() {
      out.means[field] = [means[index]]
      out.deviations[field] = [deviations[index]]
    }
    let total = weights?.reduce(0, +) ?? Double(max(1, rowCount))
    for (index, field) in sparseFields.enumerated() {
      var sums = [Double](repeating: 0, count: sparse[index].width)
      var squares = sums
      for row in 0..<rowCount {
        let share = (weights?[row] ?? 1) / total
        for entry in sparse[index].offsets[row]..<sparse[index].offsets[row + 1] {
          let (feature, value) = (Int(sparse[index].indices[entry]), sparse[index].values[entry])
          sums[feature] += share * value
          squares[feature] += share * value * value
        }
      }
      out.means[field] = sums
      out.deviations[field] = zip(sums, squares).map { max(0, $1 - $0 * $0).squareRoot() }
    }
    return out
  }
}

/// A column a linear learner can read.
enum LinearColumn {
  case dense([Double])
  case sparse(SparseMatrix)

  /// - Parameter checksFinite: whether dense columns are looked through; infinite cells of a vector are always refused.
  init(_ column: Column, name: String, owner: String, checksFinite: Bool = true) throws {
    switch column.storage {
    case .vector(let matrix):
      guard matrix.values.allSatisfy(\.isFinite) else { throw Self.notFinite(name, owner) }
      self = .sparse(matrix)
    case .number, .integer, .boolean:
      guard column.missingCount == 0 else {
        throw MLError(
          .invalidData, "\(owner): column '\(name)' must have no missing cells; got \(column.missingCount).",
          hint: "Put the step 'impute' before it.", field: name)
      }
      let values = column.doubles ?? []
      guard !checksFinite || values.allSatisfy(\.isFinite) else { throw Self.notFinite(name, owner) }
      self = .dense(values)
    case .category, .text, .timestamp:
      throw MLError(
        .schemaMismatch, "\(owner): column '\(name)' must be numbers or a vector; got \(column.kind.rawValue).",
        hint: Self.hint(column.kind), field: name)
    }
  }

  private static func hint(_ kind: ColumnKind) -> String {
    switch kind {
    case .text: "Put the step 'text-features' before it."
    case .timestamp: "Put the step 'date-parts' before it."
    default: "Put the step 'one-hot' before it."
    }
  }

  static func notFinite(_ name: String, _ owner: String) -> MLError {
    MLError(
      .invalidData, "\(owner): column '\(name)' must hold finite numbers; it holds infinite ones.",
      hint: "Put the step 'impute' before it.", field: name)
  }
}
