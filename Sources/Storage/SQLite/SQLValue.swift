import Basics

/// A value that goes into or comes out of the database.
enum SQLValue: Sendable, Hashable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case blob([UInt8])

  static func text(_ value: String?) -> SQLValue { value.map { .text($0) } ?? .null }
  static func integer(_ value: Int) -> SQLValue { .integer(Int64(value)) }
  static func integer(_ value: Int?) -> SQLValue { value.map { .integer(Int64($0)) } ?? .null }
  static func real(_ value: Double?) -> SQLValue { value.map { .real($0) } ?? .null }
  static func time(_ value: Timestamp) -> SQLValue { .integer(value.microseconds) }
  static func time(_ value: Timestamp?) -> SQLValue { value.map { .integer($0.microseconds) } ?? .null }
  static func json(_ value: JSONValue) -> SQLValue { .text(value.compact) }
  static func json(_ value: JSONValue?) -> SQLValue { value.map { .text($0.compact) } ?? .null }
  static func digest(_ value: Digest) -> SQLValue { .text(value.hex) }
  static func boolean(_ value: Bool) -> SQLValue { .integer(Int64(value ? 1 : 0)) }

  static func outcome(_ value: Outcome) -> SQLValue {
    switch value {
    case .number(let number): .real(number)
    case .text(let text): .text(text)
    }
  }
}
