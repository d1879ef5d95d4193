import Basics
import Testing

@Suite struct ArchiveTests {
  private func sample() -> ArchiveWriter {
    var writer = ArchiveWriter()
    writer.set("name", "sample")
    writer.set("count", 3)
    writer.add("doubles", doubles: [0.1, -0.0, .infinity, .nan, Double.leastNonzeroMagnitude])
    writer.scoped("model") { writer in
      writer.set("rate", 0.1)
      writer.add("floats", floats: [1.5, -.infinity])
      writer.add("codes", int32s: [.min, -1, 0, .max])
      writer.scoped("inner") { $0.add("longs", int64s: [.min, -1, 0, .max]) }
      writer.add("names", strings: ["", "é日😀", "a\0b"])
    }
    writer.add("bytes", bytes: [0, 255])
    writer.add("empty", doubles: [])
    return writer
  }

  @Test func everythingReadsBackToTheBit() throws {
    let reader = try ArchiveReader(bytes: sample().encoded(), origin: "sample.apus")
    #expect(try reader.string("name") == "sample")
    #expect(try reader.integer("count") == 3)
    #expect(try reader.doubles("doubles").map(\.bitPattern) == [0.1, -0.0, .infinity, .nan, 5e-324].map(\.bitPattern))
    let model = reader.scoped("model")
    #expect(try model.double("rate") == 0.1)
    #expect(try model.floats("floats") == [1.5, -.infinity])
    #expect(try model.int32s("codes") == [.min, -1, 0, .max])
    #expect(try model.scoped("inner").int64s("longs") == [.min, -1, 0, .max])
    #expect(try model.strings("names") == ["", "é日😀", "a\0b"])
    #expect(try reader.section("bytes") == [0, 255])
    #expect(try reader.doubles("empty") == [])
    #expect(reader.has("name") && reader.has("model/floats") && model.has("floats") && !model.has("name"))
  }

  @Test func sameContentSameBytes() {
    #expect(sample().encoded() == sample().encoded())
  }

  @Test func everyFlippedByteIsRefused() {
    let bytes = sample().encoded()
    for index in bytes.indices {
      for mask: UInt8 in [0x01, 0x80, 0xFF] {
        var damaged = bytes
        damaged[index] ^= mask
        let error = #expect(throws: MLError.self, "byte \(index)") {
          try ArchiveReader(bytes: damaged, origin: "x.apus")
        }
        #expect(error?.code == .corruptFile || error?.code == .unsupportedVersion)
      }
    }
  }

  @Test func everyTruncationAndExtensionIsRefused() {
    let bytes = sample().encoded()
    for count in 0..<bytes.count {
      let error = #expect(throws: MLError.self, "\(count) bytes") {
        try ArchiveReader(bytes: Array(bytes.prefix(count)), origin: "x.apus")
      }
      #expect(error?.code == .corruptFile)
      #expect(error?.message.contains("x.apus") == true)
    }
    #expect(throws: MLError.self) { try ArchiveReader(bytes: bytes + [0], origin: "x.apus") }
    #expect(throws: MLError.self) { try ArchiveReader(bytes: bytes + bytes, origin: "x.apus") }
  }

  /// An attacker can compute digests too: lengths and offsets are checked for themselves.
  @Test(
    arguments: [UInt64.max, UInt64.max / 2, UInt64(1) << 62, UInt64(1) << 40, UInt64(100_000), UInt64(1)] as [UInt64])
  func forgedLengthsAreRefused(length: UInt64) {
    for field in [16, 24] {
      var bytes = sample().encoded()
      for i in 0..<8 { bytes[field + i] = UInt8(truncatingIfNeeded: length >> UInt64(8 * i)) }
      let error = #expect(throws: MLError.self) { try ArchiveReader(bytes: resealed(bytes), origin: "x.apus") }
      #expect(error?.code == .corruptFile || error?.code == .invalidData)
    }
  }

  @Test(arguments: [
    (#""offset":0"#, #""offset":9"#), (#""length":40"#, #""length":-4"#), (#""length":2"#, #""length":9"#),
    (#""fields""#, #""fieldz""#), (#""sections""#, #""sektions""#), (#""length":16"#, #""length":"a""#),
  ])
  func forgedHeadersAreRefused(from: String, to: String) throws {
    let bytes = sample().encoded()
    let position = try #require(firstPosition(of: from, in: bytes))
    var forged = bytes
    let padded = Array(to.utf8) + Array(repeating: UInt8(32), count: max(0, from.utf8.count - to.utf8.count))
    forged.replaceSubrange(position..<(position + from.utf8.count), with: padded.prefix(from.utf8.count))
    #expect(throws: MLError.self) { try ArchiveReader(bytes: resealed(forged), origin: "x.apus") }
  }

  @Test func newerFormatSaysSo() {
    var bytes = sample().encoded()
    bytes[8] = 2
    let error = #expect(throws: MLError.self) { try ArchiveReader(bytes: resealed(bytes), origin: "x.apus") }
    #expect(error?.code == .unsupportedVersion)
  }

  @Test func wrongKindsAreCorruptNotTraps() throws {
    let reader = try ArchiveReader(bytes: sample().encoded(), origin: "x.apus")
    let attempts: [() throws -> Void] = [
      { _ = try reader.value("none") }, { _ = try reader.string("count") }, { _ = try reader.integer("name") },
      { _ = try reader.double("name") }, { _ = try reader.section("none") }, { _ = try reader.doubles("bytes") },
      { _ = try reader.floats("bytes") }, { _ = try reader.int64s("bytes") }, { _ = try reader.int32s("bytes") },
      { _ = try reader.strings("bytes") }, { _ = try reader.strings("doubles") }, { _ = try reader.strings("empty") },
      { _ = try reader.scoped("model").integer("rate") },
    ]
    for (index, attempt) in attempts.enumerated() {
      let error = #expect(throws: MLError.self, "attempt \(index)") { try attempt() }
      #expect(error?.code == .corruptFile)
    }
  }

  @Test func textsWithForgedLengthsAreRefused() throws {
    for lengths: [UInt64] in [[1, .max], [.max], [1 << 61], [2, 1, .max - 1], [1, 9]] {
      var writer = ArchiveWriter()
      let bytes = lengths.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) } }
      writer.add("texts", bytes: bytes + [65])
      let reader = try ArchiveReader(bytes: writer.encoded(), origin: "x.apus")
      #expect(throws: MLError.self) { try reader.strings("texts") }
    }
  }

  @Test func writesAFileThatOpens() throws {
    let folder = try FileSystem.temporaryDirectory()
    defer { #expect(throws: Never.self) { try FileSystem.remove(folder) } }
    let digest = try sample().write(to: folder + "/a.apus")
    #expect(try ArchiveReader(path: folder + "/a.apus").digest == digest)
    let missing = #expect(throws: MLError.self) { try ArchiveReader(path: folder + "/b.apus") }
    #expect(missing?.code == .notFound)
  }

  private func firstPosition(of text: String, in bytes: [UInt8]) -> Int? {
    let part = Array(text.utf8)
    return (0...(bytes.count - part.count)).first { bytes[$0...].starts(with: part) }
  }

  /// The same archive with a digest that fits again.
  private func resealed(_ bytes: [UInt8]) -> [UInt8] {
    let payload = Array(bytes.prefix(bytes.count - 72))
    return payload + Array(Digest(of: payload).hex.utf8) + Array(bytes.suffix(8))
  }
}
