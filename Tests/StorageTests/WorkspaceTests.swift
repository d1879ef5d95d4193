import Basics
import Foundation
import Storage
import Testing

@Suite struct WorkspaceTests {
  @Test func aWorkspaceIsMadeOnceAndOpenedByTwo() throws {
    let scratch = try Scratch()
    #expect(!scratch.workspace.isReadOnly)
    let other = try Workspace.open(at: scratch.path, create: true, clock: scratch.clock)
    try scratch.register("r1")
    #expect(try other.modelVersions().count == 1)
    #expect(try other.doctor().allSatisfy(\.passed))
    expect(.notFound, "no workspace") { _ = try Workspace.open(at: scratch.folder + "/none", create: false) }
    #expect(!FileSystem.exists(scratch.folder + "/none"))
  }

  @Test func manyOpenAFreshFolderAtOnce() async throws {
    let folder = try FileSystem.temporaryDirectory(prefix: "storage-tests")
    defer { try? FileSystem.remove(folder) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<8 {
        group.addTask {
          let workspace = try Workspace.open(at: folder + "/.apus", create: true)
          try workspace.audit(actor: "a\(index)", action: "note", subject: "x")
        }
      }
      try await group.waitForAll()
    }
    let verdict = try Workspace.open(at: folder + "/.apus", create: false).verifyAudit()
    #expect(verdict.isIntact && verdict.count == 8)
  }

  @Test func theNearestWorkspaceIsFound() throws {
    let scratch = try Scratch()
    let deep = scratch.folder + "/a/b"
    try FileSystem.createDirectory(deep)
    #expect(Workspace.find(from: deep) == scratch.path)
    #expect(Workspace.find(from: "/") == nil)
  }

  @Test func aNewerWorkspaceIsRefused() throws {
    let scratch = try Scratch()
    try scratch.tamper("INSERT INTO grdb_migrations (identifier) VALUES ('9999-from-the-future')")
    expect(.unsupportedVersion, "newer") { _ = try scratch.reopened() }
  }

  @Test func aDamagedDatabaseIsNamed() throws {
    let folder = try FileSystem.temporaryDirectory(prefix: "storage-tests")
    defer { try? FileSystem.remove(folder) }
    try FileSystem.write(Array(repeating: 0x41, count: 8192), to: folder + "/apus.sqlite")
    expect(.corruptFile, "apus.sqlite") { _ = try Workspace.open(at: folder, create: true) }
  }

  @Test func aDamagedPageIsFoundByTheDoctor() throws {
    let scratch = try Scratch()
    try scratch.workspace.predictionLog().append(
      (0..<3000).map { index in
        PredictionRecord(
          id: PredictionID.make(at: Timestamp(microseconds: Int64(index))), model: "m", version: 1, endpoint: "m",
          time: Timestamp(microseconds: Int64(index)), features: String(repeating: "x", count: 60),
          prediction: .number(1),
          latencyMicroseconds: 1)
      })
    let copy = scratch.folder + "/copy"
    try FileSystem.createDirectory(copy)
    try scratch.tamper("VACUUM INTO '\(copy)/apus.sqlite'")
    var bytes = try FileSystem.read(copy + "/apus.sqlite")
    for index in 0..<600 { bytes[bytes.count / 2 + index] ^= 0x5A }
    try FileSystem.write(bytes, to: copy + "/apus.sqlite")
    do {
      let check = try Workspace.open(at: copy, create: false).doctor().first { $0.name == "database" }
      #expect(check?.passed == false)
    } catch let error as MLError { #expect(error.code == .corruptFile) }
  }

  @Test func aFolderThatCannotBeMadeIsNamed() {
    expect(.io) { _ = try Workspace.open(at: "/proc/none/.apus", create: true) }
  }

  @Test func aReadOnlyWorkspaceCanBeReadButNotWritten() throws {
    let scratch = try Scratch()
    try scratch.register("r1")
    let copy = scratch.folder + "/copy"
    try FileSystem.createDirectory(copy)
    try scratch.tamper("VACUUM INTO '\(copy)/apus.sqlite'")
    chmod(copy + "/apus.sqlite", 0o444)
    chmod(copy, 0o555)
    defer { chmod(copy, 0o755) }
    // The superuser may write anywhere; then there is nothing to see.
    guard !FileSystem.isWritable(copy) else { return }
    let workspace = try Workspace.open(at: copy, create: false)
    #expect(workspace.isReadOnly)
    #expect(try workspace.modelVersions().count == 1)
    expect(.io, "read-only") { try workspace.audit(actor: "ana", action: "note", subject: "x") }
  }

  @Test func aHalfWrittenFileOfADeadProcessIsRemoved() throws {
    let scratch = try Scratch()
    let dead = scratch.workspace.objects.path + "/incoming.999999999.1.tmp"
    let alive = scratch.workspace.objects.path + "/incoming.\(Machine.processIdentifier).1.tmp"
    let other = scratch.path + "/notes.tmp"
    for path in [dead, alive, other] { try FileSystem.write([1], to: path) }
    #expect(try scratch.workspace.orphanedTemporaries() == [dead])
    #expect(try scratch.workspace.doctor().first { $0.name == "temporary-files" }?.passed == false)
    #expect(try scratch.reopened().doctor().allSatisfy(\.passed))
    #expect(!FileSystem.exists(dead) && FileSystem.exists(alive) && FileSystem.exists(other))
  }

  @Test func objectsAreNamedByTheirContent() throws {
    let scratch = try Scratch()
    let objects = scratch.workspace.objects
    let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let file = scratch.folder + "/file"
    try FileSystem.write(bytes, to: file)
    let digest = try objects.put(fileAt: file)
    #expect(digest == Digest(of: bytes))
    #expect(try objects.put(bytes) == digest && objects.put(fileAt: file) == digest)
    #expect(try objects.get(digest) == bytes && objects.all() == [digest])
    #expect(try FileSystem.list(objects.path).count == 1)
    expect(.notFound) { _ = try objects.get(Digest(of: "none")) }
    expect(.notFound) { try objects.put(fileAt: file + "x") }
    var damaged = bytes
    damaged[1_500_000] ^= 1
    try FileSystem.write(damaged, to: objects.path(of: digest))
    expect(.corruptFile) { _ = try objects.get(digest) }
    #expect(try scratch.workspace.doctor().first { $0.name == "objects" }?.passed == false)
    try objects.put(bytes)
    try objects.verify(digest)
  }

  @Test func datasetVersionsAreImmutableAndCountedByContent() throws {
    let scratch = try Scratch()
    let workspace = scratch.workspace
    func draft(_ text: String, name: String = "churn", profile: JSONValue? = nil) throws -> DatasetDraft {
      let digest = try workspace.objects.put(Array(text.utf8))
      return DatasetDraft(
        name: name, schema: ["fields": []],
        shards: [DatasetShard(digest: digest, rowCount: 3, sizeBytes: text.utf8.count)],
        profile: profile, parents: [Digest(of: "parent")], lineage: ["step": "import"], source: "churn.csv")
    }
    let first = try workspace.addDataset(draft("a"), actor: "ana")
    #expect(first.isNew && first.version.reference == "churn@1" && first.version.rowCount == 3)
    #expect(try !workspace.addDataset(draft("a"), actor: "ana").isNew)
    #expect(try workspace.addDataset(draft("b"), actor: "ana").version.version == 2)
    #expect(try workspace.addDataset(draft("a", name: "other"), actor: "ana").version.version == 1)
    #expect(try workspace.addDataset(draft("a", profile: ["n": 3]), actor: "ana").version.profile == ["n": 3])
    #expect(
      try workspace.dataset("churn").version == 2 && workspace.dataset("churn@1").parents == [Digest(of: "parent")])
    #expect(try workspace.datasets().map(\.reference) == ["churn@2", "churn@1", "other@1"])
    #expect(try workspace.dataset(digest: first.version.digest)?.reference == "churn@1")
    expect(.notFound, "churn@3") { _ = try workspace.dataset("churn@3") }
    #expect(throws: RawFailure.self) { try scratch.tamper("UPDATE dataset_version SET row_count = 4") }
  }

  @Test func openingsOfSealedRowsAreCountedOncePerRun() throws {
    let scratch = try Scratch()
    let data = Digest(of: "d")
    #expect(try scratch.workspace.openSealedRows(of: data, run: "r1", purpose: "evaluate") == 1)
    #expect(try scratch.workspace.openSealedRows(of: data, run: "r2", purpose: "evaluate") == 2)
    #expect(try scratch.workspace.openSealedRows(of: data, run: "r1", purpose: "evaluate") == 1)
    #expect(try scratch.workspace.openSealedRows(of: Digest(of: "e"), run: "r1", purpose: "evaluate") == 1)
    #expect(try scratch.reopened().sealedOpenings(of: data).map(\.run) == ["r1", "r2"])
    #expect(throws: RawFailure.self) { try scratch.tamper("DELETE FROM sealed_opening") }
  }
}
