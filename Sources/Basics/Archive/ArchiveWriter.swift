/// Collects the header and the sections of an archive; see `Documentation/formats/archive.md`.
public struct ArchiveWriter: Sendable {
  private var header: [(String, JSONValue)] = []
  private var sections: [(name: String, bytes: [UInt8])] = []
  private var prefix = ""

  /// An empty archive.
  public init() {}

  /// Sets header entry `key`, under the present scope.
  public mutating func set(_ key: String, _ value: JSONValue) { header.append((prefix + key, value)) }

  /// Runs `body` with every key and section name prefixed by `scope/`.
  public mutating func scoped(_ scope: String, _ body: (inout ArchiveWriter) throws -> Void) rethrows {
    let outer = prefix
    prefix += scope + "/"
    defer { prefix = outer }
    try body(&self)
  }

  /// Adds a section of raw bytes.
  public mutating func add(_ name: String, bytes: [UInt8]) { sections.append((prefix + name, bytes)) }
  /// Adds numbers, 8 bytes each.
  public mutating func add(_ name: String, doubles: [Double]) {
    add(name, bytes: LittleEndian.bytes(doubles.map(\.bitPattern)))
  }
  /// Adds numbers, 4 bytes each.
  public mutating func add(_ name: String, floats: [Float]) {
    add(name, bytes: LittleEndian.bytes(floats.map(\.bitPattern)))
  }
  /// Adds 64-bit integers.
  public mutating func add(_ name: String, int64s: [Int64]) { add(name, bytes: LittleEndian.bytes(int64s)) }
  /// Adds 32-bit integers.
  public mutating func add(_ name: String, int32s: [Int32]) { add(name, bytes: LittleEndian.bytes(int32s)) }
  /// Adds texts: a count, each length, then UTF-8.
  public mutating func add(_ name: String, strings: [String]) {
    var lengths: [UInt64] = [UInt64(strings.count)]
    var body: [UInt8] = []
    for text in strings {
      lengths.append(UInt64(text.utf8.count))
      body.append(contentsOf: text.utf8)
    }
    add(name, bytes: LittleEndian.bytes(lengths) + body)
  }

  /// The file's bytes: magic, version, lengths, header JSON, aligned sections, the digest of all before, trailer.
  public func encoded() -> [UInt8] {
    var entries: [JSONValue] = []
    var body: [UInt8] = []
    for section in sections {
      let padding = (64 - body.count % 64) % 64
      body.append(contentsOf: repeatElement(0, count: padding))
      entries.append([
        "name": .string(section.name), "offset": .integer(Int64(body.count)),
        "length": .integer(Int64(section.bytes.count)), "sha256": .string(Digest(of: section.bytes).hex),
      ])
      body.append(contentsOf: section.bytes)
    }
    let head = JSONValue.object([("fields", JSONValue.object(header).sorted), ("sections", .array(entries))])
    let text = Array(head.compact.utf8)
    var out = ArchiveFormat.magic
    out += LittleEndian.bytes([ArchiveFormat.version, UInt64(text.count), UInt64(body.count)])
    out += text
    out.append(contentsOf: repeatElement(0, count: (64 - out.count % 64) % 64))
    out += body
    out += Array(Digest(of: out).hex.utf8)
    out += ArchiveFormat.trailer
    return out
  }

  /// Writes the archive beside `path`, syncs, renames; returns its digest.
  ///
  /// - Throws: `.io` with the system's reason.
  @discardableResult
  public func write(to path: String) throws -> Digest {
    let bytes = encoded()
    try FileSystem.write(bytes, to: path)
    return Digest(of: bytes)
  }
}

/// Fixed parts of the archive format.
enum ArchiveFormat {
  static let magic = Array("APUSARC\n".utf8)
  static let trailer = Array("APUSEND\n".utf8)
  static let version: UInt64 = 1
}
