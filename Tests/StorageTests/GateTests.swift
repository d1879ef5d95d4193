import Basics
import Storage
import Testing

/// Every way around the gate that somebody with the program, or with a database tool, might try.
@Suite struct GateTests {
  @Test func aPassingVersionBecomesChampion() throws {
    let scratch = try Scratch()
    try scratch.register("r1")
    let alias = try scratch.workspace.promote("churn", 1, actor: "ana", reason: "first")
    #expect(alias.version == 1)
    #expect(try scratch.workspace.resolve("churn").reference == "churn@1")
    #expect(try scratch.workspace.resolve("churn@champion").stage == .champion)
    #expect(try scratch.workspace.aliasMoves(of: "churn").map(\.version) == [1])
  }

  @Test func aVersionNobodyJudgedIsRefused() throws {
    let scratch = try Scratch()
    try scratch.register("r1", checks: nil)
    expect(.conflict, "churn@1", "no gate") { try scratch.workspace.promote("churn", 1, actor: "ana", reason: "") }
    expect(.conflict) { try scratch.workspace.promote("churn", 1, to: .challenger, actor: "ana", reason: "") }
  }

  @Test func theRefusalNamesCheckValueAndLimitAndIsAudited() throws {
    let scratch = try Scratch()
    try scratch.register("r1", checks: [passing, failing])
    expect(.conflict, "goal: roc_auc", "0.52", ">= 0.83") {
      try scratch.workspace.promote("churn", 1, actor: "eve", reason: "please")
    }
    let refusals = try scratch.workspace.auditEntries(action: "alias.refused")
    #expect(refusals.map(\.actor) == ["eve"])
    #expect(try scratch.workspace.aliases(of: "churn").isEmpty)
    let again = try scratch.reopened()
    expect(.conflict, "0.83") { try again.promote("churn", 1, actor: "eve", reason: "after a restart") }
    #expect(try again.promotionObstacle("churn", 1)?.code == .conflict)
    #expect(try again.modelVersion("churn", 1).stage == .refused)
  }

  @Test func aCheckThatClaimsToPassAgainstItsOwnNumbersIsNotBelieved() throws {
    let scratch = try Scratch()
    let liar = GateCheckRecord(
      name: "goal: roc_auc", passed: true, value: 0.5, limit: 0.8, relation: .atLeast, why: "forged")
    try scratch.register("r1", checks: [liar])
    expect(.conflict, "0.5", "0.8") { try scratch.workspace.promote("churn", 1, actor: "eve", reason: "") }
    let unmeasured = GateCheckRecord(
      name: "goal: roc_auc", passed: true, value: .nan, limit: 0.8, relation: .atLeast, why: "undefined")
    try scratch.register("r2", checks: [unmeasured])
    expect(.conflict) { try scratch.workspace.promote("churn", 2, actor: "eve", reason: "") }
    expect(.invalidParameter) { try scratch.register("r3", checks: []) }
  }

  @Test func theLatestJudgementCounts() throws {
    let scratch = try Scratch()
    try scratch.register("r1")
    try scratch.workspace.recordGate([failing], for: "churn", 1, actor: "ana")
    expect(.conflict) { try scratch.workspace.promote("churn", 1, actor: "ana", reason: "") }
    try scratch.workspace.recordGate([passing], for: "churn", 1, actor: "ana")
    #expect(try scratch.workspace.promote("churn", 1, actor: "ana", reason: "").version == 1)
    #expect(try scratch.workspace.gateRecords(of: "churn", 1).map(\.allPassed) == [true, false, true])
  }

  @Test func shadowNeedsNoGate() throws {
    let scratch = try Scratch()
    try scratch.register("r1", checks: [failing])
    try scratch.workspace.promote("churn", 1, to: .shadow, actor: "ana", reason: "")
    #expect(try scratch.workspace.resolve("churn@shadow").version == 1)
    try scratch.workspace.clearAlias(.shadow, of: "churn", actor: "ana", reason: "seen enough")
    expect(.notFound) { _ = try scratch.workspace.resolve("churn@shadow") }
    expect(.invalidParameter) { try scratch.workspace.clearAlias(.champion, of: "churn", actor: "ana", reason: "") }
  }

  @Test(arguments: [
    "UPDATE gate_record SET passed = 1",
    "UPDATE gate_record SET checks = '[]'",
    "DELETE FROM gate_record",
    "UPDATE model_version SET archive = 'x'",
    "DELETE FROM model_version",
    "UPDATE audit SET actor = 'x'",
    "DELETE FROM audit",
    "INSERT INTO alias (model, alias, version, since) VALUES ('churn', 'champion', 1, 0)",
    "INSERT INTO alias (model, alias, version, since) VALUES ('churn', 'challenger', 1, 0)",
    """
    INSERT INTO gate_record (model, version, archive, checks, passed, evaluated_at, digest)
    SELECT model, version, archive, checks, 1, evaluated_at, digest FROM gate_record
    """,
    """
    INSERT INTO gate_record (model, version, archive, checks, passed, evaluated_at, digest)
    SELECT model, version, archive, '[]', 1, evaluated_at, digest FROM gate_record
    """,
  ])
  func theDatabaseItselfRefuses(sql: String) throws {
    let scratch = try Scratch()
    try scratch.register("r1", checks: [failing])
    #expect(throws: RawFailure.self) { try scratch.tamper(sql) }
    expect(.conflict) { try scratch.workspace.promote("churn", 1, actor: "eve", reason: "") }
  }

  static let disarm = """
    DROP TRIGGER gate_record_never_changes; DROP TRIGGER gate_record_never_shrinks;
    DROP TRIGGER gate_record_tells_the_truth; DROP TRIGGER alias_needs_gate_on_insert;
    DROP TRIGGER alias_needs_gate_on_update; DROP TRIGGER audit_never_changes; DROP TRIGGER audit_never_shrinks;
    DROP TRIGGER model_version_never_changes; DROP TRIGGER alias_move_never_changes;
    DROP TRIGGER alias_move_never_shrinks;
    """

  /// With the triggers gone, the digests still tell.
  @Test(arguments: [
    "UPDATE gate_record SET passed = 1, checks = replace(checks, '\"passed\":false', '\"passed\":true')",
    """
    UPDATE gate_record SET passed = 1,
      checks = replace(replace(checks, '"passed":false', '"passed":true'), '0.52', '0.95')
    """,
    "UPDATE gate_record SET passed = 1, checks = '[]'",
    "DELETE FROM gate_record WHERE version = 2",
    "UPDATE gate_record SET version = 2 WHERE version = 1",
    """
    INSERT INTO gate_record (model, version, archive, checks, passed, evaluated_at, digest)
    SELECT model, 2, archive, checks, passed, evaluated_at, digest FROM gate_record WHERE version = 1
    """,
    """
    UPDATE model_version SET archive = (SELECT archive FROM model_version WHERE version = 1) WHERE version = 2;
    INSERT INTO gate_record (model, version, archive, checks, passed, evaluated_at, digest)
    SELECT model, 2, archive, checks, passed, evaluated_at, digest FROM gate_record WHERE version = 1
    """,
    "DELETE FROM audit WHERE action = 'gate.recorded'; DELETE FROM gate_record WHERE version = 2",
    "UPDATE audit SET details = replace(details, 'false', 'true')",
  ])
  func recordsChangedByHandAreNoticed(sql: String) throws {
    let scratch = try Scratch()
    try scratch.register("r1")
    try scratch.register("r2", checks: [failing])
    try scratch.tamper(Self.disarm + sql)
    for workspace in [scratch.workspace, try scratch.reopened()] {
      do {
        try workspace.promote("churn", 2, actor: "eve", reason: "")
        Issue.record("promoted after: \(sql)")
      } catch let error as MLError {
        #expect(error.code == .corruptFile || error.code == .conflict, "\(error)")
      }
    }
  }

  /// A champion set by hand is not served, whatever else was forged with it.
  @Test(arguments: [
    "UPDATE alias SET version = 2",
    """
    UPDATE alias SET version = 2;
    INSERT INTO alias_move (time, model, alias, action, version, previous, actor, reason)
    VALUES (0, 'churn', 'champion', 'promote', 2, 1, 'eve', '')
    """,
    "DELETE FROM alias",
  ])
  func aChampionSetByHandIsNotServed(sql: String) throws {
    let scratch = try Scratch()
    try scratch.register("r1")
    try scratch.register("r2", checks: [failing])
    try scratch.workspace.promote("churn", 1, actor: "ana", reason: "")
    try scratch.tamper(Self.disarm + sql)
    let again = try scratch.reopened()
    expect(.corruptFile) { _ = try again.resolve("churn@champion") }
    expect(.corruptFile) { _ = try again.resolve("churn") }
    #expect(try again.doctor().first { $0.name == "gate" }?.passed == false)
  }

  @Test func aMoveForgedWithItsAuditLineStillNeedsTheGate() throws {
    let scratch = try Scratch()
    try scratch.register("r1", checks: [failing])
    try scratch.tamper(Self.disarm + "INSERT INTO alias VALUES ('churn', 'champion', 1, 0)")
    // A line appended through our own interface is a valid link of the chain.
    try scratch.workspace.audit(
      actor: "eve", action: "alias.moved", subject: "churn@champion", details: ["version": 1])
    expect(.conflict, "0.83") { _ = try scratch.reopened().resolve("churn") }
  }

  @Test func aChangedArchiveIsNeitherPromotedNorRead() throws {
    let scratch = try Scratch()
    let version = try scratch.register("r1")
    try FileSystem.write(Array("another model".utf8), to: scratch.workspace.objects.path(of: version.archive))
    expect(.corruptFile, "digest") { try scratch.workspace.promote("churn", 1, actor: "eve", reason: "") }
    expect(.corruptFile) { _ = try scratch.workspace.objects.get(version.archive) }
    try FileSystem.remove(scratch.workspace.objects.path(of: version.archive))
    expect(.notFound, "missing") { try scratch.workspace.promote("churn", 1, actor: "eve", reason: "") }
    #expect(try scratch.workspace.doctor().first { $0.name == "references" }?.passed == false)
  }

  @Test func aBrokenAuditLogStopsPromotion() throws {
    let scratch = try Scratch()
    try scratch.register("r1")
    try scratch.workspace.audit(actor: "ana", action: "note", subject: "x")
    try scratch.tamper(Self.disarm + "UPDATE audit SET actor = 'eve' WHERE action = 'note'")
    expect(.corruptFile, "audit log") { try scratch.workspace.promote("churn", 1, actor: "eve", reason: "") }
  }
}
