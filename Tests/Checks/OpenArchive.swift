import Basics

/// The entries of an archive, to be changed and sealed again: what someone could send who can compute digests.
struct OpenArchive {
  var fields: [(String, JSONValue)]
  var sections: [(name: String, bytes: [UInt8])]

  /// Takes an intact archive apart as `Documentation/formats/archive.md` describes it.
  init(bytes: [UInt8]) throws {
    func length(_ offset: Int) -> Int { (0..<8).reversed().reduce(0) { $0 << 8 | Int(bytes[offset + $1]) } }
    let headerEnd = 32 + length(16)
    let bodyStart = (headerEnd + 63) / 64 * 64
    let head = try JSONValue(parsing: Array(bytes[32..<headerEnd]))
    fields = head["fields"]?.objectValue ?? []
    sections = (head["sections"]?.arrayValue ?? []).map { entry in
      let start = bodyStart + Int(entry["offset"]?.integerValue ?? 0)
      return (entry["name"]?.stringValue ?? "", Array(bytes[start..<(start + Int(entry["length"]?.integerValue ?? 0))]))
    }
  }

  /// Sealed again, with digests that fit.
  func encoded() -> [UInt8] {
    var writer = ArchiveWriter()
    for (key, value) in fields { writer.set(key, value) }
    for section in sections { writer.add(section.name, bytes: section.bytes) }
    return writer.encoded()
  }

  /// One archive for each way to spoil each entry.
  func tampered() -> [(String, OpenArchive)] {
    var out: [(String, OpenArchive)] = []
    for index in fields.indices {
      let name = fields[index].0
      var without = self
      without.fields.remove(at: index)
      out.append(("archive without '\(name)'", without))
      for value in Self.oddValues {
        var changed = self
        changed.fields[index].1 = value
        out.append(("archive with '\(name)' = \(value.compact)", changed))
      }
    }
    for index in sections.indices {
      let name = sections[index].name
      var without = self
      without.sections.remove(at: index)
      out.append(("archive without section '\(name)'", without))
      for (what, bytes) in Self.spoiled(sections[index].bytes) {
        var changed = self
        changed.sections[index].bytes = bytes
        out.append(("archive with section '\(name)' \(what)", changed))
      }
    }
    return out
  }

  private static let oddValues: [JSONValue] = [
    .null, .string("text"), .integer(-1), .integer(0), .number(1.5), .number(1e300), .integer(.max), .integer(.min),
    .array([]), .array([.integer(1)]), .object([("a", .integer(1))]), .boolean(true),
  ]

  private static func spoiled(_ bytes: [UInt8]) -> [(String, [UInt8])] {
    func filled(_ byte: UInt8, _ count: Int) -> [UInt8] { [UInt8](repeating: byte, count: count) }
    var out: [(String, [UInt8])] = [
      ("empty", []), ("all ones", filled(0xFF, bytes.count)), ("all zeros", filled(0, bytes.count)),
      ("twice", bytes + bytes), ("all 0x7F", filled(0x7F, bytes.count)),
    ]
    for size in [1, 4, 8] where bytes.count >= size {
      let (head, tail) = (Array(bytes.dropLast(size)), Array(bytes.dropFirst(size)))
      out.append(("short of \(size) bytes", head))
      out.append(("starting with \(size) ones", filled(0xFF, size) + tail))
      out.append(("ending with \(size) ones", head + filled(0xFF, size)))
    }
    return out
  }
}
