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
    /// Keys of the rows (`TrainingTable.rowKeys`).
    var keys: [UInt64]
    /// Row weights, for fitting and metrics; `nil`: every row counts alike.
    var weights: [Double]?
    /// Group of each row, where groups stay whole.
    var groups: [UInt64]?
    /// Time of each row, where time decides what is judged.
    var times: [Double?]?
    var rowCount: Int { features.rowCount }
  }

  var training: Part
  var test: Part
  /// What the target turned out to be.
  var reading: TargetReading
  /// What was done and noticed, in plain words.
  var sentences: [String]
  /// How rows were told apart, and why.
  var split: ResolvedSplit
  /// What is to be known of rows and their weights.
  var findings: [Finding] = []
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
    let roles = try RowRoles(project, frame, target: target)
    left.formUnion(roles.weights.map { [$0] } ?? [])
    try Self.checkColumns(frame, left, place)
    let (rows, truth) = try reading.target(of: frame, in: place)
    if rows.count < frame.rowCount {
      sentences.append("\(frame.rowCount - rows.count) rows without '\(target)' were left out.")
    }
    let known = rows.count == frame.rowCount ? frame : frame.gathered(rows)
    var all = Part(
      features: known.removing(left), audit: try known.selecting(protected), target: truth,
      keys: Self.rowKeys(known, target: target))
    guard all.rowCount >= Self.minimumRowCount else {
      throw MLError(
        .invalidData,
        "\(place): must have at least \(Self.minimumRowCount) rows with a target to learn from; got \(all.rowCount).",
        hint: "Gather more rows.")
    }
    let read = try roles.read(&all, known, plan: project.split, testFrame: testFrame?.frame)
    split = read.split
    findings = read.findings
    if let testFrame {
      training = all
      let (testRows, testTruth) = try reading.target(of: testFrame.frame, in: testFrame.place)
      test = try roles.testPart(
        testFrame.frame.gathered(testRows), testTruth, left: left, target: target, protected: protected, split: split)
      sentences.append("\(test.rowCount) rows of \(testFrame.place) are the sealed test set.")
      if split.column != nil { sentences.append("Folds are told apart so: \(split.reason)") }
      findings += RowRoles.overlaps(training, test, split)
    } else {
      let sides = try RowSides(split: split, fraction: project.testFraction, seed: seed.derived("split"))
        .sides(all, rows: rows, shards: dataset.shardRows)
      training = all.gathered(sides.training)
      test = all.gathered(sides.test)
      sentences += split.sentences(all, training, test)
    }
    sentences += read.sentences
    try finish(leavingOut: read.leftOut, place)
  }

  /// Takes a column of groups out of the features, and gives both sides the categories of the rows learnt from.
  private mutating func finish(leavingOut column: String?, _ place: String) throws {
    if let column {
      training.features = training.features.removing([column])
      test.features = test.features.removing([column])
    }
    guard training.features.schema.count > 0 else {
      throw MLError(
        .invalidData, "\(place): must have a column to learn from besides target, groups and weights.",
        hint: "Add the columns to predict from.")
    }
    training.features = try training.features.withCanonicalCategories()
    test.features = try test.features.conformed(to: training.features.schema)
    try Self.checkClasses(training.target, place)
  }

  /// Keys that decide on which side a row falls: hashes of all its columns but the target, so that neither a corrected
  /// label nor a column declared protected, private or a weight moves a row that was sealed once.
  static func rowKeys(_ frame: Frame, target: String) -> [UInt64] { RowKeys.hashes(frame, excluding: [target]) }

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

  private static func checkColumns(_ frame: Frame, _ left: Set<String>, _ place: String) throws {
    guard frame.schema.count > left.count else {
      throw MLError(
        .invalidData, "\(place): must have a column besides the target; got \(frame.schema.count) in all.",
        hint: "Add the columns to predict from.")
    }
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
  /// Rows times columns; a column of text becomes many.
  var cellCount: Int { rowCount * max(1, features.schema.fields.reduce(0) { $0 + ($1.kind == .text ? 50 : 1) }) }

  /// Whether candidates are best fitted side by side, one thread each.
  var isSmall: Bool { cellCount < 2_000_000 }

  func gathered(_ rows: [Int]) -> TrainingTable.Part {
    TrainingTable.Part(
      features: features.gathered(rows), audit: audit.gathered(rows), target: target.gathered(rows),
      keys: rows.map { keys[$0] }, weights: weights.map { all in rows.map { all[$0] } },
      groups: groups.map { all in rows.map { all[$0] } }, times: times.map { all in rows.map { all[$0] } })
  }

  /// What intervals draw: whole groups where groups stay whole, else rows.
  var units: [UInt64] { groups ?? keys }

  /// How intervals over `units` are made.
  func bootstrap(_ purpose: String, replicateCount: Int? = nil, _ context: LifecycleContext) -> BootstrapOptions {
    BootstrapOptions(
      replicateCount: replicateCount, seed: context.seed.derived(purpose), workers: context.workers,
      keepsEqualKeysTogether: groups != nil)
  }

  /// Features and protected columns side by side, for comparing groups.
  func withAudit() throws -> Frame {
    try audit.schema.fields.reduce(features) { try $0.setting($1, audit.column($1.name)) }
  }
}
