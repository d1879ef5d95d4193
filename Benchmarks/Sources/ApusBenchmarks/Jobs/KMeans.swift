import Basics
import Modeling

/// Ten clusters of a million rows of 21 numbers, ten starts, at most 100 passes.
enum KMeans: Job {
  static let name = "k-means"

  static func run(_ setting: Setting) throws -> [Outcome] {
    let clustering = try estimator(
      "k-means",
      [
        ("cluster_count", .integer(10)), ("starts", .integer(10)), ("maximum_iterations", .integer(100)),
        ("standardise", .boolean(false)),
      ])
    let table = try Table("blobs", setting)
    let rows = 0..<table.rowCount
    let frame = try table.frame(21, rows)
    let data = try TrainingData(frame: frame, target: .absent(rowCount: table.rowCount))
    let (seconds, model) = try fitted(clustering, data, setting)
    return [Outcome(seconds, quality: inertia(table.columns, try model.predict(frame).classCodes))]
  }

  /// Squared distances to the mean of the own cluster, over rows.
  private static func inertia(_ columns: [[Double]], _ codes: [Int32]) -> Double {
    let clusterCount = Int(codes.max() ?? 0) + 1
    var total = 0.0
    for column in columns.prefix(21) {
      var sums = [Double](repeating: 0, count: clusterCount)
      var squares = sums
      var counts = sums
      for (row, code) in codes.enumerated() {
        sums[Int(code)] += column[row]
        squares[Int(code)] += column[row] * column[row]
        counts[Int(code)] += 1
      }
      for cluster in 0..<clusterCount where counts[cluster] > 0 {
        total += squares[cluster] - sums[cluster] * sums[cluster] / counts[cluster]
      }
    }
    return total / Double(max(1, codes.count))
  }
}
