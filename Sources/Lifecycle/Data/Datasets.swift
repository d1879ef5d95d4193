package import Basics
package import Frames
import Modeling
import Monitoring
package import Storage

/// Rows of a dataset version, in memory.
package struct Dataset: Sendable {
  /// The record: manifest, schema, lineage.
  package var version: DatasetVersion
  /// All rows, shards one below the other.
  package var frame: Frame
  /// Rows of each shard.
  package var shardRows: [Range<Int>]
  /// What reading noticed.
  package var notes: [String]
}

/// Brings files into the workspace as immutable, hashed dataset versions and reads them back.
package enum Datasets {
  /// Reads `paths` (all of one schema, inferred from the first), keeps their bytes, and records a version of `name`.
  ///
  /// Importing the same bytes again gives the version that is already there.
  ///
  /// - Parameter kinds: column kinds that override inference, by name or `#n`.
  /// - Throws: what reading throws, with file, line and column; `.io` when the workspace cannot be written.
  package static func importFiles(
    _ paths: [String], name: String, kinds: [String: ColumnKind] = [:], workspace: Workspace, context: LifecycleContext
  ) throws -> Dataset {
    guard !paths.isEmpty else { throw MLError(.invalidParameter, "data: name at least one file.") }
    var frames: [Frame] = []
    var notes: [String] = []
    for path in paths {
      try context.checkCancellation()
      var options = SourceOptions(kinds: kinds, workers: context.workers)
      if let first = frames.first { options.contract = first.schema }
      let (frame, report) = try FrameSources.read(path, options: options)
      let prefix = paths.count > 1 ? "\(FileSystem.name(path)): " : ""
      notes += report.notes.map { prefix + $0 }
      frames.append(frame)
    }
    let frame = try Frame.concatenated(frames)
    guard frame.rowCount > 0 else {
      throw MLError(
        .invalidData, "\(FileSystem.name(paths[0])): must have rows; got a header only.",
        hint: "Check that the export is complete.")
    }
    var shards: [DatasetShard] = []
    for (path, part) in zip(paths, frames) {
      let bytes = try FileSystem.read(path)
      let digest = try workspace.objects.put(bytes)
      shards.append(DatasetShard(digest: digest, rowCount: part.rowCount, sizeBytes: bytes.count))
    }
    let draft = DatasetDraft(
      name: name, schema: try Configuration.encode(frame.schema), shards: shards,
      profile: try Configuration.encode(FrameProfile.reference(of: frame, workers: context.workers)),
      lineage: ["kind": "import", "files": .array(paths.map { .string(FileSystem.name($0)) })],
      source: paths.map { FileSystem.name($0) }.joined(separator: ", "))
    let version = try workspace.addDataset(draft, actor: context.actor).version
    return Dataset(version: version, frame: frame, shardRows: rows(of: frames), notes: notes)
  }

  /// Reads a version back; every shard's digest is checked.
  package static func load(_ version: DatasetVersion, workspace: Workspace, context: LifecycleContext) throws -> Dataset
  {
    let schema = try Configuration.decode(Schema.self, from: version.schema)
    var frames: [Frame] = []
    for (shard, name) in zip(version.shards, try fileNames(of: version)) {
      try context.checkCancellation()
      let folder = try FileSystem.temporaryDirectory()
      defer { try? FileSystem.remove(folder) }
      let copy = folder + "/" + name
      try FileSystem.write(workspace.objects.get(shard.digest), to: copy)
      let (frame, _) = try FrameSources.read(copy, options: SourceOptions(contract: schema, workers: context.workers))
      frames.append(frame)
    }
    return Dataset(version: version, frame: try Frame.concatenated(frames), shardRows: rows(of: frames), notes: [])
  }

  /// Records a version that is `parent` and further rows after it.
  ///
  /// - Parameters:
  ///   - rows: rows of the parent's schema; kept as JSON lines.
  ///   - lineage: where they came from.
  package static func extend(
    _ parent: Dataset, with rows: Frame, lineage: JSONValue, workspace: Workspace, context: LifecycleContext
  ) throws -> Dataset {
    var lineage = lineage
    let files = try fileNames(of: parent.version) + ["traffic-\(parent.version.version + 1).jsonl"]
    lineage["files"] = .array(files.map { .string($0) })
    let added = try rows.selecting(parent.frame.schema.names)
    let bytes = try JSONLinesWriter(added.schema).document(added)
    let digest = try workspace.objects.put(bytes)
    let frame = try Frame.concatenated([parent.frame, added])
    let shard = DatasetShard(digest: digest, rowCount: added.rowCount, sizeBytes: bytes.count)
    let draft = DatasetDraft(
      name: parent.version.name, schema: try Configuration.encode(frame.schema),
      shards: parent.version.shards + [shard],
      profile: try Configuration.encode(FrameProfile.reference(of: frame, workers: context.workers)),
      parents: [parent.version.digest], lineage: lineage,
      source: "\(parent.version.reference) and \(added.rowCount) labelled rows of traffic")
    let version = try workspace.addDataset(draft, actor: context.actor).version
    let start = parent.frame.rowCount
    return Dataset(
      version: version, frame: frame, shardRows: parent.shardRows + [start..<(start + added.rowCount)], notes: [])
  }

  /// Name of each shard's file: its ending says how to read it.
  private static func fileNames(of version: DatasetVersion) throws -> [String] {
    let names = version.lineage["files"]?.arrayValue?.compactMap(\.stringValue) ?? []
    guard names.count == version.shards.count else {
      throw MLError(
        .corruptFile, "dataset '\(version.reference)': its manifest does not name its files.",
        hint: "Import the data again: apus data add FILE.")
    }
    return names
  }

  private static func rows(of frames: [Frame]) -> [Range<Int>] {
    var start = 0
    return frames.map { frame in
      defer { start += frame.rowCount }
      return start..<(start + frame.rowCount)
    }
  }
}
