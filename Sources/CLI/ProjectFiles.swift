import Basics
import Foundation
import Frames
import Lifecycle

/// Files of a project: the ones it names, and the names it takes from them.
enum ProjectFiles {
  /// Name of a model made from a file: the file's, without folder and endings.
  static func modelName(of path: String) -> String {
    var name = FileSystem.name(path)
    for ending in [".gz", ".csv", ".tsv", ".txt", ".data", ".jsonl", ".ndjson"]
    where name.lowercased().hasSuffix(ending) {
      name = String(name.dropLast(ending.count))
    }
    let clean = name.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == "." ? $0 : "-" }
    return clean.isEmpty ? "model" : String(clean)
  }

  /// Paths of the project's sources, patterns expanded and sorted.
  static func paths(of project: ProjectFile) throws -> [String] {
    var out: [String] = []
    for source in project.sources {
      let found = try expand(source.pattern)
      guard !found.isEmpty else {
        throw MLError(
          .notFound, "apus.yaml: no file matches '\(source.pattern)'.",
          hint: "Check data.sources; paths start in this folder.")
      }
      out += found
    }
    return out
  }

  private static func expand(_ pattern: String) throws -> [String] {
    guard pattern.contains("*") else { return FileSystem.exists(pattern) ? [pattern] : [] }
    let folder = FileSystem.parent(pattern)
    let parts = FileSystem.name(pattern).split(separator: "*", omittingEmptySubsequences: false).map(String.init)
    return try FileSystem.list(folder).filter { matches($0, parts) }.map { folder == "." ? $0 : "\(folder)/\($0)" }
  }

  /// Whether `name` is the parts in order with anything between them.
  static func matches(_ name: String, _ parts: [String]) -> Bool {
    guard let first = parts.first, let last = parts.last, name.hasPrefix(first), name.hasSuffix(last),
      name.count >= first.count + last.count
    else { return false }
    var rest = name.dropFirst(first.count).dropLast(last.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let range = rest.range(of: part) else { return false }
      rest = rest[range.upperBound...]
    }
    return true
  }

  /// An error for a file that is not there, with names close to it.
  static func missing(_ path: String) -> MLError {
    let folder = FileSystem.parent(path)
    let names = (try? FileSystem.list(folder)) ?? []
    let close = Suggestions.closest(to: FileSystem.name(path), in: names)
    return MLError(
      .notFound, "\(path): there is no such file.",
      hint: close.first.map { "Did you mean '\(folder == "." ? $0 : folder + "/" + $0)'?" } ?? "Check the path.")
  }

  /// Adds `column=kind` to the project.
  static func add(kind entry: String, to project: inout ProjectFile) throws {
    guard let sign = entry.lastIndex(of: "="), sign != entry.startIndex else {
      throw MLError(
        .invalidParameter, "--kind: must read column=kind; got '\(entry)'.", hint: "Example: --kind zip=category",
        field: "kind")
    }
    let name = String(entry[entry.index(after: sign)...])
    let known = ColumnKind.allCases.map(\.rawValue).filter { $0 != "vector" }
    guard known.contains(name) else {
      throw MLError.unknown("kind", name, among: known, in: "--kind", code: .invalidParameter)
    }
    project.kinds[String(entry[..<sign])] = name
  }

  /// Adds `name=value`, or `algorithm.name=value`, to the settings that an algorithm keeps.
  static func add(setting entry: String, to project: inout ProjectFile) throws {
    let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let path = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !path.contains("") else {
      throw MLError(
        .invalidParameter, "--set: must read name=value; got '\(entry)'.",
        hint: "Example: --algorithm gradient-boosted-trees --set leaf_count=31", field: "set")
    }
    let named = path.count == 2 ? [path[0]] : project.training.algorithms
    guard named.count == 1 else {
      throw MLError(
        .invalidParameter, "--set: which algorithm has '\(path[0])'?",
        hint: "Write --set ALGORITHM.\(entry), or name one with --algorithm.", field: "set")
    }
    let text = String(parts[1])
    var settings = project.training.settings[named[0]] ?? .object([])
    let value = try? JSONValue(parsing: text)
    settings[path[path.count - 1]] = value ?? .string(text)
    project.training.settings[named[0]] = settings
  }
}
