public import Basics
import CKernels

/// The bytes of a file in memory, mapped or read, shared by those who parse them.
public final class ByteRegion: Sendable {
  private enum Backing: Sendable {
    case mapped(MappedFile)
    case array([UInt8])
  }
  private let backing: Backing

  /// The bytes of a mapped file.
  public init(_ file: MappedFile) { backing = .mapped(file) }

  /// Bytes already read.
  public init(_ bytes: [UInt8]) { backing = .array(bytes) }

  /// Number of bytes.
  public var count: Int {
    switch backing {
    case .mapped(let file): file.count
    case .array(let bytes): bytes.count
    }
  }

  /// A copy of a part; the range is clamped to what is there.
  public func bytes(_ range: Range<Int>) -> [UInt8] {
    withBytes { Array($0[range.clamped(to: 0..<$0.count)]) }
  }

  /// How often `byte` stands in a range.
  ///
  /// - Complexity: about 64 bytes a step.
  public func occurrences(of byte: UInt8, in range: Range<Int>) -> Int {
    withBytes { buffer in
      let range = range.clamped(to: 0..<buffer.count)
      guard let base = buffer.baseAddress, !range.isEmpty else { return 0 }
      var counts = ck_csv_counts()
      // SAFETY: the range lies inside the buffer, which `withBytes` keeps alive for this call.
      ck_csv_count(
        base.assumingMemoryBound(to: UInt8.self) + range.lowerBound, Int64(range.count), byte, -1, &counts)
      return Int(counts.newlines)
    }
  }

  /// First position of `byte` in a range.
  public func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
    withBytes { $0[range.clamped(to: 0..<$0.count)].firstIndex(of: byte) }
  }

  func withBytes<T>(_ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
    // SAFETY: both forms keep the memory in place until `body` returns; callers do not let the pointer escape.
    switch backing {
    case .mapped(let file): try file.withBytes(body)
    case .array(let bytes): try bytes.withUnsafeBytes(body)
    }
  }
}
