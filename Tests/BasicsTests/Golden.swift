import Basics

/// Reads `Tests/Fixtures/Golden/basics`.
enum Golden {
  static func json(_ name: String, file: String = #filePath) throws -> JSONValue {
    let tests = FileSystem.parent(FileSystem.parent(file))
    return try JSONValue(parsing: FileSystem.read("\(tests)/Fixtures/Golden/basics/\(name)"))
  }
}
