import Foundation

/// Tells one process from another, also after its number was given to a new one.
public struct ProcessIdentity: Sendable, Hashable {
  /// The system's number for it.
  public let identifier: Int
  /// When it began, as the system tells it (boot and ticks); empty where the system does not say.
  public let start: String
  /// The machine's name.
  public let host: String

  /// An identity read back from where it was kept.
  public init(identifier: Int, start: String, host: String) {
    self.identifier = identifier
    self.start = start
    self.host = host
  }

  /// This process.
  public static var current: ProcessIdentity {
    let identifier = Machine.processIdentifier
    return ProcessIdentity(
      identifier: identifier, start: start(of: identifier) ?? "", host: ProcessInfo.processInfo.hostName)
  }

  /// Whether the process is still there; `nil` when it ran on another machine, where nobody can tell.
  public var isAlive: Bool? {
    guard host == ProcessInfo.processInfo.hostName else { return nil }
    guard Self.isAlive(identifier) else { return false }
    guard !start.isEmpty, let present = Self.start(of: identifier) else { return true }
    return present == start
  }

  /// Whether some process has this number now.
  public static func isAlive(_ identifier: Int) -> Bool {
    guard let number = Int32(exactly: identifier), number > 0 else { return false }
    return kill(number, 0) == 0 || errno == EPERM
  }

  private static func start(of identifier: Int) -> String? {
    #if os(Linux)
      guard let text = try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8),
        let name = text.lastIndex(of: ")")
      else { return nil }
      // Field 22 of /proc/PID/stat; the 20th after the command's closing bracket.
      let fields = text[text.index(after: name)...].split(separator: " ")
      guard fields.count > 19 else { return nil }
      let boot = (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)) ?? ""
      return "\(boot.prefix(36))/\(fields[19])"
    #else
      return nil
    #endif
  }
}
