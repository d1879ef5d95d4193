import Basics
import Evaluation
import Frames
import Modeling
import Storage

/// Rows to learn from and rows set aside, features apart from truth.
struct TrainingTable: Sendable {
  /// Rows with features, truth and row keys.
  struct Part: Sendable {
    var features: Frame
    /// Protected columns: kept to compare groups by, never learnt from.
    var audit: Frame
    var target: Target
    var keys: [UInt64]
    var rowCount: Int { features.rowCount }
  }

  var training: Part
  var test: Part
  /// What the target turned out to be.
  var reading: TargetReading
  /// What was done and noticed, in plain words.
  var sentences: [String]
  /// Private columns, left out of everything.
  var secretColumns: [String] = []

  /// Fewest rows that can be split and judged.
  static let minimumRowCount = 20

  /// Splits a dataset. Each shard is split by the hash of its own rows, so that rows stay on their side of the sealed
  /// test when shards are added later.
  ///
  /// - Parameter testFrame: rows that take the place of the sealed test set.
  init(_ dataset: Dataset, testFrame: (frame: Frame, place: String)?, project: ProjectFile, seed: Seed) throws {
    let frame = dataset.frame
    let place = dataset.version.name
    guard let named = project.objective.target else {
      throw MLError(
        .invalidParameter, "train: no target column is named.", hint: "Add --target COLUMN (or #-1 for the last).")
    }
    let index = try frame.schema.resolve(named, in: place)
    let target = frame.schema.fields[index].name
    reading = try TargetReading(
      frame, column: target, task: project.objective.task, positive: project.objective.positive)
    sentences = reading.sentences
    var left: Set<String> = [target]
    for column in project.privateColumns {
      left.insert(frame.schema.fields[try frame.schema.resolve(column, in: "data.private")].name)
    }
    secretColumns = left.subtracting([target]).sorted()
    let protected = try Self.protected(project, frame, target)
    left.formUnion(protected)
    guard frame.schema.count > left.count else {
      throw MLError(
        .invalidData, "\(place): must have a column besides the target; got \(frame.schema.count) in all.",
        hint: "Add the columns to predict from.")
    }
    let features = frame.removing(left)
    let (rows, truth) = try reading.target(of: frame, in: place)
    if rows.count < frame.rowCount {
      sentences.append("\(frame.rowCount - rows.count) rows without '\(target)' were left out.")
    }
    let keys = RowKeys.hashes(features)
    let audit = try frame.selecting(protected)
    let all = Part(
      features: features.gathered(rows), audit: audit.gathered(rows), target: truth, keys: rows.map { keys[$0] })
    guard all.rowCount >= Self.minimumRowCount else {
      throw MLError(
        .invalidData,
        "\(place): must have at least \(Self.minimumRowCount) rows with a target to learn from; got \(all.rowCount).",
        hint: "Gather more rows.")
    }
    if let testFrame {
      training = all
      let (testRows, testTruth) = try reading.target(of: testFrame.frame, in: testFrame.place)
      let testFeatures = testFrame.frame.removing(left).gathered(testRows)
      test = Part(
        features: testFeatures, audit: try testFrame.frame.selecting(protected).gathered(testRows), target: testTruth,
        keys: RowKeys.hashes(testFeatures))
      sentences.append("\(test.rowCount) rows of \(testFrame.place) are the sealed test set.")
    } else {
      let (kept, sealed) = try Self.split(
        all, rows: rows, shards: dataset.shardRows, fraction: project.testFraction, seed: seed)
      training = all.gathered(kept)
      test = all.gathered(sealed)
      sentences.append(
        "\(test.rowCount) of \(all.rowCount) rows are sealed as the test set, chosen by the hash of their content.")
    }
    training.features = try training.features.withCanonicalCategories()
    test.features = try test.features.conformed(to: training.features.schema)
    try Self.checkClasses(training.target, place)
  }

  /// Names of protected columns.
  private static func protected(_ project: ProjectFile, _ frame: Frame, _ target: String) throws -> [String] {
    let names = try project.protectedColumns.map {
      frame.schema.fields[try frame.schema.resolve($0, in: "data.protected")].name
    }
    guard !names.contains(target) else {
      throw MLError(.invalidParameter, "data.protected: '\(target)' is the target.", field: "protected")
    }
    return names
  }

  private static func split(
    _ all: Part, rows: [Int], shards: [Range<Int>], fraction: Double, seed: Seed
  ) throws -> (training: [Int], test: [Int]) {
    var training: [Int] = []
    var test: [Int] = []
    for shard in shards {
      let positions = rows.indices.filter { shard.contains(rows[$0]) }
      guard positions.count >= 5 else {
        training += positions
        continue
      }
      let split = try Split.sealed(
        rowKeys: positions.map { all.keys[$0] }, fraction: fraction, seed: seed.derived("split"),
        target: all.target.gathered(positions))
      training += split.training.map { positions[$0] }
      test += split.test.map { positions[$0] }
    }
    return (training.sorted(), test.sorted())
  }

  private static func checkClasses(_ target: Target, _ place: String) throws {
    guard case .classes(let codes, let names) = target else { return }
    var counts = [Int](repeating: 0, count: names.count)
    for code in codes { counts[Int(code)] += 1 }
    guard counts.count(where: { $0 > 0 }) >= 2 else {
      throw MLError(
        .invalidData, "\(place): training rows must hold at least two classes.", hint: "Gather rows of the other class."
      )
    }
    if let rare = counts.firstIndex(where: { $0 == 0 }) {
      throw MLError(
        .invalidData, "\(place): class '\(names[rare])' must have rows to learn from; all of them are in the test set.",
        hint: "Gather more rows of that class, or remove it.")
    }
  }
}

extension TrainingTable.Part {
  func gathered(_ rows: [Int]) -> TrainingTable.Part {
    TrainingTable.Part(
      features: features.gathered(rows), audit: audit.gathered(rows), target: target.gathered(rows),
      keys: rows.map { keys[$0] })
  }

  /// Features and protected columns side by side, for comparing groups.
  func withAudit() throws -> Frame {
    try audit.schema.fields.reduce(features) { try $0.setting($1, audit.column($1.name)) }
  }
}
