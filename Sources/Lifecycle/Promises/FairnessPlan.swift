package import Basics
package import Evaluation

/// What is done so that groups are treated alike.
package struct FairnessPlan: Sendable, Hashable {
  /// How; `nil`: gaps are reported, nothing is done.
  package var mitigation: Mitigation?
  /// What must be alike; `nil`: what a fairness guardrail asks for, else demographic parity.
  package var constraint: FairnessMetric?
  /// Largest gap aimed at; `nil`: what a fairness guardrail allows, else 0.02.
  package var atMost: Double?

  /// How groups are made to be treated alike.
  package enum Mitigation: String, Sendable, Hashable, CaseIterable {
    /// Rows are weighted until class and group are independent; the model never sees the group.
    case reweighing
    /// Every group has a threshold of its own; the group must be known when predicting.
    case thresholds
  }

  /// Largest gap aimed at unless told otherwise.
  package static let usualLimit = 0.02

  /// Nothing is done.
  package init() {}

  /// Reads `reweighing`, `thresholds` or `thresholds=equal_opportunity` over what is there.
  ///
  /// - Throws: `.invalidParameter` with the closest names.
  package mutating func read(_ text: String) throws {
    let words = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard let name = words.first, let mitigation = Mitigation(rawValue: name) else {
      throw MLError.unknown(
        "mitigation", words.first ?? text, among: Mitigation.allCases.map(\.rawValue), in: "mitigate",
        code: .invalidParameter)
    }
    self.mitigation = mitigation
    if words.count > 1 { constraint = try FairnessMetric(named: words[1]) }
  }

  /// `{"mitigate", "constraint", "at_most"}`, what is not asked left out.
  package var json: JSONValue {
    var json: JSONValue = .object([])
    if let mitigation { json["mitigate"] = .string(mitigation.rawValue) }
    if let constraint { json["constraint"] = .string(constraint.rawValue) }
    if let atMost { json["at_most"] = .number(atMost) }
    return json
  }

  /// Reads what `json` wrote.
  package init(json: JSONValue?) {
    mitigation = (json?["mitigate"]?.stringValue).flatMap(Mitigation.init(rawValue:))
    constraint = (json?["constraint"]?.stringValue).flatMap(FairnessMetric.init(rawValue:))
    atMost = json?["at_most"]?.doubleValue
  }
}
