import Basics
import Evaluation
package import Frames
package import Modeling

/// What may be said besides a prediction, or instead of one the model is not sure of.
package struct Caution: Sendable, Hashable {
  /// Share of truths that intervals or sets should hold; `nil`: none are made.
  package var coverage: Double?
  /// Decisions of less probability are left out; `nil`: all are made.
  package var abstainBelow: Double?

  /// Neither, unless asked for.
  package init(coverage: Double? = nil, abstainBelow: Double? = nil) {
    self.coverage = coverage
    self.abstainBelow = abstainBelow
  }
}

/// Intervals around numbers, sets of classes that hold the truth as often as asked for, and decisions left open.
package struct CautiousAnswers: Sendable {
  private let intervals: ConformalRegressor?
  private let sets: ConformalClassifier?
  private let limit: Double?

  /// What is said of some rows.
  package struct Answers: Sendable {
    /// Lower ends of the intervals.
    package var low: [Double]?
    /// Upper ends of the intervals.
    package var high: [Double]?
    /// Names of the classes in each row's set, likeliest first; never empty.
    package var sets: [[String]]?
    /// Rows whose decision is left open.
    package var isOpen: [Bool]?
  }

  /// `nil` where nothing is asked for.
  ///
  /// - Throws: `.invalidParameter` for a coverage or probability that cannot be, or a task that has neither;
  ///   `.invalidData` where the model's calibration rows were too few; `.unsupportedVersion` where it kept none.
  package init?(_ archive: ModelArchive, _ caution: Caution) throws {
    guard caution != Caution() else { return nil }
    guard archive.task == .classification || archive.task == .regression else {
      throw MLError(
        .invalidParameter, "predict: '\(archive.task.rawValue)' has no intervals or sets.",
        hint: "Leave 'coverage' and 'abstain_below' out.",
        field: caution.coverage == nil ? "abstain_below" : "coverage")
    }
    if let limit = caution.abstainBelow {
      guard archive.task == .classification, limit > 0, limit <= 1 else {
        throw MLError(
          .invalidParameter,
          "predict: 'abstain_below' is a probability of classes in 0…1; got \(limit) for \(archive.task.rawValue).",
          hint: "Try 0.8 for classes; numbers have 'coverage'.", field: "abstain_below")
      }
    }
    limit = caution.abstainBelow
    var made: (ConformalRegressor?, ConformalClassifier?)
    if let coverage = caution.coverage {
      guard let scores = archive.conformal else {
        throw MLError(
          .unsupportedVersion, "predict: \(archive.name) keeps no calibration scores for intervals.",
          hint: "It was made by an earlier release; train it again.", field: "coverage")
      }
      if archive.task == .regression {
        made.0 = try scores.regressor(coverage: coverage)
      } else {
        made.1 = try scores.classifier(coverage: coverage)
      }
    }
    (intervals, sets) = made
  }

  /// Columns besides the prediction: `low` and `high`, or `set`, classes joined by `|`.
  var fields: [Field] {
    intervals != nil
      ? [Field("low", .number, mayBeMissing: false), Field("high", .number, mayBeMissing: false)]
      : sets != nil ? [Field("set", .text, mayBeMissing: false)] : []
  }

  /// What is said of the rows of `batch`, which has the columns of the contract.
  package func answers(_ batch: Frame, _ predictions: Predictions) throws -> Answers {
    var out = Answers()
    if let intervals {
      let ends = try intervals.intervals(predictions)
      (out.low, out.high) = (ends.low, ends.high)
    }
    if let sets {
      out.sets = try sets.sets(predictions, rowKeys: RowKeys.hashes(batch), allowsEmpty: false)
        .map { codes in codes.map { predictions.classes[$0] } }
    }
    if let limit {
      let codes = predictions.classCodes.map(Int.init)
      let probabilities = predictions.classes.indices.map { predictions.probabilities(ofClass: $0) ?? [] }
      out.isOpen = codes.indices.map { probabilities[codes[$0]][$0] < limit }
    }
    return out
  }

  /// `rows` of output with what is said besides; decisions left open are missing.
  func adding(to rows: Frame, _ batch: Frame, _ predictions: Predictions, contract: Schema) throws -> Frame {
    let answers = try answers(batch.conformed(to: contract), predictions)
    var out = rows
    if let isOpen = answers.isOpen {
      let index = try rows.schema.resolve("prediction", in: "predictions")
      var field = rows.schema.fields[index]
      field.mayBeMissing = true
      out = try out.setting(
        field, Column(rows.columns[index].storage, validity: Validity(isOpen.map { !$0 })))
    }
    for field in fields {
      let column: Column =
        switch field.name {
        case "low": Column(.number(answers.low ?? []))
        case "high": Column(.number(answers.high ?? []))
        default: Column(.text((answers.sets ?? []).map { $0.joined(separator: "|") }))
        }
      out = try out.setting(field, column)
    }
    return out
  }
}
