import Basics
import Frames
import Modeling
import Transforms

/// Weights of words of 50,000 documents; the quality is the number of features.
enum TFIDF: Job {
  static let name = "tf-idf"

  static func run(_ setting: Setting) throws -> [Outcome] {
    let frame = try readCSV("\(setting.data)/documents.csv", setting.workers)
    let texts = (0..<frame.rowCount).map { frame.columns[0].text(at: $0) ?? "" }
    let documents = try Frame([("text", Column(.text(texts)))])
    let step = TextFeatures { step in
      (step.words, step.minimumWordLength, step.sublinear) = (1, 2, false)
      (step.minimumRows, step.maximumFeatures) = (1, 10_000_000)
    }
    let context = FitContext(seed: Seed(1), workers: setting.workers)
    let (seconds, done) = try timed { try step.fitTransform(documents, target: nil, in: context) }
    return [Outcome(seconds, quality: Double(done.0.output["text"]?.categories.count ?? 0))]
  }
}
