package import Basics

/// What to train, from what, towards what.
package struct TrainRequest: Sendable {
  /// The resolved project: target, goal, budget, gate.
  package var project: ProjectFile
  /// Name the model is registered under.
  package var model: String
  /// Where rows come from.
  package var data: Data
  /// Rows that take the place of the sealed test set.
  package var testFile: String?
  /// Repeating a finished run of this name returns its report instead of doing it twice.
  package var runID: String?
  /// `train` or `retrain`.
  package var kind = "train"
  /// Why, for the story.
  package var reason: String?
  /// A version whose training is repeated: it is compared, nothing is registered.
  package var reproduces: Reproduction?
  /// Text of the project file as it was, for the record.
  package var projectText = ""

  /// What a repeated training is held against.
  package struct Reproduction: Sendable {
    /// Digest of the archive that must come out.
    package var expected: Digest
    /// The champion of that day; `nil`: there was none.
    package var champion: String?
  }

  /// Where rows come from.
  package enum Data: Sendable {
    /// Files to import.
    case files([String])
    /// A dataset in memory and in the workspace.
    case dataset(Dataset)
  }

  /// Makes a request.
  package init(project: ProjectFile, model: String, data: Data) {
    self.project = project
    self.model = model
    self.data = data
  }
}

/// What came of a training run: the document of `train --json` and what people are shown.
package struct TrainReport: Sendable {
  /// The document of `train --json` (DESIGN § 4).
  package var json: JSONValue
  /// `name@version`.
  package var reference: String
  /// Whether the gate was passed.
  package var passed: Bool
  /// Whether the version became champion.
  package var promoted: Bool

  /// Reads a report back from its document.
  package init(json: JSONValue) {
    self.json = json
    reference = json["model"]?.stringValue ?? ""
    passed = json["gate"]?["passed"]?.boolValue ?? false
    promoted = json["promoted"]?.boolValue ?? false
  }
}
