import Foundation

/// Turns settings into typed values and back, checked against a card.
public enum Configuration {
  /// Settings of `value` as JSON with sorted keys.
  public static func encode(_ value: some Encodable) throws -> JSONValue {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return try JSONValue(parsing: Array(encoder.encode(value)))
  }

  /// A value of `type` from JSON.
  ///
  /// - Throws: `MLError` `.invalidData` when the shape does not fit.
  public static func decode<T: Decodable>(_ type: T.Type, from json: JSONValue) throws -> T {
    do {
      return try JSONDecoder().decode(type, from: Data(json.compact.utf8))
    } catch let error as MLError {
      throw error
    } catch {
      throw MLError(.invalidData, "configuration: does not fit \(type) (\(error)).", cause: error)
    }
  }

  /// `defaults` with `settings` laid over it, every key and value checked against the card.
  ///
  /// - Throws: `MLError` `.invalidParameter` naming an unknown key (with the closest) or a value out of range.
  public static func decode<T: Described & Codable>(
    _ type: T.Type, defaults: T, settings: JSONValue
  ) throws -> T {
    let card = T.card
    guard case .object(let given) = settings else {
      throw MLError(.invalidParameter, "\(card.name): settings must be an object of names and values.")
    }
    var merged = try encode(defaults)
    for (key, value) in given {
      guard let parameter = card.hyperparameters.first(where: { $0.name == key }) else {
        throw MLError.unknown(
          "setting", key, among: card.hyperparameters.map(\.name), in: card.name, code: .invalidParameter)
      }
      try parameter.validate(value, owner: card.name)
      merged[key] = value
    }
    return try decode(type, from: merged)
  }
}
