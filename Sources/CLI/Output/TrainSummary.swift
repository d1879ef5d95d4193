import Basics
import Lifecycle

/// What a person reads after a training run.
enum TrainSummary {
  static func show(_ report: TrainReport, on output: Output) {
    let json = report.json
    output.line()
    output.line("Candidates by \(json["metric"]?.stringValue ?? "metric") in cross-validation")
    output.table(leaderboard(json))
    output.line()
    output.line("On the sealed test rows (\(json["rows"]?["test"]?.integerValue ?? 0) rows, 95 % intervals)")
    output.table(metrics(json["test"]))
    if let sentence = json["nested"]?["sentence"]?.stringValue { output.line(sentence) }
    if let sentence = json["verdict"]?["sentence"]?.stringValue { output.line(sentence) }
    output.line()
    output.line("Gate")
    output.table(gate(json["gate"]))
    let model = report.reference.split(separator: "@").first.map(String.init) ?? report.reference
    if report.passed, !report.promoted {
      output.box(waiting(report))
    } else {
      output.box(report.promoted ? passed(report, model) : refused(report, model))
    }
  }

  /// Candidates, best first, ten at most.
  static func leaderboard(_ json: JSONValue) -> TextTable {
    var table = TextTable([
      .text(""), .text("algorithm"), .number("value"), .number("± se"), .number("fit"), .wrapping("settings"),
    ])
    let candidates = json["candidates"]?.arrayValue ?? []
    let chosen = json["chosen"]?.integerValue.map(Int.init)
    let higher = json["higher_is_better"]?.boolValue ?? true
    func value(_ index: Int) -> Double {
      candidates[index]["cross_validation"]?["mean"]?.doubleValue ?? (higher ? -.infinity : .infinity)
    }
    let order = candidates.indices.sorted { higher ? value($0) > value($1) : value($0) < value($1) }
    for index in order.prefix(10) {
      let entry = candidates[index]
      let validation = entry["cross_validation"]
      let complete = validation?["dropped_after"]?.isNull ?? true
      let settings = (entry["parameters"]?.objectValue ?? []).map { "\($0.0)=\($0.1.compact)" }.joined(separator: " ")
      table.append([
        index == chosen ? "→" : "", entry["algorithm"]?.stringValue ?? "",
        NumberFormat.number(validation?["mean"]?.doubleValue),
        NumberFormat.number(validation?["standard_error"]?.doubleValue, digits: 2),
        NumberFormat.duration(entry["fit_seconds"]?.doubleValue ?? 0),
        DisplayWidth.elided(complete ? settings : "dropped early: " + settings, to: 60),
      ])
    }
    return table
  }

  /// Metrics with their intervals.
  static func metrics(_ json: JSONValue?) -> TextTable {
    var table = TextTable([.text("metric"), .number("value"), .number("low"), .number("high")])
    for (name, value) in json?.objectValue ?? [] {
      table.append([
        name, NumberFormat.number(value["value"]?.doubleValue), NumberFormat.number(value["low"]?.doubleValue),
        NumberFormat.number(value["high"]?.doubleValue),
      ])
    }
    return table
  }

  /// Checks with value and limit.
  static func gate(_ json: JSONValue?) -> TextTable {
    var table = TextTable([.text(""), .text("check"), .number("value"), .number("limit"), .wrapping("why")])
    for check in json?["checks"]?.arrayValue ?? [] {
      table.append([
        check["passed"]?.boolValue == true ? "✓" : "✗", check["name"]?.stringValue ?? "",
        NumberFormat.number(check["value"]?.doubleValue), NumberFormat.number(check["limit"]?.doubleValue),
        check["why"]?.stringValue ?? "",
      ])
    }
    return table
  }

  private static func passed(_ report: TrainReport, _ model: String) -> Box {
    Box(
      "\(report.reference) passed its gate and is champion",
      next: [
        Box.Step("apus serve", "answer requests and show the dashboard"),
        Box.Step("apus predict \(model) --data new.csv", "score a file"),
        Box.Step("apus models show \(model)", "see its record"),
      ])
  }

  /// Passed, but persons must agree first.
  private static func waiting(_ report: TrainReport) -> Box {
    let needed = report.json["approvals"]?["needed"]?.integerValue ?? 0
    return Box(
      "\(report.reference) passed its gate and waits for the approval of \(needed) \(needed == 1 ? "person" : "persons")",
      next: [
        Box.Step("apus models approve \(report.reference) --by NAME", "once for each person"),
        Box.Step("apus models promote \(report.reference)", "when all have approved"),
      ])
  }

  private static func refused(_ report: TrainReport, _ model: String) -> Box {
    let checks = report.json["gate"]?["checks"]?.arrayValue ?? []
    let why = checks.filter { $0["passed"]?.boolValue == false }.compactMap { $0["why"]?.stringValue }
    return Box(
      "\(report.reference) is registered but not promoted", lines: why,
      next: [
        Box.Step("apus runs show \(report.json["run"]?.stringValue ?? "")", "see the whole run"),
        Box.Step("apus data profile FILE", "look at the columns"),
      ])
  }
}
