public import Basics

/// Files named by the SHA-256 of their content: `objects/aa/<digest>`. Written beside, synced, renamed; never changed.
public struct ObjectStore: Sendable {
  /// The folder.
  public let path: String

  /// A store in a folder, which is made at the first `put`.
  public init(path: String) { self.path = path }

  /// Where an object lies, whether or not it is there.
  public func path(of digest: Digest) -> String { "\(path)/\(digest.hex.prefix(2))/\(digest.hex)" }

  /// Whether there is an object of this name; its content is checked by `get` and `verify`.
  public func exists(_ digest: Digest) -> Bool { FileSystem.exists(path(of: digest)) }

  /// Keeps bytes; keeping the same bytes twice is keeping them once, and mends a damaged copy.
  ///
  /// - Throws: `.io` when the disk is full or the folder cannot be written; nothing is half-written then.
  @discardableResult
  public func put(_ bytes: [UInt8]) throws -> Digest {
    try keep { temporary in
      let digest = Digest(of: bytes)
      if isSound(digest) { return (digest, false) }
      try FileSystem.write(bytes, toNew: temporary)
      return (digest, true)
    }
  }

  /// Keeps a copy of a file of any size, in constant memory.
  ///
  /// - Throws: `.notFound` when there is no such file, `.io` as `put` of bytes.
  @discardableResult
  public func put(fileAt source: String) throws -> Digest {
    try keep { temporary in
      let digest = try FileSystem.digest(of: source).digest
      if isSound(digest) { return (digest, false) }
      // The source may change between the two passes: what counts is what was copied.
      return (try FileSystem.copy(source, toNew: temporary).digest, true)
    }
  }

  /// Lets `write` fill a temporary file in the store's own folder and gives it its name.
  private func keep(_ write: (String) throws -> (digest: Digest, isWritten: Bool)) throws -> Digest {
    if !FileSystem.exists(path) { try FileSystem.createDirectory(path) }
    let temporary = FileSystem.temporaryName(beside: path + "/incoming")
    let (digest, isWritten) = try write(temporary)
    guard isWritten else { return digest }
    do {
      let target = self.path(of: digest)
      let folder = FileSystem.parent(target)
      if !FileSystem.exists(folder) { try FileSystem.createDirectory(folder) }
      try FileSystem.move(temporary, to: target)
      return digest
    } catch {
      try FileSystem.remove(temporary)
      throw error
    }
  }

  private func isSound(_ digest: Digest) -> Bool {
    let target = path(of: digest)
    return FileSystem.exists(target) && (try? FileSystem.digest(of: target).digest) == digest
  }

  /// The bytes of an object, checked against its name.
  ///
  /// - Throws: `.notFound`, or `.corruptFile` when the content is not what the name says.
  public func get(_ digest: Digest) throws -> [UInt8] {
    guard exists(digest) else { throw missing(digest) }
    let bytes = try FileSystem.read(path(of: digest))
    guard Digest(of: bytes) == digest else { throw damaged(digest) }
    return bytes
  }

  /// Checks the content of an object against its name, in constant memory.
  ///
  /// - Throws: as `get`.
  public func verify(_ digest: Digest) throws {
    guard exists(digest) else { throw missing(digest) }
    guard try FileSystem.digest(of: path(of: digest)).digest == digest else { throw damaged(digest) }
  }

  /// All objects, sorted by name; files that are not objects are not among them.
  public func all() throws -> [Digest] {
    guard FileSystem.exists(path) else { return [] }
    var out: [Digest] = []
    for folder in try FileSystem.list(path) where folder.utf8.count == 2 {
      for name in try FileSystem.list("\(path)/\(folder)") {
        if let digest = try? Digest(hex: name) { out.append(digest) }
      }
    }
    return out
  }

  private func missing(_ digest: Digest) -> MLError {
    MLError(
      .notFound, "workspace: object \(digest.hex.prefix(12))… is missing from \(path).",
      hint: "Restore the workspace's 'objects' folder from a copy, or make the object again.")
  }

  private func damaged(_ digest: Digest) -> MLError {
    MLError(
      .corruptFile, "\(path(of: digest)): the content does not match its digest.",
      hint: "Restore the file from a copy, or make the object again; it was not used.")
  }
}
