import Basics
import Evaluation
import Tuning

extension ProjectReader {
  /// `objective.constraints: {latency: 50us, size: 5MB, monotone: {income: increasing}}`.
  func constraints(_ value: JSONValue, _ path: String) throws -> TrainingConstraints {
    var out = TrainingConstraints()
    for (key, value) in try object(value, path) {
      switch key {
      case "latency": out.rowMicroseconds = try TrainingConstraints.microseconds(scalarText(value, "\(path).latency"))
      case "size": out.sizeBytes = try TrainingConstraints.bytes(scalarText(value, "\(path).size"))
      case "monotone":
        for (column, direction) in try object(value, "\(path).monotone") {
          let word = try scalarText(direction, "\(path).monotone.\(column)")
          try out.add(.init(column: column, isIncreasing: TrainingConstraints.isIncreasing(word, column: column)))
        }
      default: throw unknown(key, ["latency", "size", "monotone"], path: "\(path).\(key)")
      }
    }
    return out
  }

  /// `fairness: {protected: [sex], mitigate: thresholds, constraint: equal_opportunity, at_most: 0.05}`.
  mutating func fairness(_ value: JSONValue) throws {
    for (key, value) in try object(value, "fairness") {
      let path = "fairness.\(key)"
      switch key {
      case "protected":
        for name in try texts(value, path) where !file.protectedColumns.contains(name) {
          file.protectedColumns.append(name)
        }
      case "mitigate": try file.fairness.read(text(value, path))
      case "constraint": file.fairness.constraint = try FairnessMetric(named: text(value, path))
      case "at_most":
        guard let limit = value.doubleValue, (0...1).contains(limit) else { throw expected("a number in 0…1", path) }
        file.fairness.atMost = limit
      default: throw unknown(key, ["protected", "mitigate", "constraint", "at_most"], path: path)
      }
    }
  }
}

extension ProjectFile {
  /// Lays limits, preference and mitigation of a command line over the file's.
  ///
  /// - Parameters:
  ///   - latency: such as `50us`.
  ///   - size: such as `5MB`.
  ///   - monotone: such as `income:+,age:-`.
  ///   - prefer: `accuracy`, `speed` or `size`.
  ///   - mitigate: `reweighing`, `thresholds`, `thresholds=equal_opportunity`.
  /// - Throws: `.invalidParameter` naming what cannot be read.
  package mutating func promise(
    latency: String?, size: String?, monotone: [String], prefer: String?, mitigate: String?
  ) throws {
    if let latency { objective.constraints.rowMicroseconds = try TrainingConstraints.microseconds(latency) }
    if let size { objective.constraints.sizeBytes = try TrainingConstraints.bytes(size) }
    for direction in try monotone.flatMap(TrainingConstraints.directions) { try objective.constraints.add(direction) }
    if let prefer { objective.preference = try Preference(named: prefer) }
    if let mitigate { try fairness.read(mitigate) }
  }
}
