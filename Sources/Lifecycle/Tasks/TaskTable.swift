import Basics
import Evaluation
import Frames
import Modeling
import Storage

/// Rows of a task other than classification and regression: what is learnt from, what is sealed, and the truth where
/// there is one.
struct TaskTable: Sendable {
  /// Some of the rows.
  struct Part: Sendable {
    var features: Frame
    /// Ratings or values of a series; `.absent` where the task has none.
    var target: Target
    /// Whether each row is a known anomaly, or the known group of each row; for judging only.
    var truth: [Int32]?
    var keys: [UInt64]

    var rowCount: Int { features.rowCount }

    func gathered(_ rows: [Int]) -> Part {
      Part(
        features: features.gathered(rows), target: target.gathered(rows), truth: truth.map { t in rows.map { t[$0] } },
        keys: rows.map { keys[$0] })
    }
  }

  /// Tasks it is for.
  static let tasks: Set<Basics.Task> = [.clustering, .anomaly, .recommendation, .forecasting]

  let task: Basics.Task
  /// Name of the target column; empty where there is none.
  let target: String
  /// Column of moments by which rows are split; `nil`: by the hash of their content.
  let timeColumn: String?
  var all: Part
  var training: Part
  var test: Part
  var sentences: [String]
  /// Private columns, left out of everything.
  var secretColumns: [String] = []

  /// Splits a dataset: series and interactions with moments by time, everything else by the hash of the rows' content.
  ///
  /// - Parameter testFrame: rows that take the place of the sealed test set.
  /// - Throws: `.invalidParameter` where a target is lacking or does not fit, `.invalidData` for too few rows.
  init(
    _ dataset: Dataset, task: Basics.Task, testFrame: (frame: Frame, place: String)?, project: ProjectFile, seed: Seed
  ) throws {
    self.task = task
    let frame = dataset.frame
    let place = dataset.version.name
    var left: Set<String> = []
    for column in project.privateColumns {
      left.insert(frame.schema.fields[try frame.schema.resolve(column, in: "data.private")].name)
    }
    secretColumns = left.sorted()
    target =
      try project.objective.target.map { frame.schema.fields[try frame.schema.resolve($0, in: place)].name } ?? ""
    let reading = TaskTarget(task: task, column: target, positive: project.objective.positive)
    let whole = try reading.part(of: frame, left: left, place: place)
    sentences = whole.sentences
    all = whole.part
    guard all.rowCount >= TrainingTable.minimumRowCount else {
      throw MLError(
        .invalidData,
        "\(place): must have at least \(TrainingTable.minimumRowCount) rows to learn from; got \(all.rowCount).",
        hint: "Gather more rows.")
    }
    timeColumn = Self.timeColumn(all.features, task)
    if let testFrame {
      training = all
      test = try reading.part(of: testFrame.frame, left: left, place: testFrame.place).part
      test.features = try test.features.conformed(to: training.features.schema)
      sentences.append("\(test.rowCount) rows of \(testFrame.place) are the sealed test set.")
      return
    }
    let split = try Self.split(all, timeColumn, project.testFraction, seed, place)
    training = all.gathered(split.training)
    test = all.gathered(split.test)
    let how = timeColumn.map { "the latest by '\($0)'" } ?? "chosen by the hash of their content"
    sentences.append("\(test.rowCount) of \(all.rowCount) rows are sealed as the test set, \(how).")
  }

  /// Rows to try candidates on: the same kind of split once more inside the training rows.
  func inner(seed: Seed) throws -> (training: Part, heldOut: Part) {
    let split = try Self.split(training, timeColumn, 0.2, seed.derived("inner"), "training rows")
    return (training.gathered(split.training), training.gathered(split.test))
  }

  private static func split(
    _ part: Part, _ timeColumn: String?, _ fraction: Double, _ seed: Seed, _ place: String
  ) throws -> Split {
    guard let timeColumn else {
      return try Split.sealed(rowKeys: part.keys, fraction: fraction, seed: seed.derived("split"))
    }
    let times = (try part.features.column(timeColumn).doubles ?? []).map { $0.isFinite ? $0 : nil }
    return try Split.latest(times: times, fraction: fraction)
  }

  /// The first column of moments; for recommendations also a number that is called a time.
  private static func timeColumn(_ frame: Frame, _ task: Basics.Task) -> String? {
    guard task == .forecasting || task == .recommendation else { return nil }
    if let field = frame.schema.fields.first(where: { $0.kind == .timestamp }) { return field.name }
    let usual: Set<String> = ["time", "timestamp", "date", "datetime", "moment", "ds", "unix_time"]
    return frame.schema.fields.first {
      usual.contains($0.name.lowercased()) && ($0.kind == .integer || $0.kind == .number)
    }?
    .name
  }
}

/// Reads the target of a task, where it has one, apart from the features.
struct TaskTarget: Sendable {
  let task: Basics.Task
  /// Empty where there is none.
  let column: String
  let positive: String?

  func part(of frame: Frame, left: Set<String>, place: String) throws -> (part: TaskTable.Part, sentences: [String]) {
    guard !column.isEmpty else {
      if task == .forecasting {
        throw MLError(
          .invalidParameter, "train: forecasting needs the column to be forecast.", hint: "Add --target COLUMN.",
          field: "target")
      }
      let features = frame.removing(left)
      let part = TaskTable.Part(
        features: features, target: .absent(rowCount: frame.rowCount), truth: nil, keys: RowKeys.hashes(features))
      return (part, [])
    }
    let values = try frame.column(column)
    let rows = (0..<values.count).filter { values.isPresent($0) }
    let features = frame.removing(left.union([column])).gathered(rows)
    var sentences: [String] = []
    if rows.count < frame.rowCount {
      sentences.append("\(place): \(frame.rowCount - rows.count) rows without '\(column)' were left out.")
    }
    var part = TaskTable.Part(
      features: features, target: .absent(rowCount: rows.count), truth: nil, keys: RowKeys.hashes(features))
    switch task {
    case .anomaly, .clustering:
      part.truth = try truth(values, rows, &sentences)
    default:
      guard let numbers = values.doubles else {
        throw MLError(
          .invalidParameter, "target '\(column)' must be a number for \(task.rawValue); got \(values.kind.rawValue).",
          field: "target")
      }
      part.target = .values(rows.map { numbers[$0] })
    }
    return (part, sentences)
  }

  /// Codes of the known answers, which judge and never teach; of two answers for anomalies the rarer one is the
  /// anomaly.
  private func truth(_ values: Column, _ rows: [Int], _ sentences: inout [String]) throws -> [Int32] {
    let texts = rows.map { values.text(at: $0) ?? "" }
    var counts: [String: Int] = [:]
    for text in texts { counts[text, default: 0] += 1 }
    var names = TargetReading.sortedClassNames(Array(counts.keys))
    if task == .anomaly {
      guard names.count == 2 else {
        throw MLError(
          .invalidParameter,
          "target '\(column)' must have two values, usual and anomalous, to judge by; got \(names.count).",
          hint: "Leave --target out to look for anomalies without known ones.", field: "target")
      }
      let rare = (counts[names[0]] ?? 0) < (counts[names[1]] ?? 0) ? names[0] : names[1]
      let anomalous = positive ?? rare
      guard names.contains(anomalous) else {
        throw MLError.unknown("class", anomalous, among: names, in: "target '\(column)'", code: .invalidParameter)
      }
      if names[0] == anomalous { names.swapAt(0, 1) }
      sentences.append("'\(column)' is not learnt from; '\(anomalous)' counts as anomalous when judging.")
    } else {
      sentences.append("'\(column)' is not learnt from; clusters are compared with its \(names.count) values.")
    }
    let codes = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
    return texts.map { codes[$0] ?? 0 }
  }
}
