public import Basics

/// One file of a dataset version.
public struct DatasetShard: Sendable, Hashable {
  /// Digest of its bytes; also its name among the workspace's objects when `location` is `nil`.
  public var digest: Digest
  /// Rows in it.
  public var rowCount: Int
  /// Bytes in it.
  public var sizeBytes: Int
  /// Where it lies when it was not copied into the workspace.
  public var location: String?

  /// Makes one.
  public init(digest: Digest, rowCount: Int, sizeBytes: Int, location: String? = nil) {
    self.digest = digest
    self.rowCount = rowCount
    self.sizeBytes = sizeBytes
    self.location = location
  }

  /// `{"digest", "row_count", "size_bytes", "location"}`.
  public var json: JSONValue {
    .object([
      ("digest", .string(digest.hex)), ("row_count", .integer(Int64(rowCount))),
      ("size_bytes", .integer(Int64(sizeBytes))), ("location", .optional(location)),
    ])
  }

  init(json: JSONValue) throws {
    guard let hex = json["digest"]?.stringValue, let rows = json["row_count"]?.integerValue,
      let size = json["size_bytes"]?.integerValue
    else { throw MLError(.corruptFile, "workspace: a dataset manifest is damaged.", hint: "Run 'apus doctor'.") }
    self.init(
      digest: try Digest(hex: hex), rowCount: Int(rows), sizeBytes: Int(size), location: json["location"]?.stringValue)
  }
}

/// What is known of a dataset before the workspace gives it a version.
public struct DatasetDraft: Sendable, Hashable {
  /// Name of the dataset.
  public var name: String
  /// Columns, as `Schema` encodes them.
  public var schema: JSONValue
  /// Its files, in order.
  public var shards: [DatasetShard]
  /// Mergeable statistics of the rows, when computed.
  public var profile: JSONValue?
  /// Digests of the dataset versions it was made from.
  public var parents: [Digest]
  /// How it was made: steps, filters, windows.
  public var lineage: JSONValue
  /// Where it came from, for people: a path or an address.
  public var source: String

  /// Makes one.
  public init(
    name: String, schema: JSONValue, shards: [DatasetShard], profile: JSONValue? = nil, parents: [Digest] = [],
    lineage: JSONValue = .object([]), source: String
  ) {
    self.name = name
    self.schema = schema
    self.shards = shards
    self.profile = profile
    self.parents = parents
    self.lineage = lineage
    self.source = source
  }

  /// Identity of the content: digest of schema, shard digests and row counts; where the files lie, their profile
  /// and their lineage do not count.
  public var digest: Digest {
    let files = shards.map { JSONValue.array([.string($0.digest.hex), .integer(Int64($0.rowCount))]) }
    return Digest(of: JSONValue.object([("schema", schema), ("shards", .array(files))]).sorted.compact)
  }

  /// Rows in all shards.
  public var rowCount: Int { shards.reduce(0) { $0 + $1.rowCount } }
}

/// An immutable, hashed import: a manifest of files with schema, counts, profile and lineage.
public struct DatasetVersion: Sendable, Hashable {
  /// Number in the workspace.
  public let id: Int64
  /// Name of the dataset.
  public let name: String
  /// Version, counted from 1 under this name.
  public let version: Int
  /// Identity of the content (see `DatasetDraft.digest`).
  public let digest: Digest
  /// Columns, as `Schema` encodes them.
  public let schema: JSONValue
  /// Its files, in order.
  public let shards: [DatasetShard]
  /// Rows in all files.
  public let rowCount: Int
  /// Mergeable statistics of the rows, when computed.
  public let profile: JSONValue?
  /// Digests of the dataset versions it was made from.
  public let parents: [Digest]
  /// How it was made.
  public let lineage: JSONValue
  /// Where it came from, for people.
  public let source: String
  /// When it was added.
  public let createdAt: Timestamp

  /// `name@version`.
  public var reference: String { "\(name)@\(version)" }

  /// All fields, snake case; the profile only when asked for.
  public func json(withProfile: Bool = false) -> JSONValue {
    var pairs: [(String, JSONValue)] = [
      ("name", .string(name)), ("version", .integer(Int64(version))), ("digest", .string(digest.hex)),
      ("row_count", .integer(Int64(rowCount))), ("source", .string(source)),
      ("created_at", .string(createdAt.description)), ("schema", schema), ("shards", .array(shards.map(\.json))),
      ("parents", .array(parents.map { .string($0.hex) })), ("lineage", lineage),
    ]
    if withProfile { pairs.append(("profile", profile ?? .null)) }
    return .object(pairs)
  }
}
