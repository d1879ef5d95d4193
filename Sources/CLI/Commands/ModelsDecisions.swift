import ArgumentParser
import Basics
import Lifecycle
import Storage

/// What named persons decide over versions.
extension ModelsCommand {
  struct Promote: Verb {
    static let configuration = CommandConfiguration(
      commandName: "promote", abstract: "Point an alias at a version that passed its gate.",
      discussion: """
        Example:  apus models promote churn@2

        The store judges the gate's record again and refuses a version that missed it, unless a named person takes it \
        upon themselves: --override 'REASON' --by NAME. Both stay in the record with the version for good. Approvals \
        that the gate asks for cannot be overridden: apus models approve.
        """)
    @Argument(help: ArgumentHelp("name@version.", valueName: "model"))
    var model: String
    @Option(help: ArgumentHelp("champion, challenger or shadow.", valueName: "alias"))
    var to = "champion"
    @Option(help: ArgumentHelp("Why, for the record.", valueName: "text"))
    var reason = "promoted by hand"
    @Option(
      help: ArgumentHelp("Promote although the gate was missed, for this reason; needs --by.", valueName: "reason"))
    var override: String?
    @Option(help: ArgumentHelp("Who takes the override upon themselves.", valueName: "name"))
    var by: String?
    @OptionGroup var common: CommonOptions

    func perform(_ session: Session) async throws -> Int32 {
      guard let alias = AliasName(rawValue: to) else {
        throw MLError.unknown(
          "alias", to, among: AliasName.allCases.map(\.rawValue), in: "--to", code: .invalidParameter)
      }
      let draft = try overrideDraft()
      let workspace = try session.workspace(create: false)
      let version = try Models.version(ModelReference(model), in: workspace)
      do {
        _ = try workspace.promote(
          version.model, version.version, to: alias, override: draft, actor: session.actor, reason: reason)
      } catch let obstacle as MLError where obstacle.code == .conflict || obstacle.code == .corruptFile {
        return try refuse(version, alias, obstacle, workspace, session.output)
      }
      let now = try workspace.modelVersion(version.model, version.version)
      session.output.document([
        "promoted": true, "model": .string(version.reference), "alias": .string(alias.rawValue),
        "override": now.override?.json ?? .null,
      ])
      session.output.line("\(version.reference) is \(alias.rawValue) now.")
      if alias.needsGate, let override = now.override { session.output.line(override.sentence) }
      return 0
    }

    /// - Throws: `.invalidParameter` when only one of reason and name is given.
    private func overrideDraft() throws -> OverrideDraft? {
      guard let override else {
        guard by == nil else {
          throw MLError(
            .invalidParameter, "--by: names who overrides the gate, but there is no --override.",
            hint: "Add --override 'REASON', or leave --by out.", field: "by")
        }
        return nil
      }
      guard let by else {
        throw MLError(
          .invalidParameter, "--override: must come with the name of who decides.", hint: "Add --by NAME.", field: "by")
      }
      return try OverrideDraft(by: by, reason: override)
    }

    private func refuse(
      _ version: ModelVersion, _ alias: AliasName, _ obstacle: MLError, _ workspace: Workspace, _ output: Output
    ) throws -> Int32 {
      output.document([
        "promoted": false, "model": .string(version.reference), "alias": .string(alias.rawValue),
        "why": .string(obstacle.message), "hint": obstacle.hint.map { .string($0) } ?? .null,
        "gate": version.gate?.json ?? .null, "approvals": version.json["approvals"] ?? .null,
      ])
      output.line("No. \(obstacle.message)")
      if let hint = obstacle.hint { output.line(hint) }
      return 1
    }
  }

  struct Approve: Verb {
    static let configuration = CommandConfiguration(
      commandName: "approve", abstract: "Say that a version may be promoted, where its gate asks for approvals.",
      discussion: """
        Example:  apus models approve churn@3 --by 'Ana Díaz'

        With 'gate: {approvals: 2}' in apus.yaml two different persons must approve a version before it can be \
        promoted. Names are compared without regard to case and spacing; who trained the version cannot approve it, \
        who approves it may promote it. An approval holds until the version is judged again.
        """)
    @Argument(help: ArgumentHelp("name@version.", valueName: "model"))
    var model: String
    @Option(help: ArgumentHelp("Who approves.", valueName: "name"))
    var by: String
    @OptionGroup var common: CommonOptions

    func perform(_ session: Session) async throws -> Int32 {
      let workspace = try session.workspace(create: false)
      let version = try Models.version(ModelReference(model), in: workspace)
      do {
        try workspace.approve(version.model, version.version, by: by, actor: session.actor)
      } catch let obstacle as MLError where obstacle.code == .conflict || obstacle.code == .corruptFile {
        session.output.document([
          "approved": false, "model": .string(version.reference), "why": .string(obstacle.message),
          "hint": obstacle.hint.map { .string($0) } ?? .null, "approvals": version.json["approvals"] ?? .null,
        ])
        session.output.line("No. \(obstacle.message)")
        if let hint = obstacle.hint { session.output.line(hint) }
        return 1
      }
      let now = try workspace.modelVersion(version.model, version.version)
      let needed = now.gate?.approvalsNeeded ?? 0
      session.output.document([
        "approved": true, "model": .string(version.reference), "by": .string(by),
        "approvals": now.json["approvals"] ?? .null,
      ])
      session.output.line("\(version.reference) is approved by \(now.approvals.count) of \(needed) persons.")
      if now.approvals.count >= needed { session.output.note("Next: apus models promote \(version.reference)") }
      return 0
    }
  }
}
