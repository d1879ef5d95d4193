import ArgumentParser
import Basics
import Foundation
import Lifecycle

/// The program: parses the command line, runs a verb, turns errors into messages and exit statuses.
public enum Program {
  /// Runs the command line of this process and exits with its status.
  public static func main() async {
    signal(SIGPIPE, SIG_IGN)
    let status = await run(Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment)
    exit(status)
  }

  /// Runs `arguments` and returns the exit status.
  package static func run(_ arguments: [String], environment: [String: String]) async -> Int32 {
    let mode = OutputMode(json: arguments.contains("--json"), quiet: arguments.contains("--quiet"))
    let output = Output(mode: mode, environment: environment)
    do {
      try refuseUnknownVerb(arguments)
      let command = try Apus.parseAsRoot(arguments)
      if let verb = command as? any Verb {
        let session = Session(common: verb.common, output: output, environment: environment)
        do { return try await verb.perform(session) } catch {
          session.endNarration()
          throw error
        }
      }
      var other = command
      try other.run()
      return 0
    } catch let error as MLError {
      return output.report(error)
    } catch let code as ExitCode {
      return code.rawValue
    } catch {
      return parsingFailure(error, output)
    }
  }

  /// Help and version go to standard output; what cannot be parsed is an error like any other.
  private static func parsingFailure(_ error: any Error, _ output: Output) -> Int32 {
    let code = Apus.exitCode(for: error)
    if code == .success {
      output.data(Apus.fullMessage(for: error) + "\n")
      return 0
    }
    if code == .validationFailure {
      let text = Apus.message(for: error)
      let usage = Apus.fullMessage(for: error).split(separator: "\n").first { $0.hasPrefix("Usage:") }
      return output.report(
        MLError(.invalidParameter, text, hint: usage.map { String($0) } ?? "See: apus --help"))
    }
    return output.report(error)
  }

  private static func refuseUnknownVerb(_ arguments: [String]) throws {
    guard let verb = arguments.first, !verb.hasPrefix("-") else { return }
    let known = Apus.configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    guard !known.contains(verb) else { return }
    var error = MLError.unknown("verb", verb, among: known, in: "apus", code: .invalidParameter)
    error.message = "apus: there is no verb '\(verb)'."
    if let close = Suggestions.closest(to: verb, in: known).first {
      error.hint = "Did you mean 'apus \(close)'?"
    } else {
      error.hint = "See: apus --help"
    }
    throw error
  }
}

/// The command line of DESIGN § 4: one verb per stage.
struct Apus: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apus",
    abstract: "The whole life of a machine-learning model: train, gate, serve, watch, retrain.",
    discussion: """
      Begin with `apus demo`, or with data of your own: `apus train data.csv --target COLUMN`.

      Exit status: 0 done, 1 the answer is no (gate missed, drift found with --fail-on-drift, check failed), \
      64 and above an error.
      """,
    version: Release.version,
    subcommands: [
      DemoCommand.self, NewCommand.self, CheckCommand.self, DataCommand.self, TrainCommand.self, EvaluateCommand.self,
      ExplainCommand.self,
      CompareCommand.self, PredictCommand.self, ModelsCommand.self, RunsCommand.self, ReproduceCommand.self,
      ServeCommand.self,
      WatchCommand.self, FeedbackCommand.self, RetrainCommand.self, StatusCommand.self, DoctorCommand.self,
    ])
}
