public import Basics
public import Modeling

/// Every metric, by the name on its card; the names are the keys of reports and goals.
public enum MetricCatalog {
  /// All metrics, in the order reports show them.
  public static let all = Catalog<any Metric.Type>(
    "metric",
    [
      AreaUnderROC.self, AveragePrecision.self, Accuracy.self, BalancedAccuracy.self, Precision.self, Recall.self,
      F1.self, MacroF1.self, MatthewsCorrelation.self, LogLoss.self, BrierScore.self,
      RootMeanSquaredError.self, MeanAbsoluteError.self, RSquared.self, MeanAbsolutePercentageError.self,
      MedianAbsoluteError.self, PinballLoss.self, SymmetricPercentageError.self, MacroPrecision.self, MacroRecall.self,
      WeightedPrecision.self, WeightedRecall.self, WeightedF1.self,
    ]
  ) { $0.card }

  /// Metric called `name` with its defaults.
  ///
  /// - Throws: `.invalidParameter` with the closest names.
  public static func metric(named name: String) throws -> any Metric {
    if let type = all.entries.first(where: { $0.card.name == name }) { return type.init() }
    throw unknown(name)
  }

  /// Metrics that are computed when asked for by name and left out of reports, which they would only lengthen.
  static let onRequest: Set<String> = [
    "smape", "macro_precision", "macro_recall", "weighted_precision", "weighted_recall", "weighted_f1",
  ]

  /// Metrics worth reporting for `task`, in report order. `f1` is left out for more than two classes, where it is
  /// `macro_f1` again; anomaly scores are judged as rankings (see `AnomalyRanking`).
  public static func metrics(for task: Task, classCount: Int = 2) -> [any Metric] {
    if task == .anomaly { return [AreaUnderROC(), AveragePrecision()] }
    let isMulticlass = task == .classification && classCount > 2
    return all.entries.filter {
      $0.card.tasks.contains(task) && (task == .forecasting || !onRequest.contains($0.card.name))
    }
    .filter { !(isMulticlass && $0 == F1.self) }.map { $0.init() }
  }

  /// What candidates are compared by where nobody says otherwise: `roc_auc` for two classes, `log_loss` for more
  /// (accuracy moves in steps and hides confidence), `rmse` for numbers.
  public static func primary(for task: Task, classCount: Int = 2) -> any Metric {
    switch task {
    case .classification: classCount > 2 ? LogLoss() : AreaUnderROC()
    case .anomaly: AreaUnderROC()
    default: RootMeanSquaredError()
    }
  }

  /// What a person is told first: as `primary`, but `accuracy` for more than two classes.
  public static func headline(for task: Task, classCount: Int = 2) -> any Metric {
    task == .classification && classCount > 2 ? Accuracy() : primary(for: task, classCount: classCount)
  }

  /// Names other tools use.
  private static let synonyms = [
    "auc": "roc_auc", "auroc": "roc_auc", "ap": "average_precision", "pr_auc": "average_precision", "acc": "accuracy",
    "logloss": "log_loss", "cross_entropy": "log_loss", "mse": "rmse", "r_squared": "r2",
    "medae":
      "median_absolute_error", "f1_macro": "macro_f1", "matthews": "mcc", "brier_score": "brier",
  ]

  static func unknown(_ name: String, among extra: [String] = [], in place: String = "metrics") -> MLError {
    var error = MLError.unknown("metric", name, among: all.names + extra, in: place, code: .invalidParameter)
    if let known = synonyms[name.lowercased()] { error.hint = "Did you mean '\(known)'?" }
    return error
  }

  /// Metrics of clusterings, which need the features or another grouping of the same rows.
  public static let clustering = Catalog<any ClusteringMetric.Type>(
    "clustering metric", [Silhouette.self, Inertia.self, DaviesBouldin.self, AdjustedRand.self]
  ) { $0.card }

  /// Metrics of recommended lists.
  public static let recommendation = Catalog<any RankingMetric.Type>(
    "ranking metric", [DiscountedGain.self, RecallAtK.self, MeanAveragePrecisionAtK.self]
  ) { $0.card }

  /// Metrics of forecasts, which need past truth or intervals.
  public static let forecasting = Catalog<any ForecastMetric.Type>(
    "forecast metric",
    [ScaledError.self, ForecastPercentageError.self, IntervalCoverage.self, IntervalScore.self]
  ) { $0.card }
}
