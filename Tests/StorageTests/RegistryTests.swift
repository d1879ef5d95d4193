import Basics
import Storage
import Testing

@Suite struct RegistryTests {
  @Test func versionsCountUpAndARunRegistersOnce() throws {
    let scratch = try Scratch()
    #expect(try scratch.register("r1").version == 1)
    #expect(try scratch.register("r2").version == 2)
    #expect(try scratch.register("r1").version == 1)
    #expect(try scratch.workspace.modelVersions(of: "churn").map(\.version) == [2, 1])
    expect(.conflict, "r1") { try scratch.register("r1", bytes: [1, 2, 3]) }
    #expect(try scratch.register("r1", model: "other").version == 1)
    #expect(try scratch.workspace.models().map(\.name) == ["churn", "other"])
    expect(.invalidParameter) { try scratch.register("r3", model: "a@b") }
  }

  @Test func numbersAreAllocatedAtomicallyAmongConnections() async throws {
    let scratch = try Scratch()
    let other = try scratch.reopened()
    let both = [scratch.workspace, other]
    let archive = try scratch.workspace.objects.put([1])
    let versions = try await withThrowingTaskGroup(of: Int.self) { group in
      for index in 0..<40 {
        group.addTask {
          try both[index % 2].register(
            ModelDraft(model: "m", project: "m", run: "r\(index)", archive: archive), actor: "ana"
          ).version
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(versions.sorted() == Array(1...40))
    #expect(try other.verifyAudit().isIntact)
  }

  @Test func anArchiveMustBeThere() throws {
    let scratch = try Scratch()
    let draft = ModelDraft(model: "m", project: "m", run: "r", archive: Digest(of: "nothing"))
    expect(.notFound) { _ = try scratch.workspace.register(draft, actor: "ana") }
  }

  @Test func rollbackGoesBackAndFurtherBack() throws {
    let scratch = try Scratch()
    for (index, run) in ["r1", "r2", "r3"].enumerated() {
      try scratch.register(run)
      try scratch.workspace.promote("churn", index + 1, actor: "ana", reason: "better")
    }
    #expect(try scratch.workspace.rollback("churn", actor: "ana", reason: "worse").version == 2)
    #expect(try scratch.workspace.rollback("churn", actor: "ana", reason: "worse").version == 1)
    expect(.conflict, "no other version") { try scratch.workspace.rollback("churn", actor: "ana", reason: "") }
    try scratch.workspace.promote("churn", 3, actor: "ana", reason: "mended")
    #expect(try scratch.workspace.rollback("churn", actor: "ana", reason: "").version == 1)
    #expect(try scratch.workspace.resolve("churn").version == 1)
    #expect(try scratch.workspace.modelVersion("churn", 3).stage == .retired)
    #expect(try scratch.workspace.aliasMoves(of: "churn").map(\.version) == [1, 3, 1, 2, 3, 2, 1])
  }

  @Test func rollbackIsHeldToTheGateToo() throws {
    let scratch = try Scratch()
    try scratch.register("r1")
    try scratch.workspace.promote("churn", 1, actor: "ana", reason: "")
    try scratch.register("r2")
    try scratch.workspace.promote("churn", 2, actor: "ana", reason: "")
    try scratch.workspace.recordGate([failing], for: "churn", 1, actor: "ana")
    expect(.conflict, "0.83") { try scratch.workspace.rollback("churn", actor: "ana", reason: "") }
    #expect(try scratch.workspace.resolve("churn").version == 2)
  }

  @Test func promotingTwiceOrUnderTheSameRunMovesOnce() throws {
    let scratch = try Scratch()
    try scratch.register("r1")
    try scratch.register("r2")
    let before = try scratch.workspace.aliasRevision()
    let first = try scratch.workspace.promote("churn", 1, actor: "ana", reason: "", run: "p1")
    #expect(try scratch.workspace.promote("churn", 1, actor: "ana", reason: "") == first)
    try scratch.workspace.promote("churn", 2, actor: "ana", reason: "")
    #expect(try scratch.workspace.promote("churn", 1, actor: "ana", reason: "", run: "p1") == first)
    #expect(try scratch.workspace.resolve("churn").version == 2)
    try scratch.workspace.rollback("churn", actor: "ana", reason: "", run: "b1")
    try scratch.workspace.rollback("churn", actor: "ana", reason: "", run: "b1")
    #expect(try scratch.workspace.resolve("churn").version == 1)
    #expect(try scratch.workspace.aliasRevision() == before + 3)
  }

  @Test func referencesAreResolvedOrExplained() throws {
    let scratch = try Scratch()
    try scratch.register("r1")
    try scratch.register("r2")
    expect(.notFound, "champion") { _ = try scratch.workspace.resolve("churn") }
    #expect(try scratch.workspace.resolve("churn@2").version == 2)
    #expect(try scratch.workspace.resolve("churn@latest").version == 2)
    expect(.notFound, "version '7'") { _ = try scratch.workspace.resolve("churn@7") }
    expect(.notFound, "alias 'champoin'") { _ = try scratch.workspace.resolve("churn@champoin") }
    do { _ = try scratch.workspace.resolve("chrun") } catch let error as MLError {
      #expect(error.hint == "Did you mean 'churn'?")
    }
  }
}
