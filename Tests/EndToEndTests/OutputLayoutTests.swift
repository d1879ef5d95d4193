import Basics
import CLI
import Foundation
import Synchronization
import Testing

@Suite struct TextTableTests {
  private var table: TextTable {
    var table = TextTable([.text("column"), .number("distance"), .wrapping("why")])
    table.append(["Temperature", "0.31", "moved up by half a standard deviation since training"])
    table.append(["CO2", "12.04", "stable"])
    return table
  }

  @Test func numbersAtTheRightAndNoTrailingSpaces() {
    #expect(
      table.lines(on: Terminal(width: 100)) == [
        "column       distance  why",
        "───────────────────────────────────────────────────────────────────────────",
        "Temperature      0.31  moved up by half a standard deviation since training",
        "CO2             12.04  stable",
      ])
  }

  @Test func widestTextColumnIsWrappedToFit() {
    let lines = table.lines(on: Terminal(width: 50))
    #expect(
      lines == [
        "column       distance  why",
        "──────────────────────────────────────────────────",
        "Temperature      0.31  moved up by half a standard",
        "                       deviation since training",
        "CO2             12.04  stable",
      ])
  }

  @Test func everyLineFitsWhenItCan() {
    for width in 30...120 {
      for line in table.lines(on: Terminal(width: width)) { #expect(DisplayWidth.of(line) <= width, "\(line)") }
    }
  }

  @Test func shortRowsAndLineBreaksInCells() {
    var table = TextTable([.text("name"), .text("value")])
    table.append(["a\nb"])
    #expect(table.lines(on: Terminal())[2] == "a b")
  }
}

@Suite struct BoxTests {
  private var box: Box {
    Box(
      "occupancy@1 is champion",
      lines: ["roc_auc 0.997 (0.995 … 0.998) on 1,629 sealed rows; the gate asked for 0.95."],
      next: [
        .init("apus serve", "open http://127.0.0.1:8080"),
        .init("apus predict occupancy --data new.csv --output predictions.csv --workspace .apus", "score rows"),
      ])
  }

  @Test func frameWithWhatToTypeNext() {
    let expected = """
      ╭─ occupancy@1 is champion ────────────────────────────────────────────────────╮
      │ roc_auc 0.997 (0.995 … 0.998) on 1,629 sealed rows; the gate asked for 0.95. │
      │                                                                              │
      │ Next                                                                         │
      │   apus serve   open http://127.0.0.1:8080                                    │
      │   apus predict occupancy --data new.csv --output predictions.csv --workspace .apus
      │       score rows                                                             │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      """
    #expect(box.lines(on: Terminal(width: 200)).joined(separator: "\n") == expected)
  }

  @Test func frameLinesAreAsWideAsTheTerminalAtMost() {
    for width in 40...90 {
      let commandWidth = box.next.map { $0.command.count + 4 }.max() ?? 0
      for line in box.lines(on: Terminal(width: width)) where !line.contains("apus predict") {
        #expect(DisplayWidth.of(line) == min(80, width), "\(line)")
      }
      #expect(box.lines(on: Terminal(width: width)).allSatisfy { DisplayWidth.of($0) <= max(width, commandWidth) })
    }
  }
}

@Suite struct ProgressTests {
  /// A clock that a test sets.
  private final class HandClock: Sendable {
    private let seconds = Mutex(0.0)
    var now: Double {
      get { seconds.withLock { $0 } }
      set { seconds.withLock { $0 = newValue } }
    }
  }

  @Test func terminalLineIsRepaintedTenTimesASecondAtMost() {
    let sink = MemoryOutput()
    let clock = HandClock()
    let progress = ProgressReporter(sink: sink, terminal: Terminal(isInteractive: true, width: 60)) { clock.now }
    progress.begin("Training")
    for step in 1...100 {
      clock.now = 0.02 * Double(step)
      progress.update(Double(step) / 100, detail: "roc_auc 0.99")
    }
    progress.finish("done")
    let frames = sink.text.components(separatedBy: "\r\u{1B}[2K")
    #expect((18...23).contains(frames.count), "\(frames.count)")
    #expect(frames[1] == "Training")
    #expect(
      frames.contains { $0.hasPrefix("Training  ██████████░░░░░░░░░░  5") && $0.contains("1 s left") }, "\(frames)")
    #expect(frames.last == "done\n")
    #expect(frames.allSatisfy { DisplayWidth.of($0) < 60 })
  }

  @Test func fileGetsAPlainLineEveryFewSeconds() {
    let sink = MemoryOutput()
    let clock = HandClock()
    let progress = ProgressReporter(sink: sink, terminal: Terminal()) { clock.now }
    progress.begin("Training")
    for step in 1...120 {
      clock.now = 0.1 * Double(step)
      progress.update(Double(step) / 120, detail: nil)
    }
    progress.finish("done")
    #expect(sink.text == "Training  41 %  7 s left\nTraining  83 %  2 s left\ndone\n")
  }

  @Test func silentReporterWritesNothing() {
    let sink = MemoryOutput()
    let progress = ProgressReporter(sink: sink, terminal: Terminal(isInteractive: true), isSilent: true) { 0 }
    progress.begin("Training")
    progress.update(0.5)
    progress.finish("done")
    #expect(sink.text.isEmpty)
  }

  @Test func narratorTellsStages() async throws {
    let sink = MemoryOutput()
    let clock = HandClock()
    let narrator = Narrator(stageCount: 9, sink: sink, terminal: Terminal()) { clock.now }
    let rows = try await narrator.stage("Reading occupancy.csv") {
      clock.now = 0.1
      return (8143, "8,143 rows × 6 columns")
    }
    #expect(rows == 8143)
    narrator.note("header found; 6 numbers")
    await #expect(throws: MLError.self) {
      try await narrator.stage("Training") { () -> (Int, String) in throw MLError(.cancelled, "fit: stopped.") }
    }
    #expect(
      sink.text == """
        1/9  Reading occupancy.csv …  ✓ 8,143 rows × 6 columns  0.1 s
             header found; 6 numbers
        2/9  Training …  ✗ failed  0 s

        """)
  }
}

@Suite struct OutputTests {
  private func output(_ mode: OutputMode, colors: Bool = false) -> (Output, MemoryOutput, MemoryOutput) {
    let results = MemoryOutput()
    let messages = MemoryOutput()
    let terminal = Terminal(hasColor: colors)
    let output = Output(
      mode: mode, results: results, messages: messages, resultTerminal: terminal, messageTerminal: terminal)
    return (output, results, messages)
  }

  private func everything(_ output: Output) {
    output.line("result")
    output.note("note")
    output.box(Box("end"))
    output.document(["answer": 42])
    output.progress().finish("progress")
    output.narrator(stageCount: 1).finish("stage")
  }

  @Test func jsonModeWritesOneDocumentAndNothingElse() throws {
    let (output, results, messages) = output(.json)
    everything(output)
    #expect(try JSONValue(parsing: results.text) == ["answer": 42])
    #expect(messages.text.isEmpty)
  }

  @Test func quietModeWritesResultsOnly() {
    let (output, results, messages) = output(.quiet)
    everything(output)
    #expect(results.text == "result\n")
    #expect(messages.text.isEmpty)
  }

  @Test func humanModeKeepsResultsApart() {
    let (output, results, messages) = output(.human)
    everything(output)
    #expect(results.text == "result\n")
    #expect(messages.text.hasPrefix("note\n╭─ end ─"))
    #expect(messages.text.contains("progress\n"))
    #expect(!messages.text.contains("\u{1B}"))
  }

  @Test func errorsTeachAndSetTheExitStatus() throws {
    let error = MLError(
      .notFound, "adult.csv: no column 'incme' (14 columns).", hint: "Did you mean 'income'?", field: "incme")
    let (human, humanResults, humanMessages) = output(.human)
    #expect(human.report(error) == 66)
    #expect(humanResults.text.isEmpty)
    #expect(
      humanMessages.text == """
        error: adult.csv: no column 'incme' (14 columns).
         hint: Did you mean 'income'?

        """)
    let (json, jsonResults, jsonMessages) = output(.json)
    #expect(json.report(error) == 66)
    let body = try JSONValue(parsing: jsonResults.text)["error"]
    #expect(body?["code"] == "not-found")
    #expect(body?["field"] == "incme")
    #expect(jsonMessages.text.isEmpty)
  }

  @Test func errorAfterTheDocumentDoesNotAddASecondOne() throws {
    let (json, results, messages) = output(.json)
    json.document(["drift": true])
    #expect(json.report(CancellationError()) == 130)
    #expect(try JSONValue(parsing: results.text) == ["drift": true])
    #expect(try JSONValue(parsing: messages.text)["error"]?["code"] == "cancelled")
  }

  @Test func foreignErrorsAreInternal() {
    struct Odd: Error {}
    let (human, _, messages) = output(.quiet)
    #expect(human.report(Odd()) == 70)
    #expect(messages.text.contains("Odd"))
  }

  @Test func colorOnlyWhereTheTerminalHasIt() {
    let (human, _, messages) = output(.human, colors: true)
    human.warning("look")
    #expect(messages.text == "\u{1B}[33mwarning:\u{1B}[0m look\n")
  }
}

@Suite struct DemoDataTests {
  @Test func tableAndNoticeAreWhole() {
    let lines = String(decoding: DemoData.csv, as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 8144)
    #expect(lines[0] == "date,Temperature,Humidity,Light,CO2,HumidityRatio,Occupancy")
    #expect(lines.last == "2015-02-10 09:33:00,21.1,36.2,447,821,0.00561206354418701,1")
    #expect(Digest(of: DemoData.csv).hex == "27fd7a3e4524283e18d07f6221b7cf0d9cb008aafb0408290cfcaaff80364f7b")
    #expect(DemoData.notice.contains("CC BY 4.0"))
  }
}
