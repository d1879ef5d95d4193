import ArgumentParser
import Basics
import Lifecycle

struct DemoCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Live a whole life on real data: train, gate, serve, drift, labels, retrain.",
    discussion: """
      Example:  apus demo

      The table is real and ships in the binary: minutes of sensor readings from an office room, and whether somebody \
      was in it (Candanedo and Feldheim 2016, CC BY 4.0). It takes under two minutes on two cores and stays up \
      with the dashboard until Ctrl-C.
      """)

  @Flag(name: .customLong("exit"), help: "End after the last stage instead of staying up.")
  var exitAtEnd = false
  @Option(help: ArgumentHelp("Port of the server and the dashboard (default: a free one).", valueName: "port"))
  var port = 0
  @OptionGroup var common: CommonOptions

  func perform(_ session: Session) async throws -> Int32 {
    let folder =
      try common.workspace.map { FileSystem.absolute($0) } ?? FileSystem.temporaryDirectory(prefix: "apus-demo")
      + "/.apus"
    guard !FileSystem.exists(folder + "/apus.sqlite") else {
      throw MLError(
        .conflict, "\(folder): holds a workspace already.", hint: "Name a new folder with --workspace, or leave it out."
      )
    }
    let demo = try Demo(folder: folder, port: port, session: session, seed: Seed(common.seed))
    return try await demo.run(staysUp: !exitAtEnd)
  }
}
