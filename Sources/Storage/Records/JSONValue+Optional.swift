import Basics

extension JSONValue {
  /// A text, or `null`.
  static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
}
