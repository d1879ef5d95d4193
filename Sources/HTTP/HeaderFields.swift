/// Header fields of a message in the order they came; names compare without case.
public struct HeaderFields: Sendable, Hashable, ExpressibleByDictionaryLiteral {
  /// Names and values in order.
  public var pairs: [(name: String, value: String)]

  /// Fields in the order given.
  public init(_ pairs: [(name: String, value: String)] = []) { self.pairs = pairs }

  /// Fields in the order written.
  public init(dictionaryLiteral elements: (String, String)...) {
    pairs = elements.map { (name: $0.0, value: $0.1) }
  }

  /// Value of the first field called `name`; setting replaces every such field, setting `nil` removes them.
  public subscript(name: String) -> String? {
    get {
      for pair in pairs where Self.same(pair.name, name) { return pair.value }
      return nil
    }
    set {
      pairs.removeAll { Self.same($0.name, name) }
      if let newValue { pairs.append((name: name, value: newValue)) }
    }
  }

  /// Values of every field called `name`.
  public func values(_ name: String) -> [String] {
    pairs.filter { Self.same($0.name, name) }.map(\.value)
  }

  /// Appends a field, whether or not there is one of that name.
  public mutating func add(_ name: String, _ value: String) { pairs.append((name: name, value: value)) }

  /// Equal names (byte by byte as written), values and order.
  public static func == (a: HeaderFields, b: HeaderFields) -> Bool {
    a.pairs.count == b.pairs.count && zip(a.pairs, b.pairs).allSatisfy { $0.name == $1.name && $0.value == $1.value }
  }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) {
    for pair in pairs {
      hasher.combine(pair.name)
      hasher.combine(pair.value)
    }
  }

  /// Whether two ASCII names are equal without case.
  static func same(_ a: String, _ b: String) -> Bool {
    let x = a.utf8
    let y = b.utf8
    guard x.count == y.count else { return false }
    for (p, q) in zip(x, y) where p != q {
      guard p ^ q == 32, (97...122).contains(p | 32) else { return false }
    }
    return true
  }
}
