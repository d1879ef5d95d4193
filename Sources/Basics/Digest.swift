import Crypto

/// SHA-256 of bytes, as lower-case hexadecimal; names content everywhere.
public struct Digest: Sendable, Hashable, Codable, CustomStringConvertible {
  /// 64 hexadecimal digits.
  public let hex: String

  /// Digest of `bytes`.
  public init(of bytes: [UInt8]) { self.init(of: bytes[...]) }

  /// Digest of a part of an array.
  public init(of bytes: ArraySlice<UInt8>) { self.hex = Self.text(SHA256.hash(data: bytes)) }

  /// Digest of a text's UTF-8.
  public init(of text: String) { self.init(of: Array(text.utf8)) }

  /// A digest already computed; checked for shape.
  public init(hex: String) throws {
    guard hex.utf8.count == 64, hex.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
      throw MLError(.invalidData, "digest: must be 64 lower-case hexadecimal digits.")
    }
    self.hex = hex
  }

  /// The hexadecimal digits.
  public var description: String { hex }

  /// Written as a bare string.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hex)
  }

  /// Read from a bare string.
  public init(from decoder: any Decoder) throws {
    try self.init(hex: decoder.singleValueContainer().decode(String.self))
  }

  static func text(_ digest: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var out: [UInt8] = []
    for byte in digest {
      out.append(digits[Int(byte >> 4)])
      out.append(digits[Int(byte & 15)])
    }
    return String(decoding: out, as: UTF8.self)
  }
}

/// SHA-256 over bytes that arrive in parts.
public struct DigestStream {
  private var hash = SHA256()

  /// Starts empty.
  public init() {}

  /// Adds bytes.
  public mutating func update(_ bytes: [UInt8]) { hash.update(data: bytes) }

  /// Digest of all bytes so far.
  public func finish() -> Digest {
    guard let digest = try? Digest(hex: Digest.text(hash.finalize()))
    else { preconditionFailure("SHA-256 has 32 bytes") }
    return digest
  }
}
