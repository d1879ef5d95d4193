/// A part of an answer, in units of the answer; parts sum to it.
public struct AnswerPart: Sendable, Hashable {
  /// What it comes from.
  public var name: String
  /// How much of the answer it is.
  public var value: Double

  /// Names a part.
  public init(name: String, value: Double) {
    self.name = name
    self.value = value
  }
}

/// A recommender that knows which of the user's items speak for another.
public protocol ReasoningRecommender: RecommendingModel {
  /// For each of `items` what every item the user had adds to its score, in the order the user's items are kept; the
  /// first part, without a name, is what does not hang on them. Parts sum to the score that `recommend` ranks by.
  ///
  /// - Throws: `.notFound` for an item never seen, `.invalidParameter` for models that keep no weights between items.
  func reasons(user: String, items: [String]) throws -> [[AnswerPart]]
}

/// A forecaster whose forecasts are sums of parts with a meaning: level, trend, season, lags.
public protocol DecomposableForecaster: ForecastingModel {
  /// For each series, in the order of `forecast`, and each of the next `steps` moments the parts of the forecast.
  ///
  /// - Throws: `.invalidParameter` for a number of steps that `forecast` does not take.
  func components(steps: Int) throws -> [[[AnswerPart]]]
}
