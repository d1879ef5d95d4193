import Basics
import Frames
import Tuning

extension ProjectFile {
  /// Reads `apus.yaml`.
  ///
  /// - Throws: `.notFound`; `.invalidData` or `.invalidParameter` with file, line and the closest key.
  package init(path: String) throws {
    let bytes = try FileSystem.read(path)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw MLError(.invalidData, "\(FileSystem.name(path)): must be UTF-8 text.")
    }
    try self.init(parsing: text, origin: FileSystem.name(path))
  }

  /// Parses the text of a project file.
  package init(parsing text: String, origin: String) throws {
    var reader = ProjectReader(document: try YAMLDocument(parsing: text, origin: origin))
    self = try reader.project()
  }
}

/// Turns the document into a project; every key is known or refused with a suggestion.
struct ProjectReader {
  let document: YAMLDocument
  var file = ProjectFile(project: "model")

  init(document: YAMLDocument) { self.document = document }

  mutating func project() throws -> ProjectFile {
    let sections = [
      "project", "objective", "data", "split", "prepare", "train", "fairness", "gate", "deploy", "watch", "retrain",
    ]
    for (key, value) in try object(document.value, "") {
      switch key {
      case "project": file.project = try text(value, key)
      case "objective": try objective(value)
      case "data": try data(value)
      case "split": try split(value)
      case "prepare": file.prepare = value
      case "train": try train(value)
      case "fairness": try fairness(value)
      case "gate": try gate(value)
      case "deploy": unsupported("deploy")
      case "watch": try watch(value)
      case "retrain": try retrain(value)
      default: throw unknown(key, sections, path: key)
      }
    }
    return file
  }

  private mutating func unsupported(_ path: String) { file.unsupported.append(path) }

  private mutating func objective(_ value: JSONValue) throws {
    let known = [
      "why", "task", "target", "positive", "goal", "point", "costs", "guardrails", "constraints", "prefer",
    ]
    for (key, value) in try object(value, "objective") {
      let path = "objective.\(key)"
      switch key {
      case "why": file.objective.why = try text(value, path)
      case "task":
        let name = try text(value, path)
        guard let task = Basics.Task(rawValue: name) else {
          throw unknown(name, Basics.Task.allCases.map(\.rawValue), path: path)
        }
        file.objective.task = task
      case "target": file.objective.target = try text(value, path)
      case "positive": file.objective.positive = try scalarText(value, path)
      case "goal": try goal(value, path)
      case "point": file.objective.goalIsPoint = try truth(value, path)
      case "costs": file.objective.costs = try costs(value, path)
      case "guardrails":
        guard let list = value.arrayValue else { throw expected("a list", path) }
        file.objective.guardrails = list
      case "constraints": file.objective.constraints = try constraints(value, path)
      case "prefer": file.objective.preference = try Preference(named: text(value, path))
      default: throw unknown(key, known, path: path)
      }
    }
  }

  private mutating func goal(_ value: JSONValue, _ path: String) throws {
    if case .object(let pairs) = value {
      for (key, value) in pairs {
        switch key {
        case "metric", "goal": file.objective.goal = try text(value, "\(path).\(key)")
        case "point": file.objective.goalIsPoint = try truth(value, "\(path).point")
        default: throw unknown(key, ["goal", "point"], path: "\(path).\(key)")
        }
      }
    } else {
      file.objective.goal = try text(value, path)
    }
  }

  private func costs(_ value: JSONValue, _ path: String) throws -> ProjectObjective.Costs {
    var costs = ProjectObjective.Costs(falsePositive: 1, falseNegative: 1)
    for (key, value) in try object(value, path) {
      guard let number = value.doubleValue, number >= 0 else {
        throw expected("a number of at least 0", "\(path).\(key)")
      }
      switch key {
      case "false_positive": costs.falsePositive = number
      case "false_negative": costs.falseNegative = number
      default: throw unknown(key, ["false_positive", "false_negative"], path: "\(path).\(key)")
      }
    }
    return costs
  }

  private mutating func data(_ value: JSONValue) throws {
    for (key, value) in try object(value, "data") {
      let path = "data.\(key)"
      switch key {
      case "sources":
        guard let list = value.arrayValue else { throw expected("a list such as [{csv: data.csv}]", path) }
        file.sources = try list.map { try source($0, path) }
      case "contract": try contract(value, path)
      case "private": file.privateColumns = try texts(value, path)
      case "protected": file.protectedColumns = try texts(value, path)
      case "weights": file.weightsColumn = try scalarText(value, path)
      default: throw unknown(key, ["sources", "contract", "private", "protected", "weights"], path: path)
      }
    }
  }

  private func source(_ value: JSONValue, _ path: String) throws -> ProjectFile.DataSource {
    let later = ["parquet", "sqlite", "postgres", "http", "mqtt", "images", "texts", "events"]
    guard let pairs = value.objectValue, pairs.count == 1, let (kind, pattern) = pairs.first else {
      throw expected("one kind and a path, such as {csv: data.csv}", path)
    }
    if later.contains(kind) {
      throw MLError(
        .invalidParameter, "\(document.origin): source kind '\(kind)' cannot be read by this version (\(line(path))).",
        hint: "Export it to csv or jsonl.", field: path)
    }
    guard ["csv", "jsonl"].contains(kind) else { throw unknown(kind, ["csv", "jsonl"], path: path) }
    return .init(kind: kind, pattern: try text(pattern, path))
  }

  private mutating func contract(_ value: JSONValue, _ path: String) throws {
    if value.stringValue == "auto" { return }
    for (column, kind) in try object(value, path) {
      let name = try text(kind, "\(path).\(column)")
      guard ColumnKind(rawValue: name) != nil, name != "vector" else {
        throw unknown(name, ColumnKind.allCases.map(\.rawValue).filter { $0 != "vector" }, path: "\(path).\(column)")
      }
      file.kinds[column] = name
    }
  }

  private mutating func train(_ value: JSONValue) throws {
    for (key, value) in try object(value, "train") {
      let path = "train.\(key)"
      switch key {
      case "algorithms": if value.stringValue != "auto" { file.training.algorithms = try texts(value, path) }
      case "folds":
        guard let count = value.integerValue, (2...20).contains(count) else {
          throw expected("an integer in 2…20", path)
        }
        file.training.folds = Int(count)
      case "trials":
        guard let count = value.integerValue, (1...10_000).contains(count) else {
          throw expected("an integer of at least 1", path)
        }
        file.training.budget = .trials(Int(count))
      case "budget": file.training.budget = try .init(parsing: scalarText(value, path))
      case "class_weight": try classWeight(value, path)
      case "settings":
        for (name, settings) in try object(value, path) {
          file.training.settings[name] = .object(try object(settings, "\(path).\(name)"))
        }
      default: throw unknown(key, ["algorithms", "settings", "folds", "trials", "budget", "class_weight"], path: path)
      }
    }
  }

  private mutating func watch(_ value: JSONValue) throws {
    for (key, value) in try object(value, "watch") {
      let path = "watch.\(key)"
      switch key {
      case "window":
        file.windowSeconds = try seconds(value, path)
        unsupported(path)
      case "drift": if value.stringValue != "auto" { throw expected("auto", path) }
      case "alerts": unsupported(path)
      default: throw unknown(key, ["window", "drift", "alerts"], path: path)
      }
    }
  }

  private mutating func retrain(_ value: JSONValue) throws {
    for (key, value) in try object(value, "retrain") {
      let path = "retrain.\(key)"
      switch key {
      case "when":
        file.retrainWhen = try texts(value, path).map { try trigger($0, path) }
        unsupported(path)
      case "data":
        let words = try text(value, path).split(separator: " ").map(String.init)
        if words == ["all"] { continue }
        guard words.count == 2, words[0] == "sliding", words[1].hasSuffix("d"), let days = Int(words[1].dropLast()),
          days > 0
        else {
          throw expected("all, or sliding with days such as 'sliding 90d'", path)
        }
        file.slidingDays = days
        unsupported(path)
      default: throw unknown(key, ["when", "data"], path: path)
      }
    }
  }

  private func trigger(_ words: String, _ path: String) throws -> RetrainTrigger {
    if words == "drift" { return .drift }
    if words == "performance" { return .performance }
    if words.hasPrefix("every ") {
      return .every(days: Double(try seconds(.string(String(words.dropFirst(6))), path)) / 86_400)
    }
    if words.hasSuffix(" labels"), let count = Int(words.dropLast(7)), count > 0 { return .labels(count) }
    throw unknown(words, ["drift", "performance", "every 7d", "1000 labels"], path: path)
  }
}

extension ProjectReader {
  private func line(_ path: String) -> String { document.lines[path].map { "line \($0)" } ?? "'\(path)'" }

  func expected(_ what: String, _ path: String) -> MLError {
    MLError(.invalidParameter, "\(document.origin): '\(path)' must be \(what) (\(line(path))).", field: path)
  }

  func unknown(_ name: String, _ known: [String], path: String) -> MLError {
    MLError.unknown("key", name, among: known, in: "\(document.origin), \(line(path))", code: .invalidParameter)
  }

  func object(_ value: JSONValue, _ path: String) throws -> [(String, JSONValue)] {
    if value.isNull { return [] }
    guard let pairs = value.objectValue else { throw expected("a group of keys", path.isEmpty ? "the file" : path) }
    return pairs
  }

  func text(_ value: JSONValue, _ path: String) throws -> String {
    guard let text = value.stringValue, !text.isEmpty else { throw expected("a text", path) }
    return text
  }

  func scalarText(_ value: JSONValue, _ path: String) throws -> String {
    switch value {
    case .string(let text): return text
    case .integer(let number): return String(number)
    case .number(let number): return NumberText.shortest(number)
    case .boolean(let truth): return truth ? "true" : "false"
    default: throw expected("a text", path)
    }
  }

  func truth(_ value: JSONValue, _ path: String) throws -> Bool {
    guard let truth = value.boolValue else { throw expected("true or false", path) }
    return truth
  }

  func texts(_ value: JSONValue, _ path: String) throws -> [String] {
    guard let list = value.arrayValue else { return [try scalarText(value, path)] }
    return try list.map { try scalarText($0, path) }
  }

  func seconds(_ value: JSONValue, _ path: String) throws -> Int {
    let text = try scalarText(value, path)
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()), count > 0 else {
      throw expected("a time such as 30m, 1h or 7d", path)
    }
    return unit * count
  }
}
