/// Who reads the output.
package enum OutputMode: String, Sendable, Hashable, CaseIterable {
  /// A person: tables, narration, progress.
  case human
  /// A program: exactly one JSON document on standard output.
  case json
  /// A person who wants results and errors only.
  case quiet

  /// The mode that the flags of a command ask for; `--json` also silences what `--quiet` does.
  package init(json: Bool, quiet: Bool) { self = json ? .json : quiet ? .quiet : .human }
}
