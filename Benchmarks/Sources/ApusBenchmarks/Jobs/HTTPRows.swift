import Basics

/// One row a request over HTTP, prediction log and monitoring on: requests a second, then the 99th percentile in ms.
enum HTTPRows: Job {
  static let name = "http"

  static func run(_ setting: Setting) throws -> [Outcome] {
    try withScratch { scratch in
      let train = try Command(
        setting.apus,
        [
          "train", "\(setting.data)/requests.csv", "--target", "y", "--name", "requests", "--budget", "1 trials",
          "--algorithm", "gradient-boosted-trees", "--json", "--quiet", "--workspace", scratch,
        ])
      let auc = try train.json()["test"]?["roc_auc"]?["value"]?.doubleValue
      return try withServer(setting, workspace: scratch) { port, _, _ in
        let load = try Command(
          setting.python,
          [
            "\(setting.peers)/load.py", "http://127.0.0.1:\(port)/api/v1/models/requests/predict",
            "\(setting.data)/request-rows.json",
          ]
        ).json()
        guard let rate = load["requests_per_second"]?.doubleValue, let slow = load["p99_ms"]?.doubleValue,
          load["failed"]?.integerValue == 0
        else { throw Unavailable(reason: "requests failed: \(load.compact)") }
        return [Outcome(rate, quality: auc), Outcome(slow, quality: auc, part: "p99")]
      }
    }
  }
}
