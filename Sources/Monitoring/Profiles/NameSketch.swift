import Basics

/// Names with counts, bounded: keeps the names with the smallest hashes, so that parts merge to exactly what the whole
/// gives, and estimates how many different names there were.
///
/// - Source: Bar-Yossef et al., *Counting distinct elements in a data stream*, RANDOM 2002 (bottom-k).
package struct NameSketch: Sendable, Hashable {
  /// Names kept at most.
  static let capacity = 64
  /// Bytes of a name kept at most; longer names end in an ellipsis.
  static let nameLimit = 200

  private struct Entry: Sendable, Hashable {
    var hash: UInt64
    var name: String
    var count: Int64
  }

  private var entries: [Entry] = []
  private var isFull = false

  /// Nothing added.
  package init() {}

  /// Adds `count` rows of `name`.
  mutating func add(_ name: String, count: Int64 = 1) {
    var name = name
    if name.utf8.count > Self.nameLimit {
      name = String(name.prefix(Self.nameLimit / 4)) + "…" + String(StableHash.hash(name), radix: 16)
    }
    insert(Entry(hash: StableHash.hash(name), name: name, count: count))
  }

  /// Adds what another one kept.
  mutating func merge(_ other: NameSketch) {
    for entry in other.entries { insert(entry) }
    isFull = isFull || other.isFull
  }

  private mutating func insert(_ entry: Entry) {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if Self.precedes(entries[middle], entry) { low = middle + 1 } else { high = middle }
    }
    if low < entries.count, entries[low].name == entry.name {
      entries[low].count += entry.count
    } else if low < Self.capacity {
      entries.insert(entry, at: low)
      if entries.count > Self.capacity {
        entries.removeLast()
        isFull = true
      }
    } else {
      isFull = true
    }
  }

  private static func precedes(_ a: Entry, _ b: Entry) -> Bool {
    a.hash != b.hash ? a.hash < b.hash : a.name < b.name
  }

  /// Kept names by falling count, ties by name.
  package var names: [(name: String, count: Int64)] {
    entries.sorted { $0.count != $1.count ? $0.count > $1.count : $0.name < $1.name }.map { ($0.name, $0.count) }
  }

  /// Different names: exact up to the capacity, estimated beyond.
  package var distinctCount: Int {
    guard isFull, let last = entries.last, last.hash > 0 else { return entries.count }
    let fraction = max(StableHash.fraction(last.hash), 0x1p-53)
    return Int(min(1e15, (Double(entries.count - 1) / fraction).rounded()))
  }
}

extension NameSketch: Codable {
  enum CodingKeys: String, CodingKey { case names, counts, full }

  /// Names and counts in hash order.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(entries.map(\.name), forKey: .names)
    try container.encode(entries.map(\.count), forKey: .counts)
    try container.encode(isFull, forKey: .full)
  }

  /// Refuses lists of different lengths.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let names = try container.decode([String].self, forKey: .names)
    let counts = try container.decode([Int64].self, forKey: .counts)
    guard names.count == counts.count, names.count <= Self.capacity, counts.allSatisfy({ $0 > 0 }) else {
      throw ProfileError.corrupt("names and counts do not fit together")
    }
    for (name, count) in zip(names, counts) {
      insert(Entry(hash: StableHash.hash(name), name: name, count: count))
    }
    isFull = try container.decode(Bool.self, forKey: .full)
  }
}
