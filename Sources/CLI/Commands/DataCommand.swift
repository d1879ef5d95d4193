import ArgumentParser
import Basics
import Frames
import Lifecycle
import Monitoring
import Storage

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Dataset versions: add, list, show, profile, diff.",
    subcommands: [Add.self, List.self, Show.self, Profile.self, Diff.self], defaultSubcommand: List.self)

  struct Add: Verb {
    static let configuration = CommandConfiguration(
      commandName: "add", abstract: "Keep files as an immutable dataset version.",
      discussion: "Example:  apus data add customers.csv --name customers")
    @Argument(help: ArgumentHelp("Files of one schema.", valueName: "file"))
    var files: [String]
    @Option(help: ArgumentHelp("Name of the dataset (default: the file's).", valueName: "name"))
    var name: String?
    @OptionGroup var common: CommonOptions

    func perform(_ session: Session) async throws -> Int32 {
      for path in files where !FileSystem.exists(path) { throw ProjectFiles.missing(path) }
      let workspace = try session.workspace(create: true)
      let context = session.context()
      let (files, name) = (files, name ?? ProjectFiles.modelName(of: files[0]))
      let dataset = try await onThread {
        try Datasets.importFiles(files, name: name, workspace: workspace, context: context)
      }
      session.output.document(dataset.version.json())
      for note in dataset.notes { session.output.note(note) }
      session.output.line(
        "\(dataset.version.reference): \(NumberFormat.count(dataset.frame.rowCount, "row")) × \(NumberFormat.count(dataset.frame.schema.count, "column")), \(dataset.version.digest.hex.prefix(12))…"
      )
      return 0
    }
  }

  struct List: Verb {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Dataset versions.", discussion: "Example:  apus data list")
    @OptionGroup var common: CommonOptions

    func perform(_ session: Session) async throws -> Int32 {
      let versions = try session.workspace(create: false).datasets()
      session.output.document(["datasets": .array(versions.map { $0.json() })])
      var table = TextTable([.text("dataset"), .number("rows"), .text("digest"), .text("added"), .wrapping("from")])
      for version in versions {
        table.append([
          version.reference, NumberFormat.count(version.rowCount), String(version.digest.hex.prefix(12)),
          String(version.createdAt.description.prefix(19)), version.source,
        ])
      }
      session.output.table(table)
      return 0
    }
  }

  struct Show: Verb {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "One dataset version: manifest, schema, lineage.",
      discussion: "Example:  apus data show customers@1")
    @Argument(help: ArgumentHelp("name or name@version.", valueName: "dataset"))
    var dataset: String
    @OptionGroup var common: CommonOptions

    func perform(_ session: Session) async throws -> Int32 {
      let workspace = try session.workspace(create: false)
      let version = try workspace.dataset(dataset)
      session.output.document(version.json(withProfile: true))
      session.output.line("\(version.reference)  \(NumberFormat.count(version.rowCount, "row"))  \(version.digest.hex)")
      session.output.line("from \(version.source), \(version.createdAt.description.prefix(19))")
      let openings = try workspace.sealedOpenings(of: version.digest)
      session.output.line("sealed test rows opened \(NumberFormat.count(openings.count, "time"))")
      var table = TextTable([.wrapping("column"), .text("kind"), .number("categories")])
      for field in version.schema.arrayValue ?? [] {
        table.append([
          field["name"]?.stringValue ?? "", field["kind"]?.stringValue ?? "",
          field["categories"]?.arrayValue.map { $0.isEmpty ? "" : String($0.count) } ?? "",
        ])
      }
      session.output.table(table)
      return 0
    }
  }

  struct Profile: Verb {
    static let configuration = CommandConfiguration(
      commandName: "profile", abstract: "What is in the columns of a file.",
      discussion: "Example:  apus data profile customers.csv")
    @Argument(help: ArgumentHelp("File to look at.", valueName: "file"))
    var file: String
    @OptionGroup var common: CommonOptions

    func perform(_ session: Session) async throws -> Int32 {
      guard FileSystem.exists(file) else { throw ProjectFiles.missing(file) }
      let context = session.context()
      let (frame, report) = try FrameSources.read(file, options: SourceOptions(workers: context.workers))
      let columns = ColumnDescription.all(frame)
      session.output.document([
        "rows": .integer(Int64(frame.rowCount)), "columns": .array(columns.map(\.json)),
        "notes": .array(report.notes.map { .string($0) }),
      ])
      for note in report.notes { session.output.note(note) }
      session.output.line(
        "\(NumberFormat.count(frame.rowCount, "row")) × \(NumberFormat.count(columns.count, "column"))")
      var table = TextTable([
        .number("#"), .wrapping("column"), .text("kind"), .number("missing"), .number("distinct"), .number("min"),
        .number("mean"), .number("max"), .wrapping("most frequent"),
      ])
      for (index, column) in columns.enumerated() {
        table.append([
          String(index + 1), column.name, column.kind, NumberFormat.percent(column.missingShare),
          NumberFormat.count(column.distinctCount),
          column.minimum ?? "", column.mean.map { NumberFormat.number($0) } ?? "", column.maximum ?? "",
          column.mostFrequent ?? "",
        ])
      }
      session.output.table(table)
      return 0
    }
  }

  struct Diff: Verb {
    static let configuration = CommandConfiguration(
      commandName: "diff", abstract: "What changed between two files.",
      discussion: "Example:  apus data diff january.csv february.csv")
    @Argument(help: ArgumentHelp("The file before.", valueName: "before"))
    var before: String
    @Argument(help: ArgumentHelp("The file after.", valueName: "after"))
    var after: String
    @OptionGroup var common: CommonOptions

    func perform(_ session: Session) async throws -> Int32 {
      for path in [before, after] where !FileSystem.exists(path) { throw ProjectFiles.missing(path) }
      let context = session.context()
      let (before, after) = (before, after)
      let diff = try await onThread { try DataDiff.run(before, after, context: context) }
      session.output.document(diff.json)
      for sentence in diff.sentences { session.output.line(sentence) }
      var table = TextTable([.text(""), .wrapping("column"), .number("distance"), .number("low"), .number("high")])
      for column in diff.drift.columns {
        table.append([
          column.drifted ? "!" : "", column.name, NumberFormat.number(column.value), NumberFormat.number(column.low),
          NumberFormat.number(column.high),
        ])
      }
      session.output.table(table)
      return 0
    }
  }
}
