import Basics

/// Brings labels of one file in line with those of another, when they differ only in dress.
public enum LabelCleaning {
  /// `column` with every level that differs from a known label only by surrounding spaces, by case or by a trailing
  /// full stop replaced by that label, and a sentence that says so; the column as it came when nothing differs.
  ///
  /// Levels become `known` first, in that order, then the others. A level that would fit two known labels stays as
  /// it is. Columns of other kinds than category come back unchanged.
  public static func normalisedLabels(_ column: Column, known: [String]) -> (column: Column, note: String?) {
    guard case .category(let codes, let levels) = column.storage else { return (column, nil) }
    var places: [String: Int] = [:]
    for (index, label) in known.enumerated() where places[label] == nil { places[label] = index }
    var byShape: [String: [Int]] = [:]
    for (index, label) in known.enumerated() { byShape[shape(label), default: []].append(index) }
    var merged = known
    var renamed: [(from: String, to: String)] = []
    let map = levels.map { level -> Int32 in
      if let place = places[level] { return Int32(place) }
      if let candidates = byShape[shape(level)], candidates.count == 1 {
        renamed.append((level, known[candidates[0]]))
        return Int32(candidates[0])
      }
      places[level] = merged.count
      merged.append(level)
      return Int32(merged.count - 1)
    }
    guard !renamed.isEmpty else { return (column, nil) }
    let storage = Column.Storage.category(codes: codes.map { map[Int($0)] }, levels: merged)
    let shown = renamed.prefix(4).map { "'\($0.from)' as '\($0.to)'" }.joined(separator: ", ")
    let more = renamed.count > 4 ? " and \(renamed.count - 4) more" : ""
    return (
      Column(storage, validity: column.validity),
      "labels that differ only in spaces, case or a full stop were read as known ones: \(shown)\(more)."
    )
  }

  /// What is left of a label without surrounding spaces, case and trailing full stops.
  static func shape(_ label: String) -> String {
    var text = Substring(label)
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace || last == "." { text.removeLast() }
    return text.lowercased()
  }
}
