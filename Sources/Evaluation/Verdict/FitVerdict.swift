public import Basics
public import Modeling

/// Over- and underfitting in words, from the same metric on training, validation and test rows.
///
/// Values become skill: 0 is the baseline, 1 is perfect, so one rule serves every metric.
public struct FitVerdict: Sendable, Hashable, Codable {
  /// What it comes down to.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Training and unseen rows agree, and both beat the baseline.
    case balanced
    /// Much better on training rows than on unseen ones.
    case overfitting
    /// Little better than the baseline even on training rows.
    case underfitting
    /// No better than the baseline on unseen rows.
    case noSignal = "no-signal"
    /// Validation rows promised clearly more than the test kept.
    case optimisticValidation = "optimistic-validation"
    /// Suspiciously perfect: a column probably knows the answer.
    case tooGood = "too-good"
    /// Too little was measured to say.
    case unknown
  }

  /// What it comes down to.
  public var kind: Kind
  /// Registered name of the metric.
  public var metric: String
  /// On training rows.
  public var training: Double?
  /// On validation rows (mean over folds).
  public var validation: Double?
  /// On the sealed test rows.
  public var test: MetricValue?
  /// Of the baseline on the sealed test rows.
  public var baseline: Double?
  /// One or two sentences with the numbers.
  public var sentence: String
  /// What to try; `nil` when nothing needs to be.
  public var advice: String?

  /// `{"kind", "metric", "training", "validation", "test", "baseline", "sentence", "advice"}`.
  public var json: JSONValue {
    [
      "kind": .string(kind.rawValue), "metric": .string(metric), "training": .finite(training),
      "validation": .finite(validation), "test": test?.json ?? .null, "baseline": .finite(baseline),
      "sentence": .string(sentence), "advice": advice.map(JSONValue.string) ?? .null,
    ]
  }

  /// Skill a model may lose between training and unseen rows before it is said to memorise.
  static let gapLimit = 0.15
  /// Skill on training rows below which it is said to miss the pattern.
  static let lowSkill = 0.15

  /// Judges a fit. Any value may be lacking; the more is there, the more is said.
  public static func judge(
    metric: any Metric, training: Double?, validation: Double? = nil, test: MetricValue?, baseline: Double?
  ) -> FitVerdict {
    let values = Values(metric: metric, training: training, validation: validation, test: test, baseline: baseline)
    let (kind, sentence, advice) = values.judged()
    return FitVerdict(
      kind: kind, metric: metric.name, training: training, validation: validation, test: test, baseline: baseline,
      sentence: sentence, advice: advice)
  }
}

extension FitVerdict {
  /// The numbers and the rules over them.
  struct Values {
    let metric: any Metric
    let training: Double?
    let validation: Double?
    let test: MetricValue?
    let baseline: Double?

    /// Share of the way from the baseline to perfection.
    private func skill(_ value: Double, from baseline: Double) -> Double {
      let perfect = type(of: metric).higherIsBetter ? 1.0 : 0.0
      let way = metric.improvement(perfect, over: baseline)
      return way > 0 ? metric.improvement(value, over: baseline) / way : 0
    }

    func judged() -> (Kind, String, String?) {
      guard let unseen = test ?? validation.map({ MetricValue(value: $0) }), let baseline else {
        return (.unknown, "Too little was measured to judge the fit.", nil)
      }
      let name = metric.name
      let rows = test == nil ? "validation" : "unseen"
      let (shown, base) = (Text.number(unseen.value), Text.number(baseline))
      if metric.improvement(unseen.cautious(higherIsBetter: type(of: metric).higherIsBetter), over: baseline) <= 0 {
        return (
          .noSignal,
          "\(name) \(shown) on \(rows) rows is not clearly better than the baseline's \(base): nothing usable was "
            + "found.",
          "Check that the target is the right column, add columns that bear on it, or gather more rows."
        )
      }
      let unseenSkill = skill(unseen.value, from: baseline)
      if unseenSkill > 0.9999 {
        return (
          .tooGood, "\(name) \(shown) on \(rows) rows is perfect, which is rare outside of leaks.",
          "Check whether a column is only known after the target is."
        )
      }
      return compared(unseen, unseenSkill, baseline)
    }

    private func compared(_ unseen: MetricValue, _ unseenSkill: Double, _ baseline: Double) -> (Kind, String, String?) {
      let name = metric.name
      let (shown, base) = (Text.number(unseen.value), Text.number(baseline))
      let seen = test == nil ? "validation" : "unseen"
      if let validation, test != nil, isOutside(validation, unseen),
        skill(validation, from: baseline) - unseenSkill > 0.1
      {
        return (
          .optimisticValidation,
          "Validation promised \(name) \(Text.number(validation)), unseen rows give \(shown): the choice of model was "
            + "fitted to the validation rows, or the test rows differ from them.",
          "Try fewer candidates, more folds, or look at how the test rows differ."
        )
      }
      guard let training else {
        return (.balanced, "\(name) \(shown) on \(seen) rows against the baseline's \(base).", nil)
      }
      let trainingSkill = skill(training, from: baseline)
      let inTraining = Text.number(training)
      if trainingSkill - unseenSkill > gapLimit, isOutside(training, unseen) {
        return (
          .overfitting,
          "Training \(name) \(inTraining) against \(shown) on \(seen) rows: the model memorises; "
            + "\(Text.percent((trainingSkill - unseenSkill) / trainingSkill)) of what it learnt does not carry over.",
          "Try more rows, smaller trees or stronger regularisation, and drop columns that identify rows."
        )
      }
      if trainingSkill < lowSkill {
        return (
          .underfitting,
          "\(name) \(inTraining) on training and \(shown) on \(seen) rows, not far from the baseline's \(base): "
            + "the model misses most of what there may be to learn.",
          "Try a more flexible algorithm, more columns, or weaker regularisation."
        )
      }
      return (
        .balanced,
        "Training \(name) \(inTraining), \(shown) on \(seen) rows, baseline \(base): what was learnt carries over.",
        nil
      )
    }

    /// Whether `value` is better than the whole interval of `other`.
    private func isOutside(_ value: Double, _ other: MetricValue) -> Bool {
      type(of: metric).higherIsBetter ? value > other.high : value < other.low
    }
  }
}
