/// A list of registered things, looked up by the name on their card.
///
/// `Entry` is an existential metatype such as `any Estimator.Type`.
public struct Catalog<Entry: Sendable>: Sendable {
  /// Entries in the order they were listed.
  public let entries: [Entry]
  private let cards: [Card]
  private let kind: String

  /// Lists `entries`; `card` reads an entry's card.
  public init(_ kind: String, _ entries: [Entry], card: (Entry) -> Card) {
    self.kind = kind
    self.entries = entries
    self.cards = entries.map(card)
  }

  /// Registered names in listing order.
  public var names: [String] { cards.map(\.name) }

  /// Entry called `name`.
  ///
  /// - Throws: `MLError` `.invalidParameter` with the closest names.
  public func entry(_ name: String) throws -> Entry {
    if let index = cards.firstIndex(where: { $0.name == name }) { return entries[index] }
    throw MLError.unknown(kind, name, among: names, in: "catalog", code: .invalidParameter)
  }
}
