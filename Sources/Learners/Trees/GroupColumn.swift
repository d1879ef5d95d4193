import Basics
import Frames

/// The column that says which rows are ranked against each other; it is no feature.
enum GroupColumn {
  private static let owner = GradientBoostedTrees.card.name

  /// Group of each row; `nil` where the settings name no column.
  ///
  /// - Throws: `.invalidParameter` for an unknown column, `.invalidData` for a row without a group.
  static func names(_ frame: Frame, _ settings: GradientBoostedTrees) throws -> [String]? {
    if settings.group.isEmpty { return nil }
    guard let index = frame.schema.index(of: settings.group) else {
      throw MLError.unknown(
        "column", settings.group, among: frame.schema.names, in: owner, code: .invalidParameter)
    }
    return try (0..<frame.rowCount).map { row in
      guard let name = frame.columns[index].text(at: row) else {
        throw MLError(
          .invalidData,
          "\(owner): column '\(settings.group)' must say the group of every row; row \(row + 1) has none.",
          hint: "Remove or correct that row.", field: settings.group)
      }
      return name
    }
  }

  /// The frame without that column.
  static func features(_ frame: Frame, _ settings: GradientBoostedTrees) -> Frame {
    settings.group.isEmpty ? frame : frame.removing([settings.group])
  }
}
