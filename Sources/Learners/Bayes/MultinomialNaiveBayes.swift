public import Basics
public import Modeling
import Frames

/// Naive Bayes for counts, such as how often each word stands in a text.
///
/// With `Nₖⱼ` the weighted sum of feature `j` over rows of class `k`:
/// `log p(k | x) = log πₖ + Σⱼ xⱼ log((Nₖⱼ + smoothing) / Σⱼ (Nₖⱼ + smoothing)) + constant`. Fractions such as TF-IDF
/// are fine. A number column with negative values in training counts as two features, what is above 0 and what is
/// below; negative values that come later elsewhere count as 0, and vector columns may not hold any.
///
/// - Source: McCallum and Nigam, *A comparison of event models for naive Bayes text classification*, 1998; agrees with
///   scikit-learn MultinomialNB.
public struct MultinomialNaiveBayes: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "multinomial-naive-bayes", summary: "Quick classifier for counts, such as words of texts.",
    tasks: [.classification], capabilities: [.handlesVectors, .multiclass, .weights],
    hyperparameters: [
      .init(
        "smoothing", "Added to every count (Laplace, Lidstone).", .real(1e-10...1e6, logarithmic: true),
        search: .real(1e-3...10, logarithmic: true))
    ], source: "McCallum and Nigam 1998; scikit-learn MultinomialNB")

  /// Added to every count.
  public var smoothing: Double

  enum CodingKeys: String, CodingKey { case smoothing }

  /// Smoothing 1.
  public init() { self.init(smoothing: 1) }

  /// With smoothing.
  public init(smoothing: Double) { self.smoothing = smoothing }

  /// Counts.
  ///
  /// - Throws: `.invalidData` for numbers as target, fewer than two classes with rows, missing or infinite cells,
  ///   negative elements of vectors; `.schemaMismatch` for categories or texts.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> CountNaiveBayesModel {
    try CountNaiveBayesModel(data, kind: .multinomial, smoothing: smoothing, in: context)
  }
}
