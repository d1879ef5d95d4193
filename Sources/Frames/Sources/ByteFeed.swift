import Basics
import Kernels

/// Bytes that arrive in order, once.
protocol ByteFeed: AnyObject {
  /// Appends what is there, at most about `maximumCount` bytes, and returns how many; 0 at the end.
  func read(into bytes: inout [UInt8], maximumCount: Int) throws -> Int
}

/// A file as it is.
final class PlainFeed: ByteFeed {
  private let input: FileInput

  init(_ input: FileInput) { self.input = input }

  func read(into bytes: inout [UInt8], maximumCount: Int) throws -> Int {
    try input.read(into: &bytes, maximumCount: maximumCount)
  }
}

/// A gzip file, unpacked.
final class GzipFeed: ByteFeed {
  private let input: FileInput
  private let inflater: GzipInflater
  private var pending: [UInt8]

  /// - Parameter head: compressed bytes already read.
  init(_ input: FileInput, head: [UInt8]) throws {
    self.input = input
    inflater = try GzipInflater()
    pending = head
  }

  func read(into bytes: inout [UInt8], maximumCount: Int) throws -> Int {
    let before = bytes.count
    while bytes.count == before {
      var part = pending
      pending = []
      if part.isEmpty, try input.read(into: &part, maximumCount: 256 << 10) == 0 {
        guard inflater.isAtMemberEnd else {
          throw MLError(
            .corruptFile, "\(input.path): the gzip data end before their end; the file is cut short.",
            hint: "Fetch or write the file again.")
        }
        return 0
      }
      do { try inflater.inflate(part, into: &bytes, limit: ByteFeeds.sizeLimit) } catch var error as MLError {
        error.message = "\(input.path): \(error.message)"
        throw error
      }
    }
    return bytes.count - before
  }
}

/// Opening of files, whatever they are packed in.
enum ByteFeeds {
  /// Most bytes a file may unpack to in memory.
  static let sizeLimit = 16 << 30

  /// What a file turned out to be.
  struct Opened {
    /// The bytes after `head`.
    var feed: any ByteFeed
    /// First bytes, unpacked.
    var head: [UInt8]
    /// Whether the bytes on disk are those of the table, so that the file can be mapped.
    var isPlainFile: Bool
  }

  /// Opens `path` (`-` is standard input) and looks at its first bytes.
  ///
  /// - Throws: `.invalidData` when it is empty, binary, or packed in a way that is not read here.
  static func open(_ path: String) throws -> Opened {
    let input = try FileInput(path)
    var head: [UInt8] = []
    while head.count < 4, try input.read(into: &head, maximumCount: 64 << 10) > 0 {}
    guard !head.isEmpty else { throw empty(path) }
    if head.starts(with: [0x1F, 0x8B]) {
      let feed = try GzipFeed(input, head: head)
      var unpacked: [UInt8] = []
      guard try feed.read(into: &unpacked, maximumCount: 64 << 10) > 0 else { throw empty(path) }
      try refuseBinary(unpacked, path)
      return Opened(feed: feed, head: unpacked, isPlainFile: false)
    }
    try refuseBinary(head, path)
    return Opened(feed: PlainFeed(input), head: head, isPlainFile: input.isRegularFile)
  }

  /// Head and all that follows.
  static func readAll(_ opened: Opened, path: String) throws -> [UInt8] {
    var bytes = opened.head
    while try opened.feed.read(into: &bytes, maximumCount: 16 << 20) > 0 {
      guard bytes.count <= sizeLimit else {
        throw MLError(
          .tooLarge, "\(path): has more than \(sizeLimit) bytes.", hint: "Split the file, or read it under a contract.")
      }
    }
    return bytes
  }

  static func empty(_ path: String) -> MLError {
    MLError(.invalidData, "\(path): the file is empty.", hint: "Name a file with a header and at least one row.")
  }

  private static func refuseBinary(_ head: [UInt8], _ path: String) throws {
    let kinds: [(name: String, magic: [UInt8])] = [
      ("a zip archive or spreadsheet", [0x50, 0x4B, 3, 4]), ("a bzip2 file", Array("BZh".utf8)),
      ("an xz file", [0xFD, 0x37, 0x7A, 0x58, 0x5A]), ("a zstd file", [0x28, 0xB5, 0x2F, 0xFD]),
      ("a Parquet file", Array("PAR1".utf8)), ("a PDF", Array("%PDF-".utf8)),
      ("an SQLite database", Array("SQLite format 3".utf8)),
      ("a PNG image", [0x89, 0x50, 0x4E, 0x47]), ("a program", [0x7F, 0x45, 0x4C, 0x46]),
      ("an old spreadsheet", [0xD0, 0xCF, 0x11, 0xE0]),
    ]
    if let kind = kinds.first(where: { head.starts(with: $0.magic) }) {
      throw MLError(
        .invalidData, "\(path): must be text; it is \(kind.name).", hint: "Unpack it, or save the table as CSV, first.")
    }
    if TextEncoding.detect(head) == .utf8, let position = head.firstIndex(of: 0) {
      throw MLError(
        .invalidData, "\(path): must be text; byte \(position + 1) is zero, so this is a binary file.",
        hint: "Save the table as CSV first.")
    }
  }
}
