public import Basics
public import Frames

/// Shares of features in the scores of rows: `scores[row, output] = baseline[output] + Σ values[row, output, feature]`.
public struct Contributions: Sendable, Hashable {
  /// What a column of `values` belongs to.
  public struct Feature: Sendable, Hashable {
    /// Name of the schema field.
    public var field: String
    /// Element of a vector field; `nil` for a whole field.
    public var element: Int?

    /// Names a feature.
    public init(field: String, element: Int? = nil) {
      self.field = field
      self.element = element
    }
  }

  /// How scores become what `predict` says.
  public enum Link: String, Sendable, Hashable, Codable {
    /// The score is the prediction.
    case identity
    /// Two classes: the score is the log-odds of class 1.
    case logit
    /// Several classes: one score each, normalised exponentials are the probabilities.
    case softmax
    /// The prediction is the exponential of the score.
    case log
    /// One output a class; the score is its probability.
    case probability
  }

  /// Features in the order of the model's schema; of vector fields only elements that count in some row of the batch.
  public var features: [Feature]
  /// What is explained: class names (class 1 alone under `logit`); one empty name for numbers.
  public var outputs: [String]
  /// How scores become predictions.
  public var link: Link
  /// Expected score, `[outputs.count]`.
  public var baseline: [Double]
  /// Row-major `[rowCount, outputs.count, features.count]`, in units of the score.
  public var values: [Double]

  /// - Throws: `.shapeMismatch` when counts do not fit.
  public init(features: [Feature], outputs: [String], link: Link, baseline: [Double], values: [Double]) throws {
    let width = outputs.count * features.count
    guard baseline.count == outputs.count, width == 0 ? values.isEmpty : values.count.isMultiple(of: width) else {
      throw MLError(
        .shapeMismatch,
        "contributions: \(values.count) values do not fit \(outputs.count) outputs × \(features.count) features.")
    }
    self.features = features
    self.outputs = outputs
    self.link = link
    self.baseline = baseline
    self.values = values
  }

  /// Shares in one score of one row, `[features.count]`.
  public func shares(row: Int, output: Int) -> ArraySlice<Double> {
    let start = (row * outputs.count + output) * features.count
    return values[start..<(start + features.count)]
  }

  /// The score of one row: baseline plus all shares.
  public func score(row: Int, output: Int) -> Double { shares(row: row, output: output).reduce(baseline[output], +) }
}

/// A model that can say exactly how each feature moves a row's score (Shapley values or a closed form).
public protocol ExplainableModel: FittedModel {
  /// Contributions for a batch.
  ///
  /// - Parameter background: rows the expectation is taken over (interventional); `nil`: what the model learnt from
  ///   (path-dependent for trees, training means for linear models).
  /// - Throws: `.schemaMismatch` naming a lacking column.
  func contributions(_ frame: Frame, background: Frame?) throws -> Contributions

  /// The same on some threads; the same bits for any number of them.
  func contributions(_ frame: Frame, background: Frame?, workers: Workers) throws -> Contributions

  /// Paths that are gone through for each row: leaves of trees; 1 for a closed form.
  var pathCount: Int { get }
}

extension ExplainableModel {
  /// On the caller's thread unless a model says otherwise.
  public func contributions(_ frame: Frame, background: Frame?, workers: Workers) throws -> Contributions {
    try contributions(frame, background: background)
  }

  /// A closed form unless a model says otherwise.
  public var pathCount: Int { 1 }
}
