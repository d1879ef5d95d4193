package import Basics
import Frames
package import Monitoring

/// What changed between two files: rows, columns, kinds, distributions.
package struct DataDiff: Sendable {
  /// Changes of rows and columns, in plain words.
  package var sentences: [String]
  /// Changes of distributions of the columns both have.
  package var drift: DriftReport

  /// `{"changes", "drift", "columns", "findings"}`.
  package var json: JSONValue {
    var out: JSONValue = ["changes": .array(sentences.map { .string($0) })]
    for (key, value) in drift.json.objectValue ?? [] { out[key] = value }
    return out
  }

  /// Reads both and compares them.
  package static func run(_ before: String, _ after: String, context: LifecycleContext) throws -> DataDiff {
    let (old, _) = try FrameSources.read(before, options: SourceOptions(workers: context.workers))
    let (new, _) = try FrameSources.read(after, options: SourceOptions(workers: context.workers))
    var sentences = ["\(old.rowCount) rows before, \(new.rowCount) after."]
    let gone = old.schema.names.filter { new.schema.index(of: $0) == nil }
    let added = new.schema.names.filter { old.schema.index(of: $0) == nil }
    if !gone.isEmpty { sentences.append("Columns that are gone: \(gone.joined(separator: ", ")).") }
    if !added.isEmpty { sentences.append("Columns that are new: \(added.joined(separator: ", ")).") }
    var shared: [String] = []
    for field in old.schema.fields {
      guard let other = new.schema[field.name] else { continue }
      if other.kind == field.kind {
        shared.append(field.name)
      } else {
        sentences.append("'\(field.name)' was \(field.kind.rawValue) and is \(other.kind.rawValue).")
      }
    }
    let reference = try old.selecting(shared)
    var window = WindowProfile(on: try FrameProfile.reference(of: reference, workers: context.workers))
    try window.add(new.selecting(shared).conformed(to: reference.schema))
    return DataDiff(sentences: sentences, drift: try Drift.compare(window))
  }
}
