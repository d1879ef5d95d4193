import Basics

/// `apus watch` on 100,000 rows of 20 columns against the profile of 100,000: the whole command, reading included.
///
/// The quality is the number of columns judged rightly.
enum Drift: Job {
  static let name = "drift"
  private static let shifted: Set<String> = ["x0", "x1", "x2", "c0", "c1"]

  static func run(_ setting: Setting) throws -> [Outcome] {
    try withScratch { scratch in
      let workspace = ["--workspace", scratch, "--quiet"]
      _ = try Command(
        setting.apus,
        [
          "train", "\(setting.data)/drift-reference.csv", "--target", "y", "--name", "reference", "--budget",
          "1 trials",
          "--algorithm", "ridge", "--json",
        ] + workspace)
      let watch = try Command(
        setting.apus,
        [
          "watch", "reference@1", "--data", "\(setting.data)/drift-current.csv", "--json", "--threads",
          "\(setting.threads)",
        ]
          + workspace)
      let columns = try watch.json()["columns"]?.arrayValue ?? []
      let right = columns.count { column in
        guard let name = column["name"]?.stringValue, name.hasPrefix("x") || name.hasPrefix("c") else { return false }
        return (column["drifted"] == .boolean(true)) == shifted.contains(name)
      }
      return [Outcome(watch.seconds, quality: Double(right))]
    }
  }
}
