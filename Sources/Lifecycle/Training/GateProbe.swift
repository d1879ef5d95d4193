import Basics
import Evaluation
import Frames
import Modeling

/// Gathers what the gate is shown besides test metrics and the comparison with the champion.
struct GateProbe: Sendable {
  let gate: Gate
  let options: BootstrapOptions

  /// Columns whose slices are compared: the most important ones, and every protected one.
  static let slicedColumnCount = 20
  /// Rows below which a slice is not compared.
  static let minimumSliceCount = 100

  /// The challenger against the champion on the same rows, slice by slice; `nil` where it is not asked.
  func slices(
    _ metric: any Metric, _ challenger: Predictions, _ champion: Predictions, _ rows: TrainingTable.Part,
    importance: [(column: String, value: Double)]
  ) throws -> [SliceComparison]? {
    guard gate.guardsSlices else { return nil }
    let leading = importance.sorted { ($1.value, $0.column) < ($0.value, $1.column) }.prefix(Self.slicedColumnCount)
    let wanted = Set(leading.map(\.column) + rows.audit.schema.fields.map(\.name))
    let frame = try rows.withAudit()
    let others = Set(frame.schema.fields.map(\.name)).subtracting(wanted)
    return try SliceRegression.compare(
      metric, challenger, champion, rows.target, frame: frame, weights: rows.weights, rowKeys: rows.units,
      minimumCount: Self.minimumSliceCount, excluding: others, options: light)
  }

  /// The expected calibration error and what chance explains of it; `nil` where it is not asked.
  func calibration(_ predictions: Predictions, _ rows: TrainingTable.Part) throws -> CalibrationReport? {
    guard gate.calibrationLimit != nil || gate.calibrationTolerance != nil else { return nil }
    return try CalibrationReport.make(
      predictions, rows.target, weights: rows.weights, rowKeys: rows.units, options: light)
  }

  private var light: BootstrapOptions {
    var options = options
    options.replicateCount = 200
    return options
  }
}

/// Tries out what an archive asks of rows.
enum ContractProbe {
  /// What is wrong, a sentence each: a column that is not as it was in training, a secret one, a lacking one that goes
  /// unnoticed.
  ///
  /// - Parameter secret: columns that no model may ask for: private and protected ones, and the target.
  static func problems(_ archive: ModelArchive, trained: Schema, secret: Set<String>, rows: Frame) throws -> [String] {
    var problems: [String] = []
    let trained = trained.acceptingFractions()
    for field in archive.contract.fields {
      if secret.contains(field.name) {
        problems.append("The archive asks for '\(field.name)', which no model may read.")
      }
      let known = trained.fields.first { $0.name == field.name }
      if known?.kind != field.kind {
        problems.append(
          "The archive asks for '\(field.name)' as \(field.kind.rawValue); it was "
            + "\(known.map { $0.kind.rawValue } ?? "not") learnt from.")
      }
    }
    guard rows.rowCount > 0 else { return problems }
    let row = try rows.gathered([0]).conformed(to: archive.contract)
    for field in archive.contract.fields where accepts(archive, row.removing([field.name])) {
      problems.append("The archive scores rows without '\(field.name)', which its contract asks for.")
    }
    return problems
  }

  private static func accepts(_ archive: ModelArchive, _ row: Frame) -> Bool {
    do {
      _ = try archive.score(row)
      return true
    } catch { return false }
  }
}
