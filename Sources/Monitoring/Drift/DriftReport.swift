package import Basics
package import Modeling

/// What a window says of drift.
package struct DriftReport: Sendable, Hashable, Codable {
  /// The answer in one word.
  package enum State: String, Sendable, Hashable, Codable, CaseIterable {
    /// Too few rows for a verdict.
    case notEnoughRows = "not-enough-rows"
    /// Nothing moved by more than matters.
    case still
    /// Something did.
    case drifted
  }

  /// Rows of the window.
  package var rowCount: Int
  /// Rows a verdict needs.
  package var minimumRows: Int
  /// The answer.
  package var state: State
  /// Features and then what the model says, in reference order until `rank`.
  package var columns: [ColumnDrift]
  /// What to know and do.
  package var findings: [Finding]

  /// Whether anything drifted.
  package var drift: Bool { state == .drifted }

  /// The verdict in words.
  package var sentence: String {
    let names = columns.filter(\.drifted).map(\.name)
    switch state {
    case .notEnoughRows: return "not enough rows yet: \(rowCount) of \(minimumRows)"
    case .still: return "no drift in \(columns.count) columns over \(rowCount) rows"
    case .drifted:
      let shown = names.prefix(3).joined(separator: ", ")
      let more = names.count > 3 ? " and \(names.count - 3) more" : ""
      return "drift in \(names.count) of \(columns.count) columns over \(rowCount) rows: \(shown)\(more)"
    }
  }

  /// Writes what the changes do to predictions into the columns and sorts them: drifted first, then by impact, distance
  /// and name.
  package mutating func rank(by impacts: [String: Double]) {
    for index in columns.indices { columns[index].impact = impacts[columns[index].name] ?? columns[index].impact }
    columns.sort { a, b in
      if a.drifted != b.drifted { return a.drifted }
      if a.impact != b.impact { return (a.impact ?? -1) > (b.impact ?? -1) }
      return a.value != b.value ? a.value > b.value : a.name < b.name
    }
    for index in findings.indices where findings[index].kind == DriftFindings.driftKind {
      guard let name = findings[index].subject, let impact = impacts[name] else { continue }
      findings[index].evidence["impact"] = .finite(impact)
    }
    findings.sort {
      $0.severity != $1.severity ? $0.severity > $1.severity : Self.impact($0) > Self.impact($1)
    }
  }

  private static func impact(_ finding: Finding) -> Double { finding.evidence["impact"]?.doubleValue ?? -1 }

  /// `{"drift", "columns", "findings"}`, the part of `watch --json` that this report fills.
  package var json: JSONValue {
    .object([
      ("drift", .boolean(drift)), ("columns", .array(columns.map(\.json))),
      ("findings", .array(findings.map(\.json))),
    ])
  }

  enum CodingKeys: String, CodingKey {
    case state, columns, findings
    case rowCount = "rows"
    case minimumRows = "minimum_rows"
  }
}
