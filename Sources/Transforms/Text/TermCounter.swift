/// Counts terms row by row: how often in each row, and in how many rows.
struct TermCounter: Sendable {
  private struct Slot: Sendable {
    var key: UInt64 = 0
    var term: Int32 = 0
    var lastRow: Int32 = -1
    var position: Int32 = 0
  }

  private var slots = [Slot](repeating: Slot(), count: 1024)
  private var shift: UInt64 = 54
  /// Key of each term, in order of first appearance.
  private(set) var keys: [UInt64] = []
  /// Rows that hold each term.
  private(set) var rowCounts: [Int32] = []
  private var nameBytes: [UInt8] = []
  private var nameEnds: [Int] = []
  /// Term and count of each entry; row `r` has entries `offsets[r] ..< offsets[r + 1]`.
  private(set) var entryTerms: [Int32] = []
  private(set) var entryCounts: [Int32] = []
  private(set) var offsets: [Int] = [0]

  /// Adds the terms of the scanner's text as the next row.
  mutating func addRow(_ scanner: TermScanner) {
    let row = Int32(offsets.count - 1)
    for term in scanner.terms {
      let slot = self.slot(of: term.key)
      if slots[slot].key == 0 {
        slots[slot] = Slot(
          key: term.key, term: Int32(keys.count), lastRow: row, position: Int32(entryTerms.count))
        entryTerms.append(Int32(keys.count))
        entryCounts.append(1)
        keys.append(term.key)
        rowCounts.append(1)
        nameBytes.append(contentsOf: scanner.name(of: term))
        nameEnds.append(nameBytes.count)
        if keys.count * 2 > slots.count { grow() }
      } else if slots[slot].lastRow == row {
        entryCounts[Int(slots[slot].position)] += 1
      } else {
        slots[slot].lastRow = row
        slots[slot].position = Int32(entryTerms.count)
        rowCounts[Int(slots[slot].term)] += 1
        entryTerms.append(slots[slot].term)
        entryCounts.append(1)
      }
    }
    offsets.append(entryTerms.count)
  }

  /// Bytes of a term's name.
  func name(_ term: Int) -> ArraySlice<UInt8> { nameBytes[(term == 0 ? 0 : nameEnds[term - 1])..<nameEnds[term]] }

  private func slot(of key: UInt64) -> Int {
    var index = Int((key &* 0x9E37_79B9_7F4A_7C15) >> shift)
    while slots[index].key != key, slots[index].key != 0 { index = (index + 1) & (slots.count - 1) }
    return index
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: old.count * 4)
    shift -= 2
    for entry in old where entry.key != 0 {
      let index = slot(of: entry.key)
      slots[index] = entry
    }
  }
}

/// Positions of keys; fixed after making.
struct KeyTable: Sendable {
  private var keys: [UInt64]
  private var positions: [Int32]
  private let shift: UInt64

  /// Room for `capacity` keys.
  init(capacity: Int) {
    var bits: UInt64 = 4
    while 1 << bits < capacity * 2 { bits += 1 }
    keys = [UInt64](repeating: 0, count: 1 << bits)
    positions = [Int32](repeating: -1, count: 1 << bits)
    shift = 64 - bits
  }

  /// Position of `key`; -1 when it is not there.
  subscript(key: UInt64) -> Int32 { positions[index(of: key)] }

  /// Position of `key`, which becomes `position` when it was not there.
  mutating func insert(_ key: UInt64, _ position: Int32) -> Int32 {
    let index = index(of: key)
    if keys[index] == 0 {
      keys[index] = key
      positions[index] = position
    }
    return positions[index]
  }

  private func index(of key: UInt64) -> Int {
    var index = Int((key &* 0x9E37_79B9_7F4A_7C15) >> shift)
    while keys[index] != key, keys[index] != 0 { index = (index + 1) & (keys.count - 1) }
    return index
  }
}
