import ArgumentParser
import Basics
import Dashboard
import HTTP
import Lifecycle
import Logging
import Modeling
import Serving

struct ServeCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Answer requests, log predictions, watch, and show the dashboard.",
    discussion: """
      Example:  apus serve --port 8080

      POST /api/v1/models/NAME/predict {"rows": [{…}]} answers with predictions that carry ids; the dashboard is at /.
      """)

  @Option(
    help: ArgumentHelp("Address to listen on; any but this machine's own needs --token-file.", valueName: "address"))
  var host = "127.0.0.1"
  @Option(help: ArgumentHelp("Port to listen on; 0 takes a free one.", valueName: "port"))
  var port = 8080
  @Option(
    help: ArgumentHelp(
      "File whose first line is the token that callers must send as 'Authorization: Bearer'.", valueName: "file"))
  var tokenFile: String?
  @Option(help: ArgumentHelp("Length of a monitoring window, such as 10m, 1h or 1d.", valueName: "time"))
  var window = "1h"
  @OptionGroup var common: CommonOptions

  func perform(_ session: Session) async throws -> Int32 {
    let workspace = try session.workspace(create: true)
    var configuration = HTTPServerConfiguration(host: host, port: port)
    if let tokenFile { configuration.authentication = try Self.authentication(tokenFile) }
    configuration.errorPage = { DashboardRoutes.errorPage($0, status: $1) }
    var logger = Logger(label: "apus") { JSONLinesLogHandler(label: $0, output: StandardStream.errors) }
    logger.logLevel = common.quiet ? .warning : .info
    let context = session.context()
    let server = try InferenceServer(
      configuration: configuration, workspace: workspace, context: context,
      pages: DashboardRoutes.all(WorkspaceDashboard(workspace: workspace, context: context)),
      windowSeconds: try Self.seconds(window),
      logger: logger)
    Interrupts.onFirst { _Concurrency.Task { await server.shutdown() } }
    let (output, host, names) = (session.output, host, server.models.names)
    try await server.run { port in
      output.document([
        "address": .string("http://\(host):\(port)"), "port": .integer(Int64(port)),
        "models": .array(names.map { .string($0) }),
      ])
      output.box(Self.box(host: host, port: port, names: names))
    }
    output.note("stopped; every acknowledged prediction is in the log.")
    return 0
  }

  private static func box(host: String, port: Int, names: [String]) -> Box {
    let lines =
      names.isEmpty
      ? ["No model is champion yet; one is picked up as soon as it passes its gate."]
      : ["Serving \(names.joined(separator: ", "))."]
    var next = [Box.Step("http://\(host):\(port)/", "the dashboard")]
    if let first = names.first {
      next.append(
        Box.Step(
          "curl -X POST http://\(host):\(port)/api/v1/models/\(first)/predict -d '{\"rows\": [{…}]}'", "score rows"))
    }
    next.append(Box.Step("apus watch", "compare traffic with training"))
    return Box("Listening on http://\(host):\(port)", lines: lines, next: next)
  }

  private static func authentication(_ path: String) throws -> Authentication {
    let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
    guard let token = text.split(whereSeparator: \.isNewline).first.map(String.init), token.utf8.count >= 16 else {
      throw MLError(
        .invalidParameter, "--token-file: the first line must be a token of at least 16 characters.",
        hint: "Make one with: openssl rand -hex 32", field: "token-file")
    }
    return .tokens([(Digest(of: token), Principal(name: "token", roles: [.admin]))])
  }

  /// Seconds of a time such as `10m`.
  static func seconds(_ text: String) throws -> Int {
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()), count > 0 else {
      throw MLError(
        .invalidParameter, "--window: must be a time such as 10m, 1h or 1d; got '\(text)'.", field: "window")
    }
    return unit * count
  }
}
