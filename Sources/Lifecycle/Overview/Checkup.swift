import Basics
package import Storage

/// What `doctor` looks at: the machine, the disk, the ports, the workspace.
package enum Checkup {
  /// Free disk space below which a warning is given.
  static let leastFreeBytes = 500 << 20

  /// All checks in order.
  ///
  /// - Parameters:
  ///   - path: folder of the workspace, whether or not it exists.
  ///   - portIsFree: whether a port can be listened on; asked of the caller, who knows sockets.
  package static func run(path: String, context: LifecycleContext, portIsFree: (Int) -> Bool) throws -> [DoctorCheck] {
    var checks: [DoctorCheck] = [
      DoctorCheck(
        name: "machine", passed: true,
        message: "\(Machine.coreCount) cores; Apus \(Release.version)", hint: nil)
    ]
    checks.append(disk(path))
    let isFree = portIsFree(8080)
    checks.append(
      DoctorCheck(
        name: "port-8080", passed: true, message: isFree ? "free" : "in use",
        hint: isFree ? nil : "A server may be running already; serve elsewhere with --port."))
    guard FileSystem.exists(path + "/apus.sqlite") else {
      checks.append(
        DoctorCheck(
          name: "workspace", passed: true, message: "there is none at \(path) yet",
          hint: "Make one with: apus train FILE --target COLUMN"))
      return checks
    }
    let workspace = try Workspace.open(at: path, create: false, clock: context.clock)
    checks += try workspace.doctor()
    checks.append(archives(workspace, context))
    return checks
  }

  private static func disk(_ path: String) -> DoctorCheck {
    var folder = path
    while !FileSystem.exists(folder), folder != "/" { folder = FileSystem.parent(folder) }
    guard let free = FileSystem.freeBytes(folder) else {
      return DoctorCheck(name: "disk", passed: true, message: "free space is not known", hint: nil)
    }
    let writable = FileSystem.isWritable(folder)
    let megabytes = free >> 20
    return DoctorCheck(
      name: "disk", passed: free >= leastFreeBytes && writable,
      message: "\(megabytes) MB free\(writable ? "" : ", but \(folder) cannot be written")",
      hint: free < leastFreeBytes ? "Free some space." : writable ? nil : "Choose another folder with --workspace.")
  }

  /// Loads every champion and verifies its golden rows.
  private static func archives(_ workspace: Workspace, _ context: LifecycleContext) -> DoctorCheck {
    var bad: [String] = []
    var count = 0
    do {
      for version in try workspace.modelVersions() {
        count += 1
        do {
          _ = try Models.archive(of: version, in: workspace, registry: context.registry)
        } catch {
          bad.append("\(version.reference): \((error as? MLError)?.message ?? "\(error)")")
        }
      }
    } catch {
      bad.append("\(error)")
    }
    return DoctorCheck(
      name: "archives", passed: bad.isEmpty,
      message: bad.isEmpty
        ? "\(count) model versions load and reproduce their golden rows" : bad.joined(separator: "; "),
      hint: bad.isEmpty ? nil : "Restore the damaged files from a copy, or train again.")
  }
}
