package import Basics
import Synchronization

/// What a command says: results to standard output, all else to standard error, one JSON document with `--json`.
package final class Output: Sendable {
  /// Who reads.
  package let mode: OutputMode
  /// What standard output can show.
  package let resultTerminal: Terminal
  /// What standard error can show.
  package let messageTerminal: Terminal
  private let results: any OutputSink
  private let messages: any OutputSink
  private let hasDocument = Mutex(false)

  /// Output to the standard streams.
  package convenience init(mode: OutputMode, environment: [String: String]) {
    self.init(
      mode: mode, results: StandardStream.output, messages: StandardStream.errors,
      resultTerminal: Terminal(.output, environment: environment),
      messageTerminal: Terminal(.errors, environment: environment))
  }

  /// Output to sinks of the caller's choice.
  package init(
    mode: OutputMode, results: any OutputSink, messages: any OutputSink, resultTerminal: Terminal = Terminal(),
    messageTerminal: Terminal = Terminal()
  ) {
    self.mode = mode
    self.results = results
    self.messages = messages
    self.resultTerminal = resultTerminal
    self.messageTerminal = messageTerminal
  }

  /// Writes one line of a result; nothing with `--json`.
  package func line(_ text: String = "") {
    guard mode != .json else { return }
    results.write(resultTerminal.rendered(text) + "\n")
  }

  /// Writes bytes of data (predictions, an exported file) as they are, in every mode.
  package func data(_ text: String) { results.write(text) }

  /// Writes a table as result; nothing with `--json`.
  package func table(_ table: TextTable) { table.lines(on: resultTerminal).forEach { line($0) } }

  /// Writes the command's document with `--json`; nothing otherwise. To be called once.
  package func document(_ json: @autoclosure () -> JSONValue) {
    guard mode == .json else { return }
    precondition(claimDocument(), "one document a command")
    results.write(json().pretty + "\n")
  }

  /// Writes a line for the person watching: a note, a warning; nothing with `--json` or `--quiet`.
  package func note(_ text: String = "") {
    guard mode == .human else { return }
    messages.write(messageTerminal.rendered(text) + "\n")
  }

  /// Writes a line that somebody asked to see while the work goes on, in every mode, to standard error.
  package func message(_ text: String) { messages.write(messageTerminal.rendered(text) + "\n") }

  /// Writes a warning, in every mode, to standard error.
  package func warning(_ text: String) {
    messages.write(messageTerminal.rendered(TextStyle.yellow("warning:", on: messageTerminal) + " " + text) + "\n")
  }

  /// Writes the box that ends a command; nothing with `--json` or `--quiet`.
  package func box(_ box: Box) {
    guard mode == .human else { return }
    box.lines(on: messageTerminal).forEach { note($0) }
  }

  /// Reports progress of one long step; silent with `--json` and `--quiet`.
  package func progress() -> ProgressReporter {
    ProgressReporter(sink: messages, terminal: messageTerminal, isSilent: mode != .human)
  }

  /// Tells a command of `stageCount` stages; silent with `--json` and `--quiet`.
  package func narrator(stageCount: Int) -> Narrator {
    Narrator(stageCount: stageCount, sink: messages, terminal: messageTerminal, isSilent: mode != .human)
  }

  /// Says what went wrong and returns the exit status.
  ///
  /// Message and hint to standard error; with `--json` `{"error": …}` to standard output (to standard error if the
  /// document is already out).
  package func report(_ error: any Error) -> Int32 {
    let error = MLError(describing: error)
    if mode == .json {
      (claimDocument() ? results : messages).write(error.json.pretty + "\n")
    } else {
      var text = TextStyle.red("error:", on: messageTerminal) + " " + error.message
      if let hint = error.hint { text += "\n" + TextStyle.cyan(" hint:", on: messageTerminal) + " " + hint }
      messages.write(messageTerminal.rendered(text) + "\n")
    }
    return error.code.exitStatus
  }

  private func claimDocument() -> Bool {
    hasDocument.withLock { isOut in
      defer { isOut = true }
      return !isOut
    }
  }
}

extension MLError {
  /// `error` itself, or one of ours that carries it.
  package init(describing error: any Error) {
    if let known = error as? MLError {
      self = known
    } else if error is CancellationError {
      self.init(.cancelled, "stopped on request.")
    } else {
      self.init(
        .internalFailure, "unexpected failure: \(error).", hint: "Report it with the command you ran.", cause: error)
    }
  }
}
