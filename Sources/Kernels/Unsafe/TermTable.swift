import CKernels

/// Ids of term keys, in order of first appearance.
package struct TermTable: Sendable {
  /// Keys held; the next id.
  package private(set) var count = 0
  private var slots: [ck_term_slot]
  private var bits: Int32

  /// Room for `capacity` keys at first.
  package init(capacity: Int = 0) {
    bits = 8
    while 1 << Int(bits) < capacity * 2 { bits += 1 }
    slots = [ck_term_slot](repeating: ck_term_slot(), count: 1 << Int(bits))
  }

  /// Ids of `keys`, none of them 0; keys that are not there get the next ids.
  package mutating func insert(_ keys: [UInt64]) -> [Int32] {
    makeRoom(for: keys.count)
    var ids = [Int32](repeating: 0, count: keys.count)
    var next = Int32(count)
    let bits = bits
    slots.withUnsafeMutableBufferPointer { slots in
      keys.withUnsafeBufferPointer { keys in
        ids.withUnsafeMutableBufferPointer { ids in
          guard let table = slots.baseAddress, let from = keys.baseAddress, let to = ids.baseAddress else { return }
          // SAFETY: the table has a free slot for every key; `ids` is as long as `keys`.
          ck_terms_insert(table, bits, from, keys.count, to, &next)
        }
      }
    }
    count = Int(next)
    return ids
  }

  /// Id of every term of a batch, -1 where there is none; with `hashBits` above 0 the top bits of its mixed key.
  package func find(_ batch: TermBatch, hashBits: Int, into ids: inout [Int32]) {
    if ids.count < batch.termCount {
      ids.append(contentsOf: repeatElement(0, count: batch.termCount * 2 - ids.count))
    }
    slots.withUnsafeBufferPointer { slots in
      batch.terms.withUnsafeBufferPointer { terms in
        ids.withUnsafeMutableBufferPointer { ids in
          guard let table = slots.baseAddress, let from = terms.baseAddress, let to = ids.baseAddress else { return }
          // SAFETY: `terms` and `ids` hold at least `termCount` elements; the table has a free slot.
          ck_terms_find(table, bits, Int32(hashBits), from, batch.termCount, to)
        }
      }
    }
  }

  /// Counts the terms of a batch row by row; returns the positions in the batch of terms seen for the first time.
  package mutating func countRows(of batch: TermBatch, into entries: inout TermEntries) -> ArraySlice<Int32> {
    makeRoom(for: batch.termCount)
    entries.open(termCount: batch.termCount, rowCount: batch.rowCount)
    var next = Int32(count)
    let bits = bits
    let first = Int32(entries.ids.count)
    let made = slots.withUnsafeMutableBufferPointer { slots in
      batch.terms.withUnsafeBufferPointer { terms in
        batch.rowEnds.withUnsafeBufferPointer { ends in
          entries.withBuffers { ids, counts, rowEnds, fresh in
            guard let table = slots.baseAddress, let from = terms.baseAddress, let ends = ends.baseAddress else {
              return 0
            }
            // SAFETY: the table has a free slot for every term; the buffers hold an element a term, or a row.
            return ck_terms_count(
              table, bits, from, ends, batch.rowCount, first, ids, counts, rowEnds, fresh, &next)
          }
        }
      }
    }
    let newCount = Int(next) - count
    count = Int(next)
    return entries.close(made, rowCount: batch.rowCount, newCount: newCount)
  }

  private mutating func makeRoom(for more: Int) {
    let wanted = (count + more) * 2
    guard wanted > slots.count else { return }
    var larger = bits
    // Batches are short beside a large table: grow by four where keys fill it, not where terms may.
    while 1 << Int(larger) < wanted { larger += 1 }
    if count * 4 > slots.count { larger = max(larger, bits + 2) }
    var next = [ck_term_slot](repeating: ck_term_slot(), count: 1 << Int(larger))
    slots.withUnsafeBufferPointer { old in
      next.withUnsafeMutableBufferPointer { next in
        guard let from = old.baseAddress, let to = next.baseAddress else { return }
        // SAFETY: `next` is larger than `old`, so every used slot finds a free one.
        ck_terms_rehash(from, old.count, to, larger)
      }
    }
    slots = next
    bits = larger
  }
}

/// Distinct terms of rows with their counts; row `r` has entries `offsets[r] ..< offsets[r + 1]`.
package struct TermEntries: Sendable {
  /// Term or feature of each entry.
  package private(set) var ids: [Int32] = []
  /// How often it occurs in its row.
  package private(set) var counts: [Int32] = []
  /// Start of each row and the end of the last.
  package private(set) var offsets: [Int] = [0]
  private var scratch: (ids: [Int32], counts: [Int32], ends: [Int64], fresh: [Int32]) = ([], [], [], [])

  /// No rows.
  package init() {}

  /// Rows counted.
  package var rowCount: Int { offsets.count - 1 }

  /// In how many rows each of `idCount` ids is.
  package func rowCounts(idCount: Int) -> [Int32] {
    var out = [Int32](repeating: 0, count: idCount)
    for id in ids { out[Int(id)] += 1 }
    return out
  }

  /// Entries by `feature[id]` in ascending order within each row, equal ones added up, those below 0 left out.
  package func ordered(by feature: [Int32]) -> TermEntries {
    Self.ordered(ids, counts, offsets, feature)
  }

  /// Entries from the features of terms, one after the other; -1 is none.
  ///
  /// With `positions`, what stands in `features` are places in it.
  package mutating func append(features: [Int32], of batch: TermBatch, positions: [Int32]? = nil) {
    var ends = [0]
    ends.reserveCapacity(batch.rowCount + 1)
    for end in batch.rowEnds { ends.append(Int(end)) }
    let made = Self.ordered(features, nil, ends, positions)
    let start = ids.count
    ids.append(contentsOf: made.ids)
    counts.append(contentsOf: made.counts)
    offsets.append(contentsOf: made.offsets.dropFirst().lazy.map { $0 + start })
  }

  private static func ordered(
    _ ids: [Int32], _ counts: [Int32]?, _ offsets: [Int], _ feature: [Int32]?
  ) -> TermEntries {
    let rows = offsets.count - 1
    let total = offsets[rows]
    var longest = 0
    for row in 0..<rows { longest = max(longest, offsets[row + 1] - offsets[row]) }
    precondition(total <= ids.count, "offsets end inside the entries")
    let starts = offsets.map(Int64.init)
    var scratch = [UInt64](repeating: 0, count: longest * 2 + 1)
    var ends = [Int64](repeating: 0, count: rows + 1)
    var out = TermEntries()
    var made = 0
    out.counts = [Int32](unsafeUninitializedCapacity: total) { countBuffer, countTotal in
      out.ids = [Int32](unsafeUninitializedCapacity: total) { idBuffer, idTotal in
        // SAFETY: entries only get fewer, so `total` is room enough; `scratch` has twice the longest row.
        made = ids.withUnsafeBufferPointer { ids in
          withOptional(counts) { counts in
            withOptional(feature) { feature in
              guard let from = ids.baseAddress, let to = idBuffer.baseAddress, let sums = countBuffer.baseAddress else {
                return 0
              }
              return ck_terms_order(from, counts, starts, rows, feature, &scratch, to, sums, &ends)
            }
          }
        }
        idTotal = made
      }
      countTotal = made
    }
    out.offsets = ends.map(Int.init)
    return out
  }

  private static func withOptional(_ values: [Int32]?, _ body: (UnsafePointer<Int32>?) -> Int) -> Int {
    // SAFETY: the pointer is used inside `body` only.
    values.map { $0.withUnsafeBufferPointer { body($0.baseAddress) } } ?? body(nil)
  }

  // MARK: A batch under way

  /// Gives back the memory that counting needed.
  package mutating func close() { scratch = ([], [], [], []) }

  fileprivate mutating func open(termCount: Int, rowCount: Int) {
    precondition(ids.count + termCount < Int(Int32.max), "a block holds fewer than 2^31 entries")
    if scratch.ids.count < termCount {
      let room = [Int32](repeating: 0, count: termCount * 2)
      (scratch.ids, scratch.counts, scratch.fresh) = (room, room, room)
    }
    if scratch.ends.count < rowCount { scratch.ends = [Int64](repeating: 0, count: rowCount * 2) }
  }

  fileprivate mutating func close(_ made: Int, rowCount: Int, newCount: Int) -> ArraySlice<Int32> {
    ids.append(contentsOf: scratch.ids[..<made])
    counts.append(contentsOf: scratch.counts[..<made])
    offsets.append(contentsOf: scratch.ends[..<rowCount].lazy.map(Int.init))
    return scratch.fresh[..<newCount]
  }

  fileprivate mutating func withBuffers(
    _ body: (
      UnsafeMutablePointer<Int32>?, UnsafeMutablePointer<Int32>?, UnsafeMutablePointer<Int64>?,
      UnsafeMutablePointer<Int32>?
    ) -> Int
  ) -> Int {
    // SAFETY: `open` made room; the pointers do not outlive `body`.
    scratch.ids.withUnsafeMutableBufferPointer { ids in
      scratch.counts.withUnsafeMutableBufferPointer { counts in
        scratch.ends.withUnsafeMutableBufferPointer { ends in
          scratch.fresh.withUnsafeMutableBufferPointer { fresh in
            body(ids.baseAddress, counts.baseAddress, ends.baseAddress, fresh.baseAddress)
          }
        }
      }
    }
  }
}
