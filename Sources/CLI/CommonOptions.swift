import ArgumentParser
import Basics
import Lifecycle
import Modeling
import Storage

/// Options that every verb takes.
struct CommonOptions: ParsableArguments {
  @Flag(name: .long, help: "Print one JSON document on stdout and nothing else.")
  var json = false

  @Flag(name: .long, help: "Print results only, no progress.")
  var quiet = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The workspace folder (default: the nearest .apus upwards, else created here).", valueName: "dir"))
  var workspace: String?

  @Option(name: .long, help: ArgumentHelp("Seed of every random choice.", valueName: "n"))
  var seed: UInt64 = 0

  @Option(
    name: .long, help: ArgumentHelp("Threads to use (default: all cores). Results do not depend on it.", valueName: "n")
  )
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be in 1…1024; got \(threads).")
    }
  }

  /// The folder of the workspace: the one named, else the nearest `.apus` upwards, else `.apus` here.
  var workspacePath: String {
    if let workspace { return FileSystem.absolute(workspace) }
    var folder = FileSystem.currentDirectory
    while true {
      let candidate = folder == "/" ? "/.apus" : folder + "/.apus"
      if FileSystem.isDirectory(candidate) { return candidate }
      if folder == "/" { return FileSystem.currentDirectory + "/.apus" }
      folder = FileSystem.parent(folder)
    }
  }
}
