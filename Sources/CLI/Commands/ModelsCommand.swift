import ArgumentParser
import Basics
import Frames
import Lifecycle
import Modeling
import Storage

struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "List, show, approve, promote, roll back and export model versions, write their cards.",
    subcommands: [List.self, Show.self, Approve.self, Promote.self, Rollback.self, Card.self, Export.self],
    defaultSubcommand: List.self)

  struct List: Verb {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Models and their versions.", discussion: "Example:  apus models list")
    @OptionGroup var common: CommonOptions

    func perform(_ session: Session) async throws -> Int32 {
      let workspace = try session.workspace(create: false)
      let versions = try workspace.modelVersions()
      let models = try workspace.models()
      session.output.document(["models": .array(models.map(\.json)), "versions": .array(versions.map(\.json))])
      var table = TextTable([
        .text("version"), .text("stage"), .text("algorithm"), .wrapping("test metric"), .text("gate"),
      ])
      for version in versions {
        let metric = version.summary["metric"]?.stringValue ?? ""
        let value = version.metrics[metric]
        table.append([
          version.reference, version.stage.rawValue, version.summary["algorithm"]?.stringValue ?? "",
          "\(metric) \(NumberFormat.interval(value?["value"]?.doubleValue, low: value?["low"]?.doubleValue, high: value?["high"]?.doubleValue))",
          version.gateWord,
        ])
      }
      session.output.table(table)
      return 0
    }
  }

  struct Show: Verb {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "One version: contract, plan, metrics, gate, history.",
      discussion: "Example:  apus models show churn@2")
    @Argument(help: ArgumentHelp("name, name@3 or name@champion.", valueName: "model"))
    var model: String
    @OptionGroup var common: CommonOptions

    func perform(_ session: Session) async throws -> Int32 {
      let workspace = try session.workspace(create: false)
      let reference = try ModelReference(model)
      let version: ModelVersion
      if reference.selector == .champion, try workspace.championVersion(of: reference.name) == nil,
        let newest = try workspace.modelVersions(of: reference.name).first
      {
        version = newest
      } else {
        version = try Models.version(reference, in: workspace)
      }
      let archive = try Models.archive(of: version, in: workspace, registry: .standard)
      var json = version.json
      json["contract"] = try Configuration.encode(archive.contract)
      json["plan"] = .array(archive.plan.map { .string($0) })
      json["importance"] = .array(
        archive.importance.map { ["column": .string($0.column), "value": .number($0.value)] })
      json["provenance"] = archive.provenance
      session.output.document(json)
      show(version, archive, try workspace.aliasMoves(of: version.model), session.output)
      return 0
    }

    private func show(_ version: ModelVersion, _ archive: ModelArchive, _ moves: [AliasMove], _ output: Output) {
      output.line(
        "\(version.reference)  \(version.stage.rawValue)  predicts '\(archive.target)' (\(archive.task.rawValue)) with \(archive.pipeline.algorithm)"
      )
      output.line(
        "registered \(version.createdAt.description.prefix(19)) by run \(version.run); sealed test opened \(version.sealedOpenings) times"
      )
      output.line("\nMetrics on the sealed test rows, 95 % intervals")
      output.table(TrainSummary.metrics(version.metrics))
      if let gate = version.gate {
        output.line("\nGate: \(version.gateWord)")
        output.table(TrainSummary.gate(gate.json))
        for line in version.decisions { output.line(line) }
      }
      output.line("\nPreparation")
      for sentence in archive.plan { output.line("  \(sentence)") }
      var table = TextTable([.wrapping("column"), .text("kind"), .number("importance")])
      let importance = Dictionary(
        archive.importance.map { ($0.column, $0.value) }, uniquingKeysWith: { first, _ in first })
      for field in archive.contract.fields.sorted(by: {
        (importance[$0.name] ?? 0, $1.name) > (importance[$1.name] ?? 0, $0.name)
      }) {
        table.append([field.name, field.kind.rawValue, NumberFormat.percent(importance[field.name])])
      }
      output.line("\nColumns a row must have")
      output.table(table)
      if !moves.isEmpty { output.line("\nHistory") }
      for move in moves.prefix(10) {
        output.line(
          "  \(move.time.description.prefix(19))  \(move.action.rawValue) \(move.alias.rawValue) → \(move.version.map { "@\($0)" } ?? "none") by \(move.actor): \(move.reason)"
        )
      }
    }
  }

  struct Card: Verb {
    static let configuration = CommandConfiguration(
      commandName: "card", abstract: "The model card of a version, in Markdown.",
      discussion: "Example:  apus models card churn@2 --output MODEL_CARD.md")
    @Argument(help: ArgumentHelp("name, name@3 or name@champion.", valueName: "model"))
    var model: String
    @Option(help: ArgumentHelp("File to write (default: standard output).", valueName: "file"))
    var output: String?
    @OptionGroup var common: CommonOptions

    func perform(_ session: Session) async throws -> Int32 {
      let workspace = try session.workspace(create: false)
      let version = try Models.version(ModelReference(model), in: workspace)
      let text = try ModelCard(version, in: workspace).markdown
      session.output.document(["model": .string(version.reference), "card": .string(text)])
      if let output {
        try FileSystem.write(Array(text.utf8), to: output)
        session.output.note("The card of \(version.reference) is in \(output).")
      } else {
        session.output.line(text)
      }
      return 0
    }
  }

  struct Rollback: Verb {
    static let configuration = CommandConfiguration(
      commandName: "rollback", abstract: "Point champion back at the version before.",
      discussion: "Example:  apus models rollback churn --reason 'complaints'")
    @Argument(help: ArgumentHelp("Name of the model.", valueName: "model"))
    var model: String
    @Option(help: ArgumentHelp("Why, for the record.", valueName: "text"))
    var reason = "rolled back by hand"
    @OptionGroup var common: CommonOptions

    func perform(_ session: Session) async throws -> Int32 {
      let workspace = try session.workspace(create: false)
      let alias = try workspace.rollback(model, actor: session.actor, reason: reason)
      session.output.document(["model": .string(model), "champion": .integer(Int64(alias.version))])
      session.output.line("\(model)@\(alias.version) is champion again.")
      return 0
    }
  }

  struct Export: Verb {
    static let configuration = CommandConfiguration(
      commandName: "export", abstract: "Write a version's archive to a file.",
      discussion: "Example:  apus models export churn --output churn.apus")
    @Argument(help: ArgumentHelp("name, name@3 or name@champion.", valueName: "model"))
    var model: String
    @Option(help: ArgumentHelp("File to write.", valueName: "file.apus"))
    var output: String
    @OptionGroup var common: CommonOptions

    func perform(_ session: Session) async throws -> Int32 {
      guard output.hasSuffix(".apus") else {
        throw MLError(
          .invalidParameter, "--output: must end in .apus; got '\(FileSystem.name(output))'.",
          hint: "Other formats cannot be written by this version.", field: "output")
      }
      let workspace = try session.workspace(create: false)
      let version = try Models.version(ModelReference(model), in: workspace)
      let bytes = try workspace.objects.get(version.archive)
      try FileSystem.write(bytes, to: output)
      session.output.document([
        "model": .string(version.reference), "file": .string(output), "sha256": .string(version.archive.hex),
        "size_bytes": .integer(Int64(bytes.count)),
      ])
      session.output.line("\(version.reference) written to \(output) (\(NumberFormat.bytes(bytes.count))).")
      return 0
    }
  }
}
