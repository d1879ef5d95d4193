import Basics
import Testing

/// Values of independent implementations; see the README beside them.
enum Golden {
  static func load(_ here: String = #filePath) throws -> JSONValue {
    let tests = FileSystem.parent(FileSystem.parent(here))
    return try JSONValue(parsing: FileSystem.read(tests + "/Fixtures/Golden/monitoring/golden.json"))
  }

  static func integers(_ key: String, _ inner: String? = nil) throws -> [Int] {
    var entry = try load()[key]
    if let inner { entry = entry?[inner] }
    let values = try #require(entry?.arrayValue)
    return values.compactMap { $0.integerValue.map { Int($0) } }
  }
}
