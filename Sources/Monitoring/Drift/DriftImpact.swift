package import Basics
package import Frames
package import Modeling

/// What a changed column does to predictions: its values are mapped back onto the training distribution, rows are
/// scored again, and the change is measured.
package enum DriftImpact {
  /// Rows scored again at most, spread evenly over the window.
  package static let rowLimit = 2000

  /// Impact of each of `columns` on the predictions for `frame`, in the order given.
  ///
  /// Numbers are mapped rank to rank onto the reference quantiles, categories by moving as few rows as possible;
  /// missing shares are restored. Impact is the mean absolute change of the predicted probability (half the summed
  /// change over classes), `0 ... 1`; for numbers the mean absolute change in standard deviations of the reference
  /// predictions. Text and instants cannot be mapped back and are left out, as are columns the frame or reference does
  /// not have.
  ///
  /// - Throws: what `score` throws.
  package static func measure(
    columns: [String], window frame: Frame, reference: FrameProfile, seed: Seed,
    score: (Frame) throws -> Predictions
  ) throws -> [(column: String, impact: Double)] {
    guard frame.rowCount > 0 else { return [] }
    let rows = sampled(frame.rowCount)
    let before = try score(frame.gathered(rows))
    let deviation = reference.predictions.first?.variance?.squareRoot() ?? 0
    var out: [(column: String, impact: Double)] = []
    for name in columns {
      guard let profile = reference.column(name), let index = frame.schema.index(of: name),
        let mapped = Restoration(profile, seed: seed.derived(name)).restored(frame.columns[index])
      else { continue }
      let changed = try frame.setting(Field(of: mapped, name: name), mapped).gathered(rows)
      let after = try score(changed)
      out.append((name, change(before, after, deviation: deviation)))
    }
    return out
  }

  /// Impact where no rows are kept: distance times the column's share in the model, for ranking only.
  package static func estimate(_ columns: [ColumnDrift], importance: [String: Double]) -> [String: Double] {
    var out: [String: Double] = [:]
    for column in columns { if let share = importance[column.name] { out[column.name] = column.value * share } }
    return out
  }

  private static func sampled(_ count: Int) -> [Int] {
    let kept = min(count, rowLimit)
    return (0..<kept).map { $0 * count / kept }
  }

  private static func change(_ before: Predictions, _ after: Predictions, deviation: Double) -> Double {
    var sum = 0.0
    switch (before.storage, after.storage) {
    case (.values(let a), .values(let b)):
      for row in a.indices { sum += (a[row] - b[row]).magnitude }
      sum /= deviation > 0 ? deviation : 1
    case (.probabilities(let a, _), .probabilities(let b, _)):
      for cell in a.indices { sum += (a[cell] - b[cell]).magnitude / 2 }
    default: return 0
    }
    let mean = sum / Double(max(1, before.rowCount))
    return mean.isFinite ? mean : 0
  }
}
