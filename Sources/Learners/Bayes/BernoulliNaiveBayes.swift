public import Basics
public import Modeling
import Frames

/// Naive Bayes for presence: each feature counts as there (above `threshold`) or not, and its absence speaks too.
///
/// With `Nₖⱼ` the weighted rows of class `k` that have feature `j` and `Nₖ` all of them: `p(j | k) = (Nₖⱼ +
/// smoothing) / (Nₖ + 2 · smoothing)`.
///
/// - Source: McCallum and Nigam, *A comparison of event models for naive Bayes text classification*, 1998; agrees with
///   scikit-learn BernoulliNB.
public struct BernoulliNaiveBayes: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "bernoulli-naive-bayes", summary: "Quick classifier for features that are there or not, such as words.",
    tasks: [.classification], capabilities: [.handlesVectors, .multiclass, .weights],
    hyperparameters: [
      .init(
        "smoothing", "Added to every count (Laplace, Lidstone).", .real(1e-10...1e6, logarithmic: true),
        search: .real(1e-3...10, logarithmic: true)),
      .init(
        "threshold", "Above it a value counts as there.", .real(0...1e300, logarithmic: false),
        search: .real(0...1, logarithmic: false)),
    ], source: "McCallum and Nigam 1998; scikit-learn BernoulliNB", searchRowLimit: 0)

  /// Added to every count.
  public var smoothing: Double
  /// Above it a value counts as there; elements that a vector does not hold are 0.
  public var threshold: Double

  enum CodingKeys: String, CodingKey { case smoothing, threshold }

  /// Smoothing 1, threshold 0.
  public init() { self.init(smoothing: 1) }

  /// With settings.
  public init(smoothing: Double, threshold: Double = 0) {
    self.smoothing = smoothing
    self.threshold = threshold
  }

  /// Counts.
  ///
  /// - Throws: `.invalidData` for numbers as target, fewer than two classes with rows, missing or infinite cells;
  ///   `.schemaMismatch` for categories or texts.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> CountNaiveBayesModel {
    try CountNaiveBayesModel(data, kind: .bernoulli(threshold: threshold), smoothing: smoothing, in: context)
  }
}
