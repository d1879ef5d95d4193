import Basics

extension Workspace {
  /// Looks at the whole workspace: database, audit log, gate records, aliases, objects, and files left half-written by
  /// processes that are gone. Changes nothing.
  public func doctor() throws -> [DoctorCheck] {
    [
      try checkDatabase(), try checkAudit(), try checkAliases(), try checkObjects(), try checkReferences(),
      try checkTemporaries(),
    ]
  }

  /// Removes files left half-written by processes that are gone.
  ///
  /// - Returns: their paths.
  @discardableResult
  public func removeOrphans() throws -> [String] {
    let orphans = try orphanedTemporaries()
    for path in orphans { try FileSystem.remove(path) }
    return orphans
  }

  /// Files left half-written by processes that are gone, sorted.
  public func orphanedTemporaries() throws -> [String] {
    var out: [String] = []
    let search = path + "/search"
    let trials = FileSystem.exists(search) ? try FileSystem.list(search).map { "\(search)/\($0)" } : []
    for folder in [path, objects.path] + trials where FileSystem.isDirectory(folder) {
      for name in try FileSystem.list(folder) {
        guard let writer = FileSystem.writer(ofTemporary: name), !ProcessIdentity.isAlive(writer) else { continue }
        out.append("\(folder)/\(name)")
      }
    }
    return out.sorted()
  }

  private func checkDatabase() throws -> DoctorCheck {
    let problems = try database.integrityProblems()
    return Self.check(
      "database", problems, fine: "apus.sqlite is sound.",
      hint: "Restore apus.sqlite from a copy.")
  }

  private func checkAudit() throws -> DoctorCheck {
    let verdict = try verifyAudit()
    return Self.check(
      "audit-log", verdict.isIntact ? [] : [verdict.message],
      fine: "The audit log's \(verdict.count) lines form one chain.",
      hint: "Somebody changed the audit log by hand; restore apus.sqlite from a copy.")
  }

  private func checkAliases() throws -> DoctorCheck {
    var problems: [String] = []
    var count = 0
    for model in try models() {
      for alias in AliasName.allCases {
        do {
          count += try database.read { try Self.verifiedAlias($0, model.name, alias) } == nil ? 0 : 1
        } catch let error as MLError { problems.append(error.message) }
      }
    }
    return Self.check(
      "gate", problems, fine: "All \(count) aliases point to versions whose gate record holds.",
      hint: "Promote or roll back to a version that passes: 'apus models list'.")
  }

  private func checkObjects() throws -> DoctorCheck {
    var problems: [String] = []
    let all = try objects.all()
    for digest in all {
      do { try objects.verify(digest) } catch let error as MLError { problems.append(error.message) }
    }
    return Self.check(
      "objects", problems, fine: "All \(all.count) objects match their digests.",
      hint: "Restore the damaged files from a copy.")
  }

  private func checkReferences() throws -> DoctorCheck {
    var problems: [String] = []
    for version in try modelVersions() where !objects.exists(version.archive) {
      problems.append("the archive of \(version.reference) is missing")
    }
    for dataset in try datasets() {
      for shard in dataset.shards where shard.location == nil && !objects.exists(shard.digest) {
        problems.append("a file of dataset \(dataset.reference) is missing")
      }
    }
    return Self.check(
      "references", problems, fine: "Every archive and dataset file is there.",
      hint: "Restore the 'objects' folder from a copy.")
  }

  private func checkTemporaries() throws -> DoctorCheck {
    let orphans = try orphanedTemporaries()
    return Self.check(
      "temporary-files", orphans.map { "\($0) was left half-written" }, fine: "No file was left half-written.",
      hint: "They are harmless; any command that writes to the workspace removes them.")
  }

  private static func check(_ name: String, _ problems: [String], fine: String, hint: String) -> DoctorCheck {
    guard let first = problems.first else { return DoctorCheck(name: name, passed: true, message: fine, hint: nil) }
    let rest = problems.count > 1 ? " (and \(problems.count - 1) more)" : ""
    return DoctorCheck(name: name, passed: false, message: "\(first)\(rest)", hint: hint)
  }
}
