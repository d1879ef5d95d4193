import Basics
import Lifecycle
import Modeling
import Storage
import Testing

/// Tables on which it shows how rows are told apart, and what a project says of it.
@Suite struct SplitTests {
  private func run(_ bench: Bench, _ path: String, _ change: (inout ProjectFile) throws -> Void) throws -> JSONValue {
    var request = bench.request(path)
    // Learns rows by heart, so that what leaks shows.
    request.project.training.algorithms = ["random-forest"]
    request.project.training.budget = .trials(1)
    request.project.split.nested = false
    try change(&request.project)
    return try Trainer(workspace: bench.workspace, context: bench.context).run(request).json
  }

  private func write(_ bench: Bench, _ name: String, _ lines: [String]) throws -> String {
    let path = "\(bench.folder)/\(name).csv"
    try FileSystem.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: path)
    return path
  }

  /// Sixty customers of ten rows each; `reading` gives each away, whether they churn is chance.
  private func customers(_ bench: Bench) throws -> String {
    var random = RandomStream(Seed(11))
    var lines = ["customer_id,city,reading,churned"]
    for customer in 0..<60 {
      let truth = random.uniform() < 0.5 ? "yes" : "no"
      let level = random.uniform() * 1000
      for _ in 0..<10 {
        let reading = NumberText.shortest(((level + random.uniform()) * 1000).rounded() / 1000)
        lines.append("c\(customer),town \(customer % 15),\(reading),\(truth)")
      }
    }
    return try write(bench, "customers", lines)
  }

  /// Hours in stretches of twenty; within a stretch the answer is the same, from one to the next it is chance.
  private func hours(_ bench: Bench) throws -> String {
    var random = RandomStream(Seed(12))
    var lines = ["when,tick,churned"]
    var truth = "yes"
    for hour in 0..<600 {
      if hour % 20 == 0 { truth = random.uniform() < 0.5 ? "yes" : "no" }
      let day = hour / 24
      let date = day < 31 ? "2024-01-\(day < 9 ? "0" : "")\(day + 1)" : "2024-02-01"
      lines.append("\(date)T\(hour % 24 < 10 ? "0" : "")\(hour % 24):00:00,\(hour),\(truth)")
    }
    return try write(bench, "hours", lines)
  }

  private func auc(_ json: JSONValue) throws -> Double {
    try #require(json["test"]?["roc_auc"]?["value"]?.doubleValue)
  }

  /// Else a champion trained without protection may have learnt from a challenger's test rows.
  @Test func protectingAColumnMovesNoRow() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let path = try bench.table("customers.csv", rows: 400)
    /// Ages of sealed rows, of which the archive keeps some.
    func sealed(_ model: String, _ change: (inout ProjectFile) -> Void) throws -> [JSONValue] {
      var request = bench.request(path, model: model)
      request.project.training.budget = .trials(1)
      request.project.split.nested = false
      change(&request.project)
      _ = try Trainer(workspace: bench.workspace, context: bench.context).run(request)
      let loaded = try Models.load("\(model)@1", workspace: bench.workspace, registry: .standard)
      let bytes = try bench.workspace.objects.get(#require(loaded.version).archive)
      let rows = try ArchiveReader(bytes: bytes, origin: model).scoped("golden").value("rows")
      return try #require(rows.arrayValue).map { $0["age"] ?? .null }
    }
    let plain = try sealed("plain") { _ in }
    #expect(Set(plain).count > 5)
    #expect(try sealed("protected") { $0.protectedColumns = ["plan"] } == plain)
    #expect(try sealed("private") { $0.privateColumns = ["spend"] } == plain)
  }

  @Test func groupsLeakThroughARandomSplitAndNotThroughTheirOwn() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let path = try customers(bench)
    let random = try run(bench, path) { $0.split = try SplitPlan(parsing: "random") }
    #expect(try auc(random) > 0.85)
    #expect(try #require(random["validation_value"]?.doubleValue) > 0.85)
    #expect(random["split"]?["by"]?.stringValue == "random")
    let grouped = try run(bench, path) { $0.split = try SplitPlan(parsing: "group:customer_id") }
    #expect(try auc(grouped) < auc(random) - 0.1)
    // Folds keep groups whole as well: the search promises no more than the sealed rows hold.
    #expect(try #require(grouped["validation_value"]?.doubleValue) < 0.75)
    #expect(grouped["split"]?["groups"]?.integerValue == 60)
    #expect(grouped["rows"]?["test"]?.integerValue.map { $0 % 10 } == 0)
    let columns = (grouped["importance"]?.arrayValue ?? []).compactMap { $0["column"]?.stringValue }
    #expect(!columns.contains("customer_id") && columns.contains("reading"))
    let kinds = (grouped["findings"]?.arrayValue ?? []).compactMap { $0["kind"]?.stringValue }
    #expect(kinds.contains("group-column"))
  }

  @Test func intervalsOfGroupsAreAsWideAsGroupsAreFew() throws {
    let bench = try Bench()
    defer { bench.remove() }
    // Each customer is one case, written down ten times.
    var random = RandomStream(Seed(8))
    var lines = ["customer,x,churned"]
    for customer in 0..<120 {
      let x = random.normal()
      let truth = x + random.normal() > 0 ? "yes" : "no"
      lines += (0..<10).map { "c\(customer),\(NumberText.shortest(x + Double($0) * 1e-6)),\(truth)" }
    }
    let path = try write(bench, "cases", lines)
    let json = try run(bench, path) { $0.split = try SplitPlan(parsing: "group:customer") }
    let test = try #require(json["test"]?["roc_auc"])
    let loaded = try Models.load("churn@1", workspace: bench.workspace, registry: .standard)
    let width = { (group: String?) throws -> Double in
      let report = try Evaluating.evaluate(
        loaded.archive, path: path, groups: [], columns: Evaluating.RowColumns(group: group), context: bench.context)
      let value = try #require(report.metrics.first { $0.name == "roc_auc" })
      return value.high - value.low
    }
    #expect(try width("customer") > 2 * width(nil))
    // A fifth of the customers is sealed: their interval is wider than that of all.
    let sealed = try #require(test["high"]?.doubleValue) - #require(test["low"]?.doubleValue)
    #expect(try sealed > width("customer"))
    #expect(throws: MLError.self) { _ = try width("no such column") }
  }

  @Test func groupsAreProposedWithTheirReasonAndKeptWhenTrainedAgain() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let json = try run(bench, try customers(bench)) { _ in }
    #expect(json["split"]?["by"]?.stringValue == "group")
    #expect(json["split"]?["column"]?.stringValue == "customer_id")
    #expect(json["split"]?["proposed"]?.boolValue == true)
    let reason = try #require(json["split"]?["reason"]?.stringValue)
    #expect(reason.contains("60 groups"))
    #expect((json["notes"]?.arrayValue ?? []).contains { $0.stringValue?.contains(reason) == true })
    let again = try Retraining(workspace: bench.workspace, context: bench.context)
      .run(model: "churn", project: nil, reason: nil, runID: nil).json
    #expect(again["split"]?["by"]?.stringValue == "group" && again["split"]?["proposed"]?.boolValue == false)
    #expect(again["rows"] == json["rows"])
  }

  @Test func theFutureIsJudgedAndPurgedRowsAreLeftOut() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let path = try hours(bench)
    let random = try run(bench, path) { $0.split = try SplitPlan(parsing: "random") }
    #expect(try #require(random["validation_value"]?.doubleValue) > 0.85)
    let time = try run(bench, path) { $0.split = try SplitPlan(parsing: "time:when") }
    #expect(try #require(time["validation_value"]?.doubleValue) < 0.75)
    #expect(time["rows"] == ["training": 480, "test": 120])
    let rows = try run(bench, path) {
      $0.split = try SplitPlan(parsing: "time:when")
      $0.split.purge = try SplitGap(parsing: "50 rows", field: "purge")
    }
    #expect(rows["rows"] == ["training": 430, "test": 120])
    let days = try run(bench, path) {
      $0.split = try SplitPlan(parsing: "time:when")
      $0.split.purge = try SplitGap(parsing: "1d", field: "purge")
      $0.split.embargo = try SplitGap(parsing: "1d", field: "embargo")
    }
    #expect(days["rows"] == ["training": 432, "test": 120])
    #expect((days["notes"]?.arrayValue ?? []).contains { $0.stringValue?.contains("48 rows") == true })
  }

  @Test func whatCannotBeSplitSaysSoInOneSentence() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let path = try hours(bench)
    let people = try customers(bench)
    let cases: [(String, String, MLError.Code, String)] = [
      (path, "group:custmer", .notFound, "custmer"), (path, "time:wen", .notFound, "wen"),
      (people, "time:city", .invalidData, "must be a time"), (path, "group:churned", .invalidParameter, "target"),
    ]
    for (file, text, code, word) in cases {
      let error = #expect(throws: MLError.self) {
        try run(bench, file) { $0.split = try SplitPlan(parsing: text) }
      }
      #expect(error?.code == code, "\(text): \(String(describing: error))")
      #expect(error?.message.contains(word) == true && error?.hint != nil, "\(text): \(String(describing: error))")
    }
    let few = try write(
      bench, "few", ["g,x,churned"] + (0..<60).map { "\($0 % 2 == 0 ? "a" : "b"),\($0),\($0 % 3 == 0)" })
    let tooFew = #expect(throws: MLError.self) {
      try run(bench, few) { $0.split = try SplitPlan(parsing: "group:g") }
    }
    #expect(tooFew?.code == .invalidData && tooFew?.message.contains("got 2") == true)
    let unit = #expect(throws: MLError.self) {
      try run(bench, path) {
        $0.split = try SplitPlan(parsing: "time:tick")
        $0.split.purge = .seconds(3600)
      }
    }
    #expect(unit?.code == .invalidParameter && unit?.hint?.contains("rows") == true)
    let task = #expect(throws: MLError.self) {
      try run(bench, path) {
        $0.objective.task = .forecasting
        $0.split = try SplitPlan(parsing: "group:tick")
      }
    }
    #expect(task?.code == .invalidParameter)
  }

  @Test func theProjectFileSaysItAsTheCommandLineDoes() throws {
    let long = try ProjectFile(
      parsing: "split: {test: 0.3, by: time, time: date, purge: 7d, embargo: 12h, nested: true}\n", origin: "apus.yaml")
    #expect(long.split.method == .time && long.split.column == "date" && long.testFraction == 0.3)
    #expect(long.split.purge == .seconds(604_800) && long.split.embargo == .seconds(43_200))
    #expect(long.split.nested == true)
    #expect(SplitPlan(json: long.split.json) == long.split)
    let short = try ProjectFile(parsing: "split: group:customer_id\n", origin: "apus.yaml")
    #expect(short.split == (try SplitPlan(parsing: "group:customer_id")))
    let implied = try ProjectFile(parsing: "split: {group: customer_id}\n", origin: "apus.yaml")
    #expect(implied.split == short.split)
    let rows = try ProjectFile(
      parsing: "data: {weights: w}\ntrain: {class_weight: balanced}\nsplit: {by: random}\n", origin: "apus.yaml")
    #expect(rows.weightsColumn == "w" && rows.training.classWeight == .balanced && rows.split.method == .random)
    for text in [
      "split: {by: group}", "split: {group: a, time: b}", "split: {by: random, purge: 7d}", "split: {purge: soon}",
      "split: {by: grop}", "split: {by: time, time: t, purge: 7d, embargo: 3}", "split: group", "split: random:x",
      "train: {class_weight: blanced}",
    ] {
      let error = #expect(throws: MLError.self, "\(text)") { try ProjectFile(parsing: text, origin: "apus.yaml") }
      #expect(error?.code == .invalidParameter, "\(text): \(String(describing: error))")
    }
  }
}
