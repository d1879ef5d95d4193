import Basics
import Storage
import Testing

/// Overrides and approvals: what named persons may decide, and what nobody may.
@Suite struct DecisionTests {
  private func waiting(_ scratch: Scratch, approvals: Int = 2, checks: [GateCheckRecord] = [passing]) throws {
    try scratch.register("r1", checks: nil)
    try scratch.workspace.recordGate(checks, for: "churn", 1, approvals: approvals, actor: "ana")
  }

  // MARK: Overrides

  @Test func anOverrideNamesWhoAndWhyAndStaysForGood() throws {
    let scratch = try Scratch()
    try scratch.register("r1", checks: [passing, failing])
    let draft = try OverrideDraft(by: "Eve  Miller", reason: "the old model leaks")
    try scratch.workspace.promote("churn", 1, override: draft, actor: "host", reason: "by hand")
    let again = try scratch.reopened()
    #expect(try again.resolve("churn").version == 1)
    try again.recordGate([passing], for: "churn", 1, actor: "ana")
    let version = try again.modelVersion("churn", 1)
    #expect(version.override == nil, "an override is about one judgement")
    #expect(version.overrides.map(\.by) == ["Eve Miller"] && version.overrides[0].reason == "the old model leaks")
    #expect(version.json["overrides"]?[0]?["by"] == "Eve Miller")
    let entry = try #require(try again.auditEntries(action: "gate.overridden").first)
    #expect(entry.details["by"] == "Eve Miller" && entry.details["reason"] == "the old model leaks")
    #expect(entry.details["missed"]?.arrayValue?.count == 1 && entry.actor == "host")
    #expect(try again.aliasMoves(of: "churn")[0].reason.contains("Eve Miller: the old model leaks"))
    #expect(try again.verifyAudit().isIntact)
  }

  @Test func anOverrideNeedsNameReasonAndAMissedGate() throws {
    for (by, reason) in [("", "x"), ("ana", " \t"), ("an\u{1B}a", "x"), (String(repeating: "a", count: 300), "x")] {
      expect(.invalidParameter) { _ = try OverrideDraft(by: by, reason: reason) }
    }
    let scratch = try Scratch()
    let draft = try OverrideDraft(by: "eve", reason: "please")
    try scratch.register("r1")
    expect(.conflict, "nothing to override") {
      try scratch.workspace.promote("churn", 1, override: draft, actor: "host", reason: "")
    }
    try scratch.register("r2", checks: nil)
    expect(.conflict, "no gate") {
      try scratch.workspace.promote("churn", 2, override: draft, actor: "host", reason: "")
    }
    #expect(try scratch.workspace.overrides(of: "churn", 2).isEmpty)
  }

  @Test func anOverrideIsAboutOneJudgementOnly() throws {
    let scratch = try Scratch()
    try scratch.register("r1", checks: [failing])
    let draft = try OverrideDraft(by: "eve", reason: "please")
    try scratch.workspace.promote("churn", 1, override: draft, actor: "host", reason: "")
    try scratch.workspace.recordGate([failing], for: "churn", 1, actor: "ana")
    expect(.conflict, "0.52") { _ = try scratch.workspace.resolve("churn") }
    expect(.conflict) { try scratch.workspace.promote("churn", 1, to: .challenger, actor: "host", reason: "") }
    try scratch.workspace.promote("churn", 1, to: .challenger, override: draft, actor: "host", reason: "")
    #expect(try scratch.workspace.overrides(of: "churn", 1).count == 2)
  }

  // MARK: Approvals

  @Test func twoDifferentPersonsMustApprove() throws {
    let scratch = try Scratch()
    let workspace = scratch.workspace
    try waiting(scratch)
    #expect(try workspace.modelVersion("churn", 1).stage == .waiting)
    expect(.conflict, "2 persons", "nobody") { try workspace.promote("churn", 1, actor: "ben", reason: "") }
    #expect(try workspace.approve("churn", 1, by: "Ben  Cole", actor: "host").map(\.by) == ["Ben Cole"])
    expect(.conflict, "approved it already") { try workspace.approve("churn", 1, by: " ben COLE", actor: "other") }
    expect(.conflict, "only 'Ben Cole'") { try workspace.promote("churn", 1, actor: "ben", reason: "") }
    try workspace.approve("churn", 1, by: "cleo", actor: "host")
    #expect(try workspace.modelVersion("churn", 1).stage == .approved)
    try scratch.reopened().promote("churn", 1, actor: "cleo", reason: "agreed")
    #expect(try scratch.reopened().resolve("churn").version == 1)
    #expect(try workspace.auditEntries(action: "version.approved").count == 2)
  }

  @Test func whoTrainedItCannotApproveIt() throws {
    let scratch = try Scratch()
    try waiting(scratch, approvals: 1)
    expect(.conflict, "trained it") { try scratch.workspace.approve("churn", 1, by: "ANA", actor: "host") }
    expect(.invalidParameter) { try scratch.workspace.approve("churn", 1, by: "  ", actor: "host") }
    try scratch.register("r2")
    expect(.conflict, "no approval") { try scratch.workspace.approve("churn", 2, by: "ben", actor: "host") }
  }

  @Test func approvalsAreAboutOneJudgementAndCannotBeOverridden() throws {
    let scratch = try Scratch()
    let workspace = scratch.workspace
    try waiting(scratch, approvals: 1, checks: [failing])
    let draft = try OverrideDraft(by: "eve", reason: "please")
    expect(.conflict, "approval") { try workspace.promote("churn", 1, override: draft, actor: "host", reason: "") }
    #expect(try workspace.overrides(of: "churn", 1).isEmpty, "a refused promotion leaves no override")
    try workspace.approve("churn", 1, by: "ben", actor: "host")
    expect(.conflict, "0.52") { try workspace.promote("churn", 1, actor: "host", reason: "") }
    try workspace.promote("churn", 1, override: draft, actor: "host", reason: "")
    try workspace.recordGate([passing], for: "churn", 1, approvals: 1, actor: "ana")
    expect(.conflict, "nobody") { try workspace.promote("churn", 1, to: .challenger, actor: "host", reason: "") }
  }

  // MARK: Past the program

  @Test(arguments: [
    "UPDATE approval SET person = 'x'", "DELETE FROM approval", "UPDATE gate_record SET approvals = 0",
    "INSERT INTO alias (model, alias, version, since) VALUES ('churn', 'champion', 1, 0)",
    """
    INSERT INTO approval (model, version, gate, person, person_key, actor, time, digest)
    SELECT model, version, gate, person, person_key, actor, time, 'other' FROM approval
    """,
  ])
  func theDatabaseItselfRefuses(sql: String) throws {
    let scratch = try Scratch()
    try waiting(scratch)
    try scratch.workspace.approve("churn", 1, by: "ben", actor: "host")
    #expect(throws: RawFailure.self) { try scratch.tamper(sql) }
    expect(.conflict, "2 persons") { try scratch.workspace.promote("churn", 1, actor: "eve", reason: "") }
  }

  private static let disarm = """
    DROP TRIGGER approval_never_changes; DROP TRIGGER approval_never_shrinks; DROP TRIGGER gate_record_never_changes;
    DROP TRIGGER gate_override_never_changes; DROP TRIGGER gate_override_never_shrinks;
    DROP TRIGGER alias_needs_gate_on_insert; DROP TRIGGER alias_needs_gate_on_update;
    """

  /// With the triggers gone, digests and audit log still tell.
  @Test(arguments: [
    "UPDATE gate_record SET approvals = 0",
    "UPDATE gate_record SET approvals = 1",
    """
    INSERT INTO approval (model, version, gate, person, person_key, actor, time, digest)
    SELECT model, version, gate, 'cleo', 'cleo', actor, time, 'forged' FROM approval
    """,
    """
    INSERT INTO approval (model, version, gate, person, person_key, actor, time, digest)
    SELECT model, version, gate, 'cleo', 'cleo', actor, time, replace(digest, '0', '1') FROM approval
    """,
    "UPDATE approval SET person = 'cleo', person_key = 'cleo'",
    "DELETE FROM approval",
  ])
  func forgedApprovalsAreNoticed(sql: String) throws {
    let scratch = try Scratch()
    try waiting(scratch)
    try scratch.workspace.approve("churn", 1, by: "ben", actor: "host")
    try scratch.tamper(Self.disarm + sql)
    for workspace in [scratch.workspace, try scratch.reopened()] {
      do {
        try workspace.promote("churn", 1, actor: "eve", reason: "")
        Issue.record("promoted after: \(sql)")
      } catch let error as MLError {
        #expect(error.code == .corruptFile || error.code == .conflict, "\(error)")
      }
    }
  }

  @Test(arguments: [
    """
    INSERT INTO gate_override (model, version, gate, person, reason, actor, time, digest)
    SELECT model, version, digest, 'eve', 'please', 'eve', 0, digest FROM gate_record
    """,
    """
    INSERT INTO gate_override (model, version, gate, person, reason, actor, time, digest)
    SELECT model, version, digest, 'eve', 'please', 'eve', 0, digest FROM gate_record;
    INSERT INTO alias VALUES ('churn', 'champion', 1, 0)
    """,
  ])
  func aForgedOverrideIsNoticed(sql: String) throws {
    let scratch = try Scratch()
    try scratch.register("r1", checks: [failing])
    try scratch.tamper(Self.disarm + sql)
    expect(.corruptFile) { try scratch.workspace.promote("churn", 1, actor: "eve", reason: "") }
    #expect(throws: MLError.self) { try scratch.reopened().resolve("churn") }
  }

  @Test func aReasonChangedLaterIsNoticed() throws {
    let scratch = try Scratch()
    try scratch.register("r1", checks: [failing])
    try scratch.workspace.promote(
      "churn", 1, override: OverrideDraft(by: "eve", reason: "please"), actor: "host", reason: "")
    try scratch.tamper(Self.disarm + "UPDATE gate_override SET person = 'ana'")
    expect(.corruptFile, "override") { _ = try scratch.reopened().resolve("churn") }
    #expect(try scratch.workspace.doctor().first { $0.name == "gate" }?.passed == false)
  }

  // MARK: Older workspaces

  @Test func aWorkspaceOfAnOlderReleaseIsBroughtUpToDate() throws {
    let folder = try FileSystem.temporaryDirectory(prefix: "storage-tests")
    defer { try? FileSystem.remove(folder) }
    let place = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let sql = String(
      decoding: try FileSystem.read("/\(place)/Fixtures/Formats/workspace-0005/database.sql"), as: UTF8.self)
    try FileSystem.createDirectory(folder + "/.apus/objects")
    try RawSQLite.execute(sql, on: folder + "/.apus/apus.sqlite")
    let workspace = try Workspace.open(at: folder + "/.apus", create: false)
    #expect(try workspace.resolve("churn").reference == "churn@1")
    #expect(try workspace.modelVersions(of: "churn").map(\.stage) == [.refused, .champion])
    #expect(try workspace.verifyAudit().isIntact)
    #expect(try workspace.doctor().first { $0.name == "gate" }?.passed == true)
    #expect(try workspace.promotionObstacle("churn", 2)?.code == .conflict)
    let raw = "INSERT INTO alias (model, alias, version, since) VALUES ('churn', 'challenger', "
    #expect(throws: RawFailure.self) { try RawSQLite.execute(raw + "2, 0)", on: folder + "/.apus/apus.sqlite") }
    try workspace.recordGate([passing], for: "churn", 1, approvals: 1, actor: "ana")
    expect(.conflict, "approval") { _ = try workspace.resolve("churn") }
    try workspace.approve("churn", 1, by: "ben", actor: "host")
    #expect(try workspace.resolve("churn").version == 1)
  }
}
