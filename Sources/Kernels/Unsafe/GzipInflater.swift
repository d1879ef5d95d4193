import Basics
import CKernels

/// Inflates gzip data part by part, through the system's zlib.
public final class GzipInflater {
  private let state: OpaquePointer
  /// Whether the last byte given ended a member: only then may the data end.
  public private(set) var isAtMemberEnd = true
  private var isInPadding = false

  /// Makes an inflater.
  ///
  /// - Throws: `.unavailable` naming the package when zlib is not installed.
  public init() throws {
    guard let state = ck_inflater_make() else {
      throw MLError(
        .unavailable, "gzip: zlib (libz.so.1) is not installed, so .gz files cannot be read.",
        hint: "Install the package zlib1g (Debian, Ubuntu) or zlib (Fedora, Alpine), or unpack the file first.")
    }
    self.state = state
  }

  deinit { ck_inflater_free(state) }

  /// Inflates `input` and appends what comes out; members may follow one another, zero padding after the last is
  /// skipped.
  ///
  /// - Throws: `.corruptFile` for damaged data, `.tooLarge` when `output` would pass `limit` bytes.
  public func inflate(_ input: [UInt8], into output: inout [UInt8], limit: Int = .max) throws {
    var position = 0
    while position < input.count {
      if isAtMemberEnd, try skipPadding(input, &position) { return }
      isAtMemberEnd = false
      let room = min(max(256 << 10, (input.count - position) * 4), 64 << 20)
      guard output.count < limit else {
        throw MLError(
          .tooLarge, "gzip: the data unpack to more than \(limit) bytes.", hint: "Unpack and split the file first.")
      }
      let (status, used, part) = step(input, from: position, room: room)
      position += used
      output.append(contentsOf: part)
      switch status {
      case Int32(CK_INFLATE_END):
        isAtMemberEnd = true
        guard ck_inflater_reset(state) != 0 else {
          throw MLError(.internalFailure, "gzip: cannot start the next part.")
        }
      case Int32(CK_INFLATE_MORE):
        // A full output buffer may hide more output that needs no further input.
        if part.count == room { try drain(into: &output, limit: limit) }
      case Int32(CK_INFLATE_NO_MEMORY): throw MLError(.io, "gzip: memory is short.")
      default: throw MLError(.corruptFile, "gzip: the data are damaged.", hint: "Fetch the file again.")
      }
    }
  }

  private func drain(into output: inout [UInt8], limit: Int) throws {
    while true {
      let (status, _, part) = step([], from: 0, room: 1 << 20)
      output.append(contentsOf: part)
      if status == Int32(CK_INFLATE_END) {
        isAtMemberEnd = true
        _ = ck_inflater_reset(state)
      } else if status != Int32(CK_INFLATE_MORE) {
        throw MLError(.corruptFile, "gzip: the data are damaged.", hint: "Fetch the file again.")
      }
      guard part.count == 1 << 20, output.count < limit else { return }
    }
  }

  private func skipPadding(_ input: [UInt8], _ position: inout Int) throws -> Bool {
    while position < input.count, input[position] == 0 {
      position += 1
      isInPadding = true
    }
    guard position < input.count else { return true }
    if isInPadding || input[position] != 0x1F {
      throw MLError(
        .corruptFile, "gzip: something that is no gzip data follows the data.", hint: "Fetch the file again.")
    }
    return false
  }

  private func step(_ input: [UInt8], from position: Int, room: Int) -> (status: Int32, used: Int, output: [UInt8]) {
    var status: Int32 = 0
    var used = input.count - position
    let part = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
      var made = room
      input.withUnsafeBufferPointer { source in
        // SAFETY: `used` bytes are readable from `position`, `made` bytes writable in `buffer`; zlib respects both.
        status = ck_inflater_run(state, source.baseAddress.map { $0 + position }, &used, buffer.baseAddress, &made)
      }
      count = made
    }
    return (status, used, part)
  }
}
