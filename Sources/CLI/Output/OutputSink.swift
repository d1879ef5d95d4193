import Foundation
import Synchronization

/// Where text goes: a standard stream, or memory in tests.
package protocol OutputSink: Sendable {
  /// Writes `text` as it is, at once.
  func write(_ text: String)
}

/// Standard output or standard error, unbuffered.
package enum StandardStream: OutputSink {
  /// Results.
  case output
  /// Everything else.
  case errors

  /// File descriptor.
  package var descriptor: Int32 { self == .output ? 1 : 2 }

  /// Writes to the stream. A reader that has gone away (`apus … | head`) is no error of ours.
  package func write(_ text: String) {
    let handle = self == .output ? FileHandle.standardOutput : FileHandle.standardError
    do { try handle.write(contentsOf: Data(text.utf8)) } catch { return }
  }
}

/// Keeps what was written, for tests.
package final class MemoryOutput: OutputSink {
  private let content = Mutex("")

  /// Empty.
  package init() {}

  /// All text so far.
  package var text: String { content.withLock { $0 } }

  /// Appends `text`.
  package func write(_ text: String) { content.withLock { $0 += text } }
}
