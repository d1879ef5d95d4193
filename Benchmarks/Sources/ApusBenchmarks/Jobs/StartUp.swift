import Basics
import Foundation

/// What it costs to be there: a command in milliseconds, a server in seconds, its memory and its files in megabytes.
enum StartUp: Job {
  static let name = "start-up"

  static func run(_ setting: Setting) throws -> [Outcome] {
    let command = try Command(setting.apus, ["--help"]).seconds * 1000
    let (ready, memory) = try withScratch { scratch in
      try withServer(setting, workspace: scratch) { _, process, seconds in
        Thread.sleep(forTimeInterval: 1)
        return (seconds, residentMegabytes(process.processIdentifier))
      }
    }
    let size = try fileSize(setting.apus) / 1e6
    return [
      Outcome(command, part: "command"), Outcome(ready, part: "server"), Outcome(memory, part: "memory"),
      Outcome(size, part: "size"),
    ]
  }

  /// Memory of a process, of the pages it holds now.
  private static func residentMegabytes(_ process: Int32) -> Double {
    let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return (line?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? .nan) / 1000
  }
}
