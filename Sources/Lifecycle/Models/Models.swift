import Basics
package import Modeling
package import Storage

/// A model as a person names it: `name`, `name@3`, `name@champion` or a path to a `.apus` file.
package struct ModelReference: Sendable, Hashable {
  /// Name of the model, or the path.
  package var name: String
  /// Which of its versions.
  package var selector: Selector

  /// Which version.
  package enum Selector: Sendable, Hashable {
    /// The champion.
    case champion
    /// A version number.
    case version(Int)
    /// Another alias.
    case alias(AliasName)
    /// A file.
    case file
  }

  /// Reads a reference.
  ///
  /// - Throws: `.invalidParameter` for a selector that is neither a number nor an alias.
  package init(_ text: String) throws {
    if text.hasSuffix(".apus") || text.contains("/") {
      name = text
      selector = .file
      return
    }
    let parts = text.split(separator: "@", maxSplits: 1).map(String.init)
    name = parts.first ?? text
    guard parts.count == 2 else {
      selector = .champion
      return
    }
    if let number = Int(parts[1]) {
      selector = .version(number)
    } else if let alias = AliasName(rawValue: parts[1]) {
      selector = .alias(alias)
    } else {
      throw MLError.unknown(
        "alias", parts[1], among: AliasName.allCases.map(\.rawValue), in: text, code: .invalidParameter)
    }
  }
}

/// A model that was found and loaded.
package struct LoadedModel: Sendable {
  /// What scores.
  package var archive: ModelArchive
  /// Its record; `nil` for a file.
  package var version: ModelVersion?
  /// `name@version`, or the path.
  package var reference: String

  /// Pairs an archive with its record.
  package init(archive: ModelArchive, version: ModelVersion?, reference: String) {
    self.archive = archive
    self.version = version
    self.reference = reference
  }
}

/// Finds and loads models.
package enum Models {
  /// Loads what `text` names; golden rows are verified.
  ///
  /// - Parameter workspace: `nil` when there is none, which is enough for files.
  /// - Throws: `.notFound` with the closest names, `.corruptFile`.
  package static func load(_ text: String, workspace: Workspace?, registry: Registry) throws -> LoadedModel {
    let reference = try ModelReference(text)
    if reference.selector == .file {
      return LoadedModel(archive: try .open(reference.name, registry: registry), version: nil, reference: text)
    }
    guard let workspace else {
      throw MLError(
        .notFound, "no model '\(text)': there is no workspace here.",
        hint: "Train one with: apus train data.csv --target COLUMN, or name a .apus file.")
    }
    let version = try version(reference, in: workspace)
    let archive = try archive(of: version, in: workspace, registry: registry)
    return LoadedModel(archive: archive, version: version, reference: version.reference)
  }

  /// The record that `reference` names.
  package static func version(_ reference: ModelReference, in workspace: Workspace) throws -> ModelVersion {
    switch reference.selector {
    case .version(let number): return try workspace.resolve("\(reference.name)@\(number)")
    case .alias(let alias): return try workspace.resolve("\(reference.name)@\(alias.rawValue)")
    case .champion, .file: return try workspace.resolve(reference.name)
    }
  }

  /// Reads the archive of a registered version; its digest is checked.
  package static func archive(of version: ModelVersion, in workspace: Workspace, registry: Registry) throws
    -> ModelArchive
  {
    let bytes = try workspace.objects.get(version.archive)
    return try ModelArchive(from: ArchiveReader(bytes: bytes, origin: version.reference), registry: registry)
  }
}

extension Workspace {
  /// The version that is champion of `name`; `nil` when there is no such model or no champion.
  package func championVersion(of name: String) throws -> ModelVersion? {
    guard let model = try models().first(where: { $0.name == name }), let number = model.version(of: .champion) else {
      return nil
    }
    return try modelVersion(name, number)
  }
}
