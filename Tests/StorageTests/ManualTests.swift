import Basics
import Foundation
import Storage
import Testing

@Suite struct ManualBench {
  @Test func bench() throws {
    let scratch = try Scratch()
    let log = scratch.workspace.predictionLog()
    let start = Timestamp(microseconds: 1_800_000_000_000_000)
    let features =
      #"{"age":39,"workclass":"State-gov","fnlwgt":77516,"education":"Bachelors","education_num":13,"marital":"Never-married","occupation":"Adm-clerical","race":"White","sex":"Male","gain":2174,"loss":0,"hours":40,"country":"United-States"}"#
    var t = Machine.monotonicSeconds
    let ids = (0..<500_000).map { PredictionID.make(at: Timestamp(microseconds: start.microseconds + Int64($0) * 100)) }
    print("ids/s", 500_000 / (Machine.monotonicSeconds - t))
    let all = (0..<500_000).map {
      PredictionRecord(
        id: ids[$0], model: "m", version: 1, endpoint: "m",
        time: Timestamp(microseconds: start.microseconds + Int64($0) * 100), features: features,
        prediction: .text("yes"), probabilities: [0.3, 0.7], latencyMicroseconds: 20 + $0 % 100)
    }
    for size in [1000, 10_000] {
      let half = size == 1000 ? 0..<250_000 : 250_000..<500_000
      t = Machine.monotonicSeconds
      for s in stride(from: half.lowerBound, to: half.upperBound, by: size) {
        try log.append(Array(all[s..<(s + size)]))
      }
      print("append rows/s batch", size, 250_000 / (Machine.monotonicSeconds - t))
    }
    t = Machine.monotonicSeconds
    var n = 0
    try scratch.workspace.forEachPrediction(matching: PredictionQuery(model: "m", from: start)) {
      n += $0.features.utf8.count
    }
    print("read rows/s", 500_000 / (Machine.monotonicSeconds - t))
    t = Machine.monotonicSeconds
    _ = try scratch.workspace.addFeedback(
      (0..<20_000).map { FeedbackEntry(predictionID: ids[$0 * 20], truth: .text("yes")) })
    print("feedback/s", 20_000 / (Machine.monotonicSeconds - t))
    t = Machine.monotonicSeconds
    print(
      try scratch.workspace.labelled(LabelQuery(model: "m", from: start)).count, "labelled s",
      Machine.monotonicSeconds - t)
    t = Machine.monotonicSeconds
    _ = try scratch.workspace.traffic(
      model: "m", from: start, to: Timestamp(microseconds: start.microseconds + 3600_000_000))
    _ = try scratch.workspace.trafficSummary(
      model: "m", from: start, to: Timestamp(microseconds: start.microseconds + 3600_000_000))
    print("traffic ms", (Machine.monotonicSeconds - t) * 1000)
    t = Machine.monotonicSeconds
    _ = try scratch.workspace.predictions(matching: PredictionQuery(model: "m", newestFirst: true, limit: 50))
    print("newest 50 ms", (Machine.monotonicSeconds - t) * 1000)
    for i in 0..<10_000 {
      _ = try scratch.workspace.beginRun(RunDraft(id: "r\(i)", project: "p"))
      if i == 0 { t = Machine.monotonicSeconds }
      try scratch.workspace.finishRun("r\(i)", RunOutcome(state: .finished, metrics: [RunMetric("roc_auc", Double(i))]))
    }
    print("runs/s", 10_000 / (Machine.monotonicSeconds - t))
    t = Machine.monotonicSeconds
    print(
      try scratch.workspace.runs(matching: RunQuery(limit: 100)).count, "newest 100 of 10k ms",
      (Machine.monotonicSeconds - t) * 1000)
    t = Machine.monotonicSeconds
    print(
      try scratch.workspace.runs(matching: RunQuery(orderedBy: .init("roc_auc", descending: true), limit: 100)).count,
      "best 100 of 10k ms", (Machine.monotonicSeconds - t) * 1000)
    t = Machine.monotonicSeconds
    print(
      try scratch.workspace.runs(matching: RunQuery(limit: 20_000)).count, "all 10k ms",
      (Machine.monotonicSeconds - t) * 1000)
    let points = (0..<200_000).map { MetricPoint(key: "loss\($0 % 4)", step: Int64($0 / 4), value: 1, time: start) }
    t = Machine.monotonicSeconds
    for s in stride(from: 0, to: 200_000, by: 1000) {
      try scratch.workspace.record(Array(points[s..<s + 1000]), in: "r0")
    }
    print("metric points/s", 200_000 / (Machine.monotonicSeconds - t))
    t = Machine.monotonicSeconds
    _ = try scratch.reopened()
    print("open ms", (Machine.monotonicSeconds - t) * 1000)
  }

  @Test func full() throws {
    guard let folder = ProcessInfo.processInfo.environment["FULL"] else { return }
    let w = try Workspace.open(at: folder + "/.apus", create: true)
    let log = w.predictionLog()
    var count = 0
    do {
      while true {
        try log.append(
          (0..<1000).map {
            PredictionRecord(
              id: PredictionID.make(at: Timestamp(microseconds: Int64($0))), model: "m", version: 1, endpoint: "m",
              time: Timestamp(microseconds: Int64($0)), features: String(repeating: "x", count: 200),
              prediction: .number(1), latencyMicroseconds: 1)
          })
        count += 1000
      }
    } catch { print("FULL after", count, error) }
    print(try w.predictionCount(), try w.doctor().map { "\($0.name) \($0.passed)" })
    do { try w.objects.put([UInt8](repeating: 1, count: 10_000_000)) } catch { print("FULL object", error) }
    print(try FileSystem.list(w.objects.path), try w.doctor().allSatisfy(\.passed))
    do {
      try w.audit(actor: "a", action: "b", subject: "c")
      print("audit ok")
    } catch { print("FULL audit", error) }
  }

  @Test func readonly() throws {
    guard let folder = ProcessInfo.processInfo.environment["RO"] else { return }
    let w = try Workspace.open(at: folder + "/.apus", create: false)
    print("RO", w.isReadOnly, try w.predictionCount(), try w.verifyAudit().isIntact)
    do {
      try w.audit(actor: "a", action: "b", subject: "c")
      print("BAD")
    } catch { print("RO", error) }
    do {
      try w.objects.put([1])
      print("BAD")
    } catch { print("RO", error) }
    print(try w.doctor().map { "\($0.name) \($0.passed)" })
    do {
      _ = try Workspace.open(at: folder + "/new/.apus", create: true)
      print("BAD")
    } catch { print("RO", error) }
  }
}
