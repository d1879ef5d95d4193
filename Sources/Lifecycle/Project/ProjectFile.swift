package import Basics
package import Modeling
package import Tuning

/// One problem as its owner describes it: `apus.yaml`, every key optional but the target (DESIGN § 5).
package struct ProjectFile: Sendable, Hashable {
  /// Name of the problem and, unless told otherwise, of its model.
  package var project: String
  /// What is to be reached.
  package var objective = ProjectObjective()
  /// Files to gather, patterns expanded by the caller.
  package var sources: [DataSource] = []
  /// Column kinds that override inference.
  package var kinds: [String: String] = [:]
  /// Columns that never leave the workspace.
  package var privateColumns: [String] = []
  /// Columns that no model reads but that groups are compared by.
  package var protectedColumns: [String] = []
  /// What is done so that groups of the protected columns are treated alike.
  package var fairness = FairnessPlan()
  /// Share of rows in the sealed test set.
  package var testFraction = 0.2
  /// How rows are told apart, for the sealed test set and for folds.
  package var split = SplitPlan()
  /// Column of row weights, for fitting and metrics; it is no feature.
  package var weightsColumn: String?
  /// `auto` or a list of steps with their settings.
  package var prepare: JSONValue = .string("auto")
  /// What to try.
  package var training = TrainingPlan()
  /// Whether a new version must beat the champion.
  package var mustBeatChampion = true
  /// What else the gate asks for.
  package var gate = GateSettings()
  /// Seconds of traffic in one monitoring window.
  package var windowSeconds = 3600
  /// When to retrain.
  package var retrainWhen: [RetrainTrigger] = []
  /// Rows older than this many days are left out of retraining; `nil` keeps all.
  package var slidingDays: Int?
  /// Settings that were read but that this version does not act on.
  package var unsupported: [String] = []

  /// A project with defaults.
  package init(project: String) { self.project = project }

  /// One `data.sources` entry.
  package struct DataSource: Sendable, Hashable {
    /// `csv` or `jsonl`.
    package var kind: String
    /// Path or pattern with `*`.
    package var pattern: String
  }
}

/// What is to be reached.
package struct ProjectObjective: Sendable, Hashable {
  /// Why anyone wants it.
  package var why: String?
  /// Kind of problem; `nil`: inferred from the target.
  package var task: Basics.Task?
  /// Column to predict.
  package var target: String?
  /// Class counted as positive.
  package var positive: String?
  /// Such as `roc_auc >= 0.85`.
  package var goal: String?
  /// Whether the goal is compared with the value itself rather than with the worse end of its interval.
  package var goalIsPoint = false
  /// Cost of calling a negative positive and the reverse; sets the threshold.
  package var costs: Costs?
  /// Further conditions in the order written: texts such as `recall >= 0.5`, or fairness objects.
  package var guardrails: [JSONValue] = []
  /// Limits that the chosen model keeps to.
  package var constraints = TrainingConstraints()
  /// What is wanted of candidates that are as good as one another.
  package var preference = Preference.accuracy

  /// Nothing said.
  package init() {}

  /// Cost of each kind of mistake, in any one unit.
  package struct Costs: Sendable, Hashable {
    /// Cost of a false positive.
    package var falsePositive: Double
    /// Cost of a false negative.
    package var falseNegative: Double
    /// Pairs the two.
    package init(falsePositive: Double, falseNegative: Double) {
      self.falsePositive = falsePositive
      self.falseNegative = falseNegative
    }
  }
}

/// What to try while training.
package struct TrainingPlan: Sendable, Hashable {
  /// Algorithms by name; empty: all that fit the task.
  package var algorithms: [String] = []
  /// Settings that an algorithm keeps whatever is tried, by its name: an object each.
  package var settings: [String: JSONValue] = [:]
  /// Cross-validation folds.
  package var folds = 5
  /// How long to search.
  package var budget = Budget.auto
  /// How much the rows of a class count in a fit.
  package var classWeight = ClassWeight.none
  /// How far an earlier search came, to repeat it whatever its budget was.
  package var extent: SearchExtent?

  /// How long to search.
  package enum Budget: Sendable, Hashable {
    /// A number of trials that suits the table's size, and about a minute; recorded as the trials it reached.
    case auto
    /// This many candidates; deterministic.
    case trials(Int)
    /// Until this many seconds have passed; recorded as the trials it reached.
    case seconds(Double)
  }
}

extension TrainingPlan {
  /// - Throws: `.invalidParameter` naming an algorithm that there is not, or a setting it has not or cannot take.
  func checkSettings(_ registry: Registry) throws {
    for (name, values) in settings.sorted(by: { $0.key < $1.key }) {
      _ = try registry.estimator(name, settings: values)
    }
  }
}

/// How far a search came.
package struct SearchExtent: Sendable, Hashable {
  /// Candidates tried, the baseline included.
  package var candidateCount: Int
  /// Fits made.
  package var fitCount: Int

  /// Microseconds a row took with each candidate, where the choice hung on them: a repetition must not measure anew.
  package var rowMicroseconds: [Double?]?
  /// Candidates whose fitted model broke a limit after all, and `-1` for a mixture that did.
  package var excluded: [Int] = []

  /// Pairs the two.
  package init(candidateCount: Int, fitCount: Int) {
    self.candidateCount = candidateCount
    self.fitCount = fitCount
  }

  /// Reads what `json` wrote; `nil` when it is not there.
  package init?(_ json: JSONValue?) {
    guard let candidates = json?["candidates"]?.integerValue, let fits = json?["fits"]?.integerValue else { return nil }
    self.init(candidateCount: Int(candidates), fitCount: Int(fits))
    rowMicroseconds = json?["row_microseconds"]?.arrayValue?.map(\.doubleValue)
    excluded = json?["excluded"]?.arrayValue?.compactMap { $0.integerValue.map { Int($0) } } ?? []
  }

  /// `{"candidates", "fits"}`, and `{"row_microseconds", "excluded"}` where the choice hung on time.
  package var json: JSONValue {
    var json: JSONValue = ["candidates": .integer(Int64(candidateCount)), "fits": .integer(Int64(fitCount))]
    if let rowMicroseconds {
      json["row_microseconds"] = .array(rowMicroseconds.map { .finite($0) })
      json["excluded"] = .array(excluded.map { .integer(Int64($0)) })
    }
    return json
  }
}

/// When to retrain.
package enum RetrainTrigger: Sendable, Hashable {
  case drift
  case performance
  case every(days: Double)
  case labels(Int)
}

extension TrainingPlan.Budget {
  /// Parses `60s`, `5m`, `40 trials` or `40`.
  ///
  /// - Throws: `.invalidParameter` with what is accepted.
  package init(parsing text: String) throws {
    let compact = text.lowercased().filter { !$0.isWhitespace }
    let digits = compact.prefix { $0.isNumber || $0 == "." }
    let unit = compact.dropFirst(digits.count)
    if let number = Double(digits), number > 0 {
      switch unit {
      case "s", "sec", "seconds": self = .seconds(number)
      case "m", "min", "minutes": self = .seconds(number * 60)
      case "", "t", "trial", "trials":
        if let count = Int(digits) {
          self = .trials(count)
          return
        }
        throw Self.failure(text)
      default: throw Self.failure(text)
      }
    } else {
      throw Self.failure(text)
    }
  }

  private static func failure(_ text: String) -> MLError {
    MLError(
      .invalidParameter, "budget: must be a time or a number of trials; got '\(text)'.",
      hint: "Write 60s, 5m or '40 trials'.", field: "budget")
  }
}
