package import Basics
package import Frames
package import Modeling

/// What is to be predicted, found out from the target column or told by the owner.
package struct TargetReading: Sendable {
  /// Name of the target column.
  package var column: String
  /// Kind of problem.
  package var task: Basics.Task
  /// Class names in code order; the positive one last of two; empty for regression.
  package var classNames: [String]
  /// What was decided and why, in plain words.
  package var sentences: [String]

  /// More distinct integers than this are taken as a quantity.
  package static let maximumIntegerClasses = 10

  /// Reads the target column of a training frame.
  ///
  /// - Parameters:
  ///   - task: what the owner said; `nil`: inferred.
  ///   - positive: class counted as positive, for two classes.
  /// - Throws: `.invalidData` when there is nothing to learn (no rows, one class, free text), `.invalidParameter` for a
  ///   task that does not fit or an unknown positive class.
  package init(_ frame: Frame, column name: String, task wanted: Basics.Task?, positive: String?) throws {
    let column = try frame.column(name)
    self.column = name
    let present = column.count - column.missingCount
    guard present > 1 else {
      throw MLError(
        .invalidData, "target '\(name)' must have values; got \(present) in \(column.count) rows.",
        hint: "Choose another column with --target.", field: name)
    }
    sentences = []
    task = try Self.task(of: column, name: name, wanted: wanted, sentences: &sentences)
    classNames = []
    if task == .classification {
      classNames = try Self.classes(of: column, name: name, positive: positive)
      let shown =
        classNames.count <= 6 ? classNames.map { "'\($0)'" }.joined(separator: ", ") : "\(classNames.count) classes"
      sentences.append(
        "'\(name)' has the classes \(shown)\(classNames.count == 2 ? "; '\(classNames[1])' counts as positive" : "").")
    } else if positive != nil {
      throw MLError(
        .invalidParameter, "objective: 'positive' is for classification; '\(name)' is a number.",
        hint: "Remove it, or add --task classification.")
    }
  }

  /// A reading already made, for a model that exists.
  package init(column: String, task: Basics.Task, classNames: [String]) {
    self.column = column
    self.task = task
    self.classNames = classNames
    sentences = []
  }

  private static func task(
    of column: Column, name: String, wanted: Basics.Task?, sentences: inout [String]
  ) throws -> Basics.Task {
    if let wanted, wanted != .classification, wanted != .regression {
      throw MLError(
        .invalidParameter, "train: task '\(wanted.rawValue)' cannot be trained by this version.",
        hint: "Use classification or regression.", field: "task")
    }
    switch column.storage {
    case .number, .integer:
      let distinct = Set((column.doubles ?? []).filter { !$0.isNaN })
      let whole = distinct.allSatisfy { $0 == $0.rounded() }
      let few = distinct.count <= 2 || (whole && distinct.count <= maximumIntegerClasses)
      if let wanted { return wanted }
      if few {
        let other = distinct.count > 2 ? " Add --task regression to predict it as a quantity." : ""
        sentences.append("'\(name)' has \(distinct.count) different values: predicted as classes.\(other)")
        return .classification
      }
      sentences.append("'\(name)' is a number: predicted as a quantity.")
      return .regression
    case .boolean, .category, .text:
      guard wanted != .regression else {
        throw MLError(
          .invalidParameter, "target '\(name)' must be a number for regression; got \(column.kind.rawValue).",
          hint: "Leave --task out.", field: "task")
      }
      return .classification
    case .timestamp, .vector:
      throw MLError(
        .invalidParameter, "target '\(name)' must be a number or a class; got \(column.kind.rawValue).",
        hint: "Choose another column with --target.", field: name)
    }
  }

  private static func classes(of column: Column, name: String, positive: String?) throws -> [String] {
    var seen = Set<String>()
    for row in 0..<column.count {
      if let text = column.text(at: row) { seen.insert(text) }
      if seen.count > 1000 {
        throw MLError(
          .invalidData,
          "target '\(name)' must be a class; got more than 1000 different values in \(column.count) rows.",
          hint: "Choose another column with --target, or --task regression for a number.", field: name)
      }
    }
    guard seen.count > 1 else {
      throw MLError(
        .invalidData, "target '\(name)' must have at least two classes; got one in \(column.count) rows.",
        hint: "Add rows of the other class, or choose another column.", field: name)
    }
    if seen.count > 20, seen.count * 2 > column.count {
      throw MLError(
        .invalidData, "target '\(name)' must be a class; got \(seen.count) different values in \(column.count) rows.",
        hint: "It looks like an identifier or free text; choose another column with --target.", field: name)
    }
    var names = sortedClassNames(Array(seen))
    if let positive {
      guard let index = names.firstIndex(of: positive) else {
        throw MLError.unknown("class", positive, among: names, in: "target '\(name)'", code: .invalidParameter)
      }
      if names.count == 2, index == 0 { names.swapAt(0, 1) }
    }
    return names
  }

  /// Class names in a stated order: as numbers when all are, else by their UTF-8 bytes.
  package static func sortedClassNames(_ names: [String]) -> [String] {
    let numbers = names.compactMap(Double.init)
    if numbers.count == names.count {
      return zip(numbers, names).sorted { $0.0 < $1.0 || ($0.0 == $1.0 && $0.1 < $1.1) }.map(\.1)
    }
    return names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
  }

  /// Rows of `frame` whose target is present, and their targets.
  ///
  /// - Parameter place: file name for messages.
  /// - Throws: `.invalidData` for a class that was not there in training, naming how many rows have it.
  package func target(of frame: Frame, in place: String) throws -> (rows: [Int], target: Target) {
    let column = try frame.column(self.column)
    let rows = (0..<column.count).filter { column.isPresent($0) }
    if task == .regression {
      guard let values = column.doubles else {
        throw MLError(
          .invalidData, "\(place): target '\(self.column)' must be a number; got \(column.kind.rawValue).",
          field: self.column)
      }
      return (rows, .values(rows.map { values[$0] }))
    }
    let codes = Dictionary(uniqueKeysWithValues: classNames.enumerated().map { ($1, Int32($0)) })
    var unknown: [String: Int] = [:]
    var out: [Int32] = []
    out.reserveCapacity(rows.count)
    for row in rows {
      guard let text = column.text(at: row) else { continue }
      if let code = codes[text] { out.append(code) } else { unknown[text, default: 0] += 1 }
    }
    guard unknown.isEmpty else {
      let count = unknown.values.reduce(0, +)
      throw MLError(
        .invalidData,
        "\(place): target '\(self.column)' must be one of \(classNames.count) known classes; \(count) rows have another.",
        hint: "Known: \(classNames.prefix(6).joined(separator: ", ")). Correct those rows, or train again with them.",
        field: self.column)
    }
    return (rows, .classes(codes: out, names: classNames))
  }
}
