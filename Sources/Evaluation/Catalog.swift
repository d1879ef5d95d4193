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
      MedianAbsoluteError.self, PinballLoss.self,
    ]
  ) { $0.card }

  /// Metric called `name` with its defaults.
  ///
  /// - Throws: `.invalidParameter` with the closest names.
  public static func metric(named name: String) throws -> any Metric {
    if let type = all.entries.first(where: { $0.card.name == name }) { return type.init() }
    throw unknown(name)
  }

  /// Metrics worth reporting for `task`, in report order. `f1` is left out for more than two classes, where it is
  /// `macro_f1` again.
  public static func metrics(for task: Task, classCount: Int = 2) -> [any Metric] {
    let isMulticlass = task == .classification && classCount > 2
    return all.entries.filter { $0.card.tasks.contains(task) }
      .filter { !(isMulticlass && $0 == F1.self) }.map { $0.init() }
  }

  /// What candidates are compared by where nobody says otherwise: `roc_auc` for two classes, `log_loss` for more
  /// (accuracy moves in steps and hides confidence), `rmse` for numbers.
  public static func primary(for task: Task, classCount: Int = 2) -> any Metric {
    switch task {
    case .classification: classCount > 2 ? LogLoss() : AreaUnderROC()
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
}
