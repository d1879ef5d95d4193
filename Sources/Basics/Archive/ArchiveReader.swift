/// Reads an archive; trusts nothing: lengths are checked before allocating, digests before use.
public struct ArchiveReader: Sendable {
  private let fields: [String: JSONValue]
  private let sections: [String: Range<Int>]
  private let bytes: [UInt8]
  private let origin: String
  private var prefix = ""

  /// SHA-256 of the whole file.
  public let digest: Digest

  /// Opens the archive at `path`.
  ///
  /// - Throws: `.notFound`, `.io`, `.corruptFile` naming what is damaged, `.unsupportedVersion`.
  public init(path: String) throws { try self.init(bytes: FileSystem.read(path), origin: FileSystem.name(path)) }

  /// Opens an archive in memory; `origin` names it in errors.
  public init(bytes: [UInt8], origin: String) throws {
    func damaged(_ what: String) -> MLError {
      MLError(.corruptFile, "\(origin): archive is damaged (\(what)).", hint: "Restore it from a copy, or train again.")
    }
    let fixed = 32
    let tail = 64 + ArchiveFormat.trailer.count
    guard bytes.starts(with: ArchiveFormat.magic) else {
      throw MLError(
        .corruptFile, "\(origin): not an Apus archive.", hint: "Name a .apus file, or a model of this workspace.")
    }
    guard bytes.count >= fixed + tail else { throw damaged("cut short") }
    let version = LittleEndian.uint64(bytes, at: 8)
    guard version == ArchiveFormat.version else {
      let newest = ArchiveFormat.version
      throw MLError(
        .unsupportedVersion, "\(origin): archive format \(version) cannot be read; this Apus reads up to \(newest).",
        hint: "Use a newer Apus.")
    }
    guard bytes.suffix(ArchiveFormat.trailer.count).elementsEqual(ArchiveFormat.trailer) else {
      throw damaged("cut short")
    }
    let payload = bytes.count - tail
    let stated = bytes[payload..<(payload + 64)]
    guard stated.elementsEqual(Digest(of: bytes[..<payload]).hex.utf8) else { throw damaged("checksum does not match") }
    let headerLength = LittleEndian.uint64(bytes, at: 16)
    let bodyLength = LittleEndian.uint64(bytes, at: 24)
    guard headerLength <= UInt64(payload - fixed), bodyLength <= UInt64(payload) else { throw damaged("lengths") }
    let headerEnd = fixed + Int(headerLength)
    let bodyStart = (headerEnd + 63) / 64 * 64
    guard bodyStart + Int(bodyLength) == payload else { throw damaged("lengths") }
    let head = try JSONValue(parsing: Array(bytes[fixed..<headerEnd]))
    guard let pairs = head["fields"]?.objectValue, let entries = head["sections"]?.arrayValue
    else { throw damaged("header") }
    var sections: [String: Range<Int>] = [:]
    for entry in entries {
      guard let name = entry["name"]?.stringValue, let offset = entry["offset"]?.integerValue,
        let length = entry["length"]?.integerValue,
        offset >= 0, length >= 0, offset <= Int64(bodyLength), length <= Int64(bodyLength) - offset
      else { throw damaged("section table") }
      let start = bodyStart + Int(offset)
      let range = start..<(start + Int(length))
      guard entry["sha256"]?.stringValue == Digest(of: bytes[range]).hex else { throw damaged("section '\(name)'") }
      sections[name] = range
    }
    self.fields = Dictionary(pairs.map { ($0.0, $0.1) }, uniquingKeysWith: { first, _ in first })
    self.sections = sections
    self.bytes = bytes
    self.origin = origin
    self.digest = Digest(of: bytes)
  }

  /// Reads with every key and section name prefixed by `scope/`.
  public func scoped(_ scope: String) -> ArchiveReader {
    var copy = self
    copy.prefix = prefix + scope + "/"
    return copy
  }

  /// Whether the header has `key` in the present scope.
  public func has(_ key: String) -> Bool { fields[prefix + key] != nil || sections[prefix + key] != nil }

  /// Header entry `key`.
  ///
  /// - Throws: `.corruptFile` when it is not there.
  public func value(_ key: String) throws -> JSONValue {
    guard let value = fields[prefix + key] else { throw corrupt("has no entry '\(prefix + key)'") }
    return value
  }

  /// Header entry `key` as a text.
  public func string(_ key: String) throws -> String {
    guard let text = try value(key).stringValue else { throw corrupt("'\(prefix + key)' must be a text") }
    return text
  }

  /// Header entry `key` as an integer.
  public func integer(_ key: String) throws -> Int {
    guard let number = try value(key).integerValue else { throw corrupt("'\(prefix + key)' must be an integer") }
    return Int(number)
  }

  /// Header entry `key` as a number.
  public func double(_ key: String) throws -> Double {
    guard let number = try value(key).doubleValue else { throw corrupt("'\(prefix + key)' must be a number") }
    return number
  }

  /// Section `name` as bytes.
  public func section(_ name: String) throws -> [UInt8] {
    guard let range = sections[prefix + name] else { throw corrupt("has no section '\(prefix + name)'") }
    return Array(bytes[range])
  }

  /// Section `name` as numbers of 8 bytes.
  public func doubles(_ name: String) throws -> [Double] {
    try words(name, size: 8) { LittleEndian.uint64($0, at: $1) }.map(Double.init(bitPattern:))
  }
  /// Section `name` as numbers of 4 bytes.
  public func floats(_ name: String) throws -> [Float] {
    try words(name, size: 4) { LittleEndian.uint32($0, at: $1) }.map(Float.init(bitPattern:))
  }
  /// Section `name` as 64-bit integers.
  public func int64s(_ name: String) throws -> [Int64] {
    try words(name, size: 8) { Int64(bitPattern: LittleEndian.uint64($0, at: $1)) }
  }
  /// Section `name` as 32-bit integers.
  public func int32s(_ name: String) throws -> [Int32] {
    try words(name, size: 4) { Int32(bitPattern: LittleEndian.uint32($0, at: $1)) }
  }
  /// Section `name` as texts.
  public func strings(_ name: String) throws -> [String] {
    let data = try section(name)
    guard data.count >= 8 else { throw corrupt("section '\(prefix + name)' is cut short") }
    let count = LittleEndian.uint64(data, at: 0)
    guard count <= UInt64(data.count / 8 - 1) else { throw corrupt("section '\(prefix + name)' is cut short") }
    var offset = 8 * (Int(count) + 1)
    return try (0..<Int(count)).map { index in
      let length = LittleEndian.uint64(data, at: 8 * (index + 1))
      guard length <= UInt64(data.count - offset) else { throw corrupt("section '\(prefix + name)' is cut short") }
      let slice = data[offset..<(offset + Int(length))]
      offset += Int(length)
      guard let text = String(validating: slice, as: UTF8.self)
      else { throw corrupt("section '\(prefix + name)' is not UTF-8") }
      return text
    }
  }

  /// An error that says what of this archive does not fit.
  public func corrupt(_ what: String) -> MLError {
    MLError(.corruptFile, "\(origin): archive \(what).", hint: "Restore it from a copy, or train again.")
  }

  private func words<T>(_ name: String, size: Int, _ read: ([UInt8], Int) -> T) throws -> [T] {
    let data = try section(name)
    guard data.count % size == 0 else { throw corrupt("section '\(prefix + name)' has a wrong length") }
    return (0..<(data.count / size)).map { read(data, $0 * size) }
  }
}
