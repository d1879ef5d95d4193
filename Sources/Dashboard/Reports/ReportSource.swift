import Basics

/// The two documents that a report is made of, and what many of its parts ask of them.
struct ReportSource {
  let report: JSONValue
  let analysis: JSONValue

  /// One model setting that was tried.
  struct Tried {
    let index: Int
    let algorithm: String
    let parameters: [(String, JSONValue)]
    let mean: Double?
    let standardError: Double?
    let trainingMean: Double?
    let folds: [Double]
    let droppedAfter: Int?
    let failure: String?
    let fitSeconds: Double?
    let microsecondsPerRow: Double?

    init(_ index: Int, _ json: JSONValue) {
      let validation = json.part("cross_validation")
      self.index = index
      algorithm = json.text("algorithm") ?? "unnamed"
      parameters = json.members("parameters")
      mean = validation.number("mean")
      standardError = validation.number("standard_error")
      trainingMean = validation.number("training_mean")
      folds = validation.list("folds").compactMap(\.plain)
      droppedAfter = validation.count("dropped_after")
      failure = validation.text("failure")
      fitSeconds = json.number("fit_seconds")
      microsecondsPerRow = json.number("predict_microseconds_per_row")
    }

    /// Whether it went through every fold.
    var isComplete: Bool { droppedAfter == nil && failure == nil && mean != nil }

    /// The settings in a line.
    var settings: String {
      parameters.map { "\(Figures.words($0.0)) \($0.1.plain.map(Figures.chosen) ?? $0.1.words ?? $0.1.compact)" }
        .joined(separator: ", ")
    }
  }

  /// Everything that was tried, in order.
  var tried: [Tried] { report.list("candidates").enumerated().map { Tried($0.offset, $0.element) } }

  /// Name of the metric that decided.
  var metric: String { report.text("metric") ?? "score" }
  /// Whether more of it is better.
  var isHigherBetter: Bool { report.part("higher_is_better").boolValue ?? true }
  /// The metric on the sealed test rows.
  var test: Measured? {
    report.part("test").measured(metric) ?? report.part("verdict").measured("test")
  }
  /// The metric of the simplest guess.
  var baseline: Double? { report.part("verdict").number("baseline") }
  /// The metric on validation rows.
  var validation: Double? { report.number("validation_value") ?? report.part("verdict").number("validation") }
  /// The metric on training rows.
  var training: Double? { report.number("train_value") ?? report.part("verdict").number("training") }
  /// Whether the gate let the model through; `nil` without a gate.
  var isPassed: Bool? { report.part("gate").part("passed").boolValue }
  /// Name of the model.
  var model: String { report.text("model") ?? "A model" }

  /// Weights of the candidates that answer together, by index.
  var weights: [Int: Double] {
    var out: [Int: Double] = [:]
    for member in report.list("members") {
      if let index = member.count("candidate") { out[index] = member.number("weight") ?? 0 }
    }
    return out
  }

  /// The class whose probability the curves show; `nil` for numbers.
  var positive: String? {
    analysis.part("shares").text("output").flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Whether `a` is better than `b`.
  func isBetter(_ a: Double, _ b: Double) -> Bool { isHigherBetter ? a > b : a < b }
}
