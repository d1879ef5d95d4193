import Basics
import Foundation

/// `ApusBenchmarks JOB --data DIR --threads 2 --apus PATH --python PATH --peers DIR`: one JSON line an outcome.
enum Driver {
  static func main(_ arguments: [String]) -> Int32 {
    if arguments.dropFirst().first == "--list" {
      for job in Jobs.all { print(job.name) }
      return 0
    }
    guard let name = arguments.dropFirst().first, let job = Jobs.all.first(where: { $0.name == name }) else {
      FileHandle.standardError.write(Data("usage: ApusBenchmarks JOB [--data DIR] [--threads N] [--apus PATH]\n".utf8))
      return 64
    }
    do {
      for outcome in try job.run(setting(arguments)) { print(outcome.json.compact) }
    } catch let error as Unavailable {
      print(JSONValue.object([("peer", .string("apus")), ("unavailable", .string(error.reason))]).compact)
    } catch let error as MLError {
      print(JSONValue.object([("peer", .string("apus")), ("unavailable", .string(error.message))]).compact)
    } catch {
      print(JSONValue.object([("peer", .string("apus")), ("unavailable", .string("\(error)"))]).compact)
    }
    return 0
  }

  private static func setting(_ arguments: [String]) -> Setting {
    func value(_ name: String, _ otherwise: String) -> String {
      guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return otherwise }
      return arguments[index + 1]
    }
    return Setting(
      data: value("--data", ".data"), threads: Int(value("--threads", "2")) ?? 2, apus: value("--apus", "apus"),
      python: value("--python", "python3"), peers: value("--peers", "peers"))
  }
}
