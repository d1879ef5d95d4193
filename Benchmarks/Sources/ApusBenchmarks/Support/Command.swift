import Basics
import Foundation

/// A program run to its end.
struct Command {
  var output: String
  var seconds: Double

  init(_ path: String, _ arguments: [String]) throws {
    let process = Process()
    let pipe = Pipe()
    process.setProgram(path, arguments)
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    let (seconds, data) = try timed {
      try process.run()
      let data = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return data
    }
    self.seconds = seconds
    output = String(decoding: data, as: UTF8.self)
    guard process.terminationStatus <= 1 else {
      throw Unavailable(reason: "\(path) \(arguments.first ?? "") ended with \(process.terminationStatus)")
    }
  }

  /// The JSON document it printed.
  func json() throws -> JSONValue { try JSONValue(parsing: output) }
}

extension Process {
  /// The program at `path`, or found by its bare name.
  func setProgram(_ path: String, _ arguments: [String]) {
    let isPath = path.contains("/")
    executableURL = URL(fileURLWithPath: isPath ? path : "/usr/bin/env")
    self.arguments = isPath ? arguments : [path] + arguments
  }
}

/// A folder that is removed at the end.
func withScratch<T>(_ body: (String) throws -> T) throws -> T {
  let path = NSTemporaryDirectory() + "apus-benchmark-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try body(path)
}

/// `apus serve` on a free port while `body` runs.
///
/// - Parameter body: gets the port, the process, and the seconds until the server said it listens.
func withServer<T>(
  _ setting: Setting, workspace: String, _ body: (Int, Process, Double) throws -> T
) throws -> T {
  let process = Process()
  let pipe = Pipe()
  process.setProgram(
    setting.apus,
    ["serve", "--port", "0", "--json", "--quiet", "--workspace", workspace, "--threads", "\(setting.threads)"])
  process.standardOutput = pipe
  process.standardError = FileHandle.nullDevice
  defer {
    process.terminate()
    process.waitUntilExit()
  }
  let (seconds, port) = try timed { () -> Int in
    try process.run()
    var text = ""
    while process.isRunning {
      let data = pipe.fileHandleForReading.availableData
      if data.isEmpty { break }
      text += String(decoding: data, as: UTF8.self)
      if let json = try? JSONValue(parsing: text), let port = json["port"]?.integerValue { return Int(port) }
    }
    throw Unavailable(reason: "apus serve did not start")
  }
  return try body(port, process, seconds)
}

/// Bytes of a file.
func fileSize(_ path: String) throws -> Double {
  (try FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber)?.doubleValue ?? 0
}
