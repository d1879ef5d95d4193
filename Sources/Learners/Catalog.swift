public import Modeling

/// Every registered algorithm.
public enum LearnerCatalog {
  /// In the order they are listed and tried.
  public static let all: [any Estimator.Type] = [
    Baseline.self, Ridge.self, LogisticRegression.self,
  ]
}
