import Basics
import Modeling
import Tuning

/// What came of one candidate on one fold.
struct TrialOutcome: Sendable {
  /// Metric on the held-out rows; `nil` where undefined.
  var value: Double?
  /// Metric on rows learnt from.
  var trainingValue: Double?
  /// Held-out rows.
  var rows: [Int]
  /// What was said of them.
  var predictions: Predictions
  /// Iterations that early stopping kept.
  var iterationCount: Int?
  var fitSeconds: Double
  var predictSeconds: Double
  /// Bytes of the fitted candidate; measured on the first fold only.
  var sizeBytes: Int?
  /// Median microseconds for a single row; measured on the first fold only.
  var rowMicroseconds: Double?
}

/// Keeps outcomes on disk while a search runs, so that a killed search goes on where it was: the folder is named by
/// everything that outcomes depend on, and is removed when the run ends.
struct TrialStore: Sendable {
  /// Folder; `nil`: nothing is kept.
  let folder: String?
  /// The run it belongs to, for whoever looks at the folder while the search is at work.
  var run = ""
  /// Name of the model that is trained.
  var model = ""

  /// Keeps nothing.
  static let none = TrialStore(folder: nil)

  /// An outcome that was kept; `nil` when there is none or it is damaged.
  func outcome(_ candidate: Candidate, fold: Int) throws -> TrialOutcome? {
    guard let path = path(candidate, fold), FileSystem.exists(path) else { return nil }
    guard let archive = try? ArchiveReader(path: path), let outcome = try? TrialOutcome(from: archive) else {
      // A damaged file costs one fit; it is written anew.
      return nil
    }
    return outcome
  }

  /// Keeps an outcome, written beside and renamed.
  func keep(_ outcome: TrialOutcome, _ candidate: Candidate, fold: Int) throws {
    guard let folder, let path = path(candidate, fold) else { return }
    try FileSystem.createDirectory(folder)
    var archive = outcome.archive
    archive.set("candidate", candidate.json)
    try FileSystem.write(archive.encoded(), to: path)
  }

  /// Removes what was kept; a folder that cannot be removed is only space.
  func clear() {
    guard let folder, FileSystem.exists(folder) else { return }
    try? FileSystem.remove(folder)
  }

  private func path(_ candidate: Candidate, _ fold: Int) -> String? {
    guard let folder else { return nil }
    let name = Digest(of: Array(candidate.json.compact.utf8)).hex.prefix(24)
    return "\(folder)/\(name)-\(fold).trial"
  }
}

extension TrialOutcome {
  var archive: ArchiveWriter {
    var writer = ArchiveWriter()
    writer.set("value", .finite(value))
    writer.set("training_value", .finite(trainingValue))
    writer.set("iterations", iterationCount.map { .integer(Int64($0)) } ?? .null)
    writer.set("fit_seconds", .finite(fitSeconds))
    writer.set("predict_seconds", .finite(predictSeconds))
    writer.set("size_bytes", sizeBytes.map { .integer(Int64($0)) } ?? .null)
    writer.set("row_microseconds", .finite(rowMicroseconds))
    writer.add("rows", int64s: rows.map(Int64.init))
    switch predictions.storage {
    case .values(let values):
      writer.add("values", doubles: values)
    case .probabilities(let values, let classes):
      writer.set("classes", .array(classes.map { .string($0) }))
      writer.add("values", doubles: values)
    }
    return writer
  }

  init(from archive: ArchiveReader) throws {
    value = try archive.value("value").doubleValue
    trainingValue = try archive.value("training_value").doubleValue
    iterationCount = try archive.value("iterations").integerValue.map { Int($0) }
    fitSeconds = try archive.double("fit_seconds")
    predictSeconds = try archive.double("predict_seconds")
    sizeBytes = try archive.value("size_bytes").integerValue.map { Int($0) }
    rowMicroseconds = try archive.value("row_microseconds").doubleValue
    rows = try archive.int64s("rows").map { Int($0) }
    let values = try archive.doubles("values")
    if archive.has("classes") {
      let classes = try archive.value("classes").arrayValue?.compactMap(\.stringValue) ?? []
      predictions = Predictions(.probabilities(values, classes: classes))
    } else {
      predictions = Predictions(.values(values))
    }
    guard predictions.rowCount == rows.count else { throw archive.corrupt("does not hold a prediction for every row") }
  }
}
