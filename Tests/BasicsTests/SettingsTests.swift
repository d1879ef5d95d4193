import Basics
import Testing

@Suite struct SuggestionsTests {
  private let names = ["income", "age", "education", "hours-per-week", "roc_auc"]

  @Test(arguments: [
    ("incme", "income"), ("incmoe", "income"), ("Income", "income"), ("educ", "education"),
    ("hours_per_week", "hours-per-week"),
    ("rocauc", "roc_auc"), ("agee", "age"),
  ])
  func closeNames(typed: String, meant: String) {
    #expect(Suggestions.closest(to: typed, in: names).first == meant)
  }

  @Test(arguments: ["", "zzzzzz", "occupation"])
  func nothingIsCloseToOthers(typed: String) { #expect(Suggestions.closest(to: typed, in: names) == []) }

  @Test func bestFirstThenListingOrderAndNoMoreThanAsked() {
    #expect(Suggestions.closest(to: "aab", in: ["aac", "aab", "aad", "aae"], limit: 3) == ["aab", "aac", "aad"])
  }

  @Test func unknownNamesTeach() {
    let close = MLError.unknown("column", "incme", among: names, in: "adult.csv")
    #expect(close.hint == "Did you mean 'income'?")
    #expect(close.field == "incme")
    let far = MLError.unknown("column", "zzzzzz", among: names, in: "adult.csv")
    #expect(far.hint == "Choose one of: income, age, education, hours-per-week, roc_auc.")
    #expect(MLError.unknown("model", "x", among: [], in: "workspace").hint == "There is no model yet.")
  }
}

/// Settings as an entry of a catalog has them.
private struct Sample: Described, Codable, Hashable {
  var learningRate = 0.1
  var leaves = 31
  var kind = "fast"
  var isBold = false
  enum CodingKeys: String, CodingKey {
    case learningRate = "learning_rate"
    case leaves, kind
    case isBold = "is_bold"
  }
  static let card = Card(
    name: "sample", summary: "A sample.",
    hyperparameters: [
      .init("learning_rate", "Step.", .real(0.001...1, logarithmic: true)),
      .init("leaves", "Leaves.", .integer(2...1000, logarithmic: false)),
      .init("kind", "Kind.", .choice(["fast", "slow"])), .init("is_bold", "Bold.", .boolean),
    ], source: "None.")
}

@Suite struct ConfigurationTests {
  private func decoded(_ settings: JSONValue) throws -> Sample {
    try Configuration.decode(Sample.self, defaults: Sample(), settings: settings)
  }

  @Test func settingsLieOverDefaults() throws {
    #expect(try decoded([:]) == Sample())
    #expect(try decoded(["leaves": 7, "kind": "slow"]) == Sample(leaves: 7, kind: "slow"))
    #expect(try decoded(["leaves": 8.0, "learning_rate": 1]) == Sample(learningRate: 1, leaves: 8))
    #expect(try Configuration.encode(Sample()).objectValue?.map(\.0) == ["is_bold", "kind", "learning_rate", "leaves"])
  }

  @Test(
    arguments: [
      (["learning_rate": 1.5], "learning_rate"), (["learning_rate": 0], "learning_rate"),
      (["learning_rate": "x"], "learning_rate"),
      (["learning_rate": nil], "learning_rate"), (["leaves": 1], "leaves"), (["leaves": 2.5], "leaves"),
      (["leaves": 1e300], "leaves"),
      (["kind": "fsat"], "kind"), (["kind": 1], "kind"), (["is_bold": 1], "is_bold"), (["is_bold": "true"], "is_bold"),
    ] as [(JSONValue, String)])
  func valuesOutOfRangeAreNamed(settings: JSONValue, name: String) {
    let error = #expect(throws: MLError.self) { try decoded(settings) }
    #expect(error?.code == .invalidParameter)
    #expect(error?.field == name)
    #expect(error?.message.contains("'\(name)'") == true)
  }

  @Test func unknownKeysComeWithASuggestion() {
    let error = #expect(throws: MLError.self) { try decoded(["learning_rte": 0.1]) }
    #expect(error?.code == .invalidParameter)
    #expect(error?.hint == "Did you mean 'learning_rate'?")
    #expect(throws: MLError.self) { try decoded([1]) }
  }

  @Test func shapesThatDoNotFitAreInvalidData() {
    let error = #expect(throws: MLError.self) { try Configuration.decode([Int].self, from: ["a"]) }
    #expect(error?.code == .invalidData)
  }

  @Test func catalogFindsByNameAndSuggests() throws {
    let catalog = Catalog("step", [Sample.card]) { $0 }
    #expect(try catalog.entry("sample") == Sample.card)
    let error = #expect(throws: MLError.self) { try catalog.entry("smaple") }
    #expect(error?.code == .invalidParameter)
    #expect(error?.hint == "Did you mean 'sample'?")
  }
}

@Suite struct MLErrorTests {
  /// The table of codes is a promise to scripts and clients.
  @Test func statusOfEveryCode() {
    let table = MLError.Code.allCases.map { "\($0.rawValue) \($0.httpStatus) \($0.exitStatus)" }
    #expect(
      table == [
        "invalid-parameter 400 64", "schema-mismatch 422 65", "shape-mismatch 422 65", "invalid-data 422 65",
        "not-found 404 66", "unavailable 503 69", "internal 500 70", "conflict 409 73", "corrupt-file 500 74",
        "io 500 74",
        "unsupported-version 409 65", "cancelled 503 130", "unauthorized 401 77", "too-large 413 65",
      ])
  }

  @Test func jsonShapeKeepsAllFields() {
    #expect(
      MLError(.io, "x.csv: cannot read.").json.compact
        == #"{"error":{"code":"io","message":"x.csv: cannot read.","hint":null,"field":null}}"#)
  }
}
