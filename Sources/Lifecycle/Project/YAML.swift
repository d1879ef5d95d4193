package import Basics
import Yams

/// YAML documents as JSON values, with the line each key stands on.
package struct YAMLDocument: Sendable {
  /// The content.
  package let value: JSONValue
  /// Line of each key by its dotted path.
  package let lines: [String: Int]
  /// File name for messages.
  package let origin: String

  /// Parses one document.
  ///
  /// - Throws: `.invalidData` with file and line.
  package init(parsing text: String, origin: String) throws {
    var lines: [String: Int] = [:]
    do {
      guard let node = try Yams.compose(yaml: text) else {
        throw MLError(.invalidData, "\(origin): is empty.", hint: "Write one with: apus new --data F --target C.")
      }
      value = try Self.convert(node, path: "", lines: &lines, origin: origin)
    } catch let error as MLError {
      throw error
    } catch let error as YamlError {
      throw MLError(
        .invalidData, "\(origin): is not YAML (\(error)).", hint: "Check indentation and quotes on that line.")
    }
    self.lines = lines
    self.origin = origin
  }

  private static func convert(_ node: Node, path: String, lines: inout [String: Int], origin: String) throws
    -> JSONValue
  {
    if let line = node.mark?.line { lines[path] = line }
    switch node {
    case .mapping(let mapping):
      var pairs: [(String, JSONValue)] = []
      for (key, value) in mapping {
        guard let name = key.string else {
          throw MLError(.invalidData, "\(origin): keys must be texts (line \(key.mark?.line ?? 0)).")
        }
        let inner = path.isEmpty ? name : "\(path).\(name)"
        if let line = key.mark?.line { lines[inner] = line }
        pairs.append((name, try convert(value, path: inner, lines: &lines, origin: origin)))
        if let line = key.mark?.line { lines[inner] = line }
      }
      return .object(pairs)
    case .sequence(let sequence):
      return .array(
        try sequence.enumerated().map { try convert($1, path: "\(path)[\($0)]", lines: &lines, origin: origin) })
    case .scalar(let scalar):
      if scalar.style == .doubleQuoted || scalar.style == .singleQuoted { return .string(scalar.string) }
      if let truth = node.bool { return .boolean(truth) }
      if let integer = node.int { return .integer(Int64(integer)) }
      if let number = node.float, number.isFinite { return .number(number) }
      if node.null != nil { return .null }
      return .string(scalar.string)
    case .alias:
      throw MLError(
        .invalidData, "\(origin): aliases are not supported (line \(node.mark?.line ?? 0)).",
        hint: "Write the value out.")
    }
  }
}
