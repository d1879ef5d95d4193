import Basics
import Storage
import Testing

@Suite struct AuditTests {
  private func filled() throws -> Scratch {
    let scratch = try Scratch()
    for index in 1...6 {
      try scratch.workspace.audit(
        actor: "ana", action: "note", subject: "s\(index)", details: ["b": .integer(Int64(index)), "a": 0.1])
    }
    return scratch
  }

  @Test func anUntouchedChainHolds() throws {
    let scratch = try filled()
    let verdict = try scratch.reopened().verifyAudit()
    #expect(verdict.isIntact && verdict.count == 6)
    #expect(try scratch.workspace.auditEntries(subject: "s3").map(\.sequence) == [3])
    #expect(try scratch.workspace.auditEntries(limit: 2, before: 5).map(\.sequence) == [4, 3])
  }

  @Test(arguments: [
    ("UPDATE audit SET actor = 'eve' WHERE sequence = 4", 4),
    ("UPDATE audit SET details = '{\"a\":0.2}' WHERE sequence = 2", 2),
    ("UPDATE audit SET time = time + 1 WHERE sequence = 1", 1),
    ("DELETE FROM audit WHERE sequence = 3", 3),
    ("DELETE FROM audit WHERE sequence > 4", 5),
    ("DELETE FROM audit", 1),
    ("UPDATE audit SET previous = digest WHERE sequence = 5", 5),
    ("UPDATE audit SET details = 'no JSON' WHERE sequence = 6", 6),
  ])
  func aBrokenChainNamesTheFirstBrokenLine(sql: String, line: Int64) throws {
    let scratch = try filled()
    try scratch.tamper("DROP TRIGGER audit_never_changes; DROP TRIGGER audit_never_shrinks; \(sql)")
    #expect(try scratch.workspace.verifyAudit().firstBroken == line)
    #expect(try scratch.workspace.doctor().first { $0.name == "audit-log" }?.passed == false)
  }

  @Test func aRefusedWriteLeavesNoLine() throws {
    let scratch = try Scratch()
    let draft = DatasetDraft(
      name: "d", schema: [], shards: [DatasetShard(digest: Digest(of: "x"), rowCount: 1, sizeBytes: 1)], source: "x")
    expect(.notFound) { _ = try scratch.workspace.addDataset(draft, actor: "ana") }
    #expect(try scratch.workspace.verifyAudit().count == 0)
  }
}
