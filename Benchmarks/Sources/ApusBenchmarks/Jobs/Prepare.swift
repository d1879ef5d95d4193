import Basics
import Frames
import Modeling
import Transforms

/// Missing numbers filled, numbers scaled, categories one-hot, of 500,000 rows; the quality is the number of features.
enum Prepare: Job {
  static let name = "prepare"

  static func run(_ setting: Setting) throws -> [Outcome] {
    let frame = try readCSV("\(setting.data)/mixed-train.csv", setting.workers).removing(["y"])
    let context = FitContext(seed: Seed(1), workers: setting.workers)
    let (seconds, width) = try timed { () -> Int in
      let (_, filled) = try Impute().fitTransform(frame, target: nil, in: context)
      let (_, scaled) = try Scale().fitTransform(filled, target: nil, in: context)
      let (_, made) = try OneHot().fitTransform(scaled, target: nil, in: context)
      return made.schema.fields.reduce(0) { $0 + ($1.kind == .vector ? $1.categories.count : 1) }
    }
    return [Outcome(seconds, quality: Double(width))]
  }
}
