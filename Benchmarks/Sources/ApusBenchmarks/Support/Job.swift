import Basics
import Foundation

/// One row of the table, measured once a call.
protocol Job: Sendable {
  /// The name by which it is run.
  static var name: String { get }
  /// Measures once; data is read and prepared outside the measured time.
  static func run(_ setting: Setting) throws -> [Outcome]
}

/// Where a job finds what it needs.
struct Setting {
  var data: String
  var threads: Int
  /// The `apus` program, for jobs that measure whole commands.
  var apus: String
  /// A Python interpreter, for load generators.
  var python: String
  /// The folder of the peers' scripts.
  var peers: String
  var workers: Workers { Workers(count: threads) }
}

/// What was measured.
struct Outcome {
  /// Part of a job that measures several things.
  var part: String?
  var value: Double
  /// How good the result is: AUC, RMSE, …
  var quality: Double?
  var note: String?

  init(_ value: Double, quality: Double? = nil, part: String? = nil, note: String? = nil) {
    (self.value, self.quality, self.part, self.note) = (value, quality, part, note)
  }

  var json: JSONValue {
    var pairs: [(String, JSONValue)] = [("peer", .string("apus")), ("value", .number(value))]
    if let part { pairs.append(("part", .string(part))) }
    if let quality { pairs.append(("quality", .number(quality))) }
    if let note { pairs.append(("note", .string(note))) }
    return .object(pairs)
  }
}

/// Something this build cannot do.
struct Unavailable: Error { var reason: String }

/// Runs `body` and says how many seconds it took.
func timed<T>(_ body: () throws -> T) rethrows -> (seconds: Double, result: T) {
  let clock = ContinuousClock()
  let start = clock.now
  let result = try body()
  let spent = (clock.now - start).components
  return (Double(spent.seconds) + Double(spent.attoseconds) * 1e-18, result)
}
