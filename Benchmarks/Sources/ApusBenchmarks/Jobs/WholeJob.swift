import Basics

/// `apus train` from file to saved model on the mixed table: seconds, then peak memory in megabytes.
enum WholeJob: Job {
  static let name = "whole-job"

  static func run(_ setting: Setting) throws -> [Outcome] {
    try withScratch { scratch in
      let train = try Command(
        setting.apus,
        [
          "train", "\(setting.data)/mixed-train.csv", "--target", "y", "--test", "\(setting.data)/mixed-test.csv",
          "--algorithm", "gradient-boosted-trees", "--budget", "1 trials", "--threads", "\(setting.threads)",
          "--json", "--quiet", "--workspace", scratch,
        ])
      let json = try train.json()
      let auc = json["test"]?["roc_auc"]?["value"]?.doubleValue
      let memory = (json["peak_memory_bytes"]?.doubleValue ?? 0) / 1e6
      return [Outcome(train.seconds, quality: auc), Outcome(memory, quality: auc, part: "memory")]
    }
  }
}
