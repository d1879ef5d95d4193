import Basics
import CKernels

extension HistogramArena {
  /// Makes sure slot `index` exists.
  package func reserve(slot index: Int) {
    while slots.count <= index { slots.append(Memory.allocate(Int64.self, cellCount)) }
  }

  /// Builds the histograms of `built`, derives that of `derived` (whose slot holds its parent's) by subtracting
  /// `built[0]`, and finds the best split of each that is to be scanned.
  ///
  /// - Parameters:
  ///   - active: features that may split.
  ///   - reduce: sums cells over ranks; `nil` when there is one.
  /// - Returns: the best split of each of `built`, then of `derived`; `nil` where there is none.
  package func evaluate(
    build built: [LeafWork], derive derived: LeafWork?, active: [Bool], reduce: ((inout [Int64]) throws -> Void)?
  ) throws -> [LeafSplit?] {
    let leaves = built + (derived.map { [$0] } ?? [])
    precondition(leaves.count <= 2 && active.count == features.count, "two leaves at most")
    precondition(leaves.allSatisfy { $0.scan?.allowed?.count ?? features.count == features.count }, "all features")
    let units = (0..<unitCount).filter { unit in members(unit).contains { active[$0] } }
    let rows = built.reduce(0) { $0 + $1.entries.count }
    let parts = partCount(rows)
    if parts > 1 || reduce != nil || workers.count == 1 {
      try buildApart(built, units, parts, active, reduce)
      run(units, isWorthwhile: true) { [self] unit in scan(unit, built.count, leaves, active) }
    } else {
      run(units, isWorthwhile: rows * units.count >= 2048 || cellCount >= 4096) { [self] unit in
        for leaf in built {
          clear(unit, slots[leaf.slot])
          add(unit, leaf.entries, to: slots[leaf.slot])
        }
        scan(unit, built.count, leaves, active)
      }
    }
    return leaves.indices.map { best($0, leaves[$0], active) }
  }

  private func run(_ units: [Int], isWorthwhile: Bool, _ body: @Sendable (Int) -> Void) {
    if isWorthwhile { workers.run(units.count) { body(units[$0]) } } else { units.forEach(body) }
  }

  /// Row ranges that are built apart: where there are rows enough, each row is fetched by one thread only.
  private func partCount(_ rows: Int) -> Int {
    workers.count == 1 || rows < 2 * Self.leastPart ? 1 : min(2 * workers.count, rows / Self.leastPart, 64)
  }

  /// Rows of a part at least: adding up its cells then costs little.
  private static let leastPart = 16384

  /// Rows whose lines stay in the nearest caches from one unit to the next.
  private static let chunkSize = 1024

  private func members(_ unit: Int) -> [Int] {
    unit < blocks.count ? blocks[unit].features : [wideFeatures[unit - blocks.count]]
  }

  private func cells(_ unit: Int) -> Range<Int> {
    if unit < blocks.count {
      return blocks[unit].firstCell..<(blocks[unit].firstCell + blocks[unit].features.count * blocks[unit].stride)
    }
    let feature = wideFeatures[unit - blocks.count]
    return firstCell[feature]..<(firstCell[feature] + features[feature].codeCount)
  }

  /// Builds several units, a few rows at a time: their lines are fetched once.
  private func build(_ units: [Int], _ range: Range<Int>, into slot: UnsafeMutablePointer<Int64>) {
    for unit in units { clear(unit, slot) }
    for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.chunkSize) {
      let chunk = start..<min(start + Self.chunkSize, range.upperBound)
      for unit in units { add(unit, chunk, to: slot) }
    }
  }

  private func clear(_ unit: Int, _ slot: UnsafeMutablePointer<Int64>) {
    let span = cells(unit)
    (slot + span.lowerBound).update(repeating: 0, count: span.count)
  }

  private func add(_ unit: Int, _ range: Range<Int>, to slot: UnsafeMutablePointer<Int64>) {
    let span = cells(unit)
    // SAFETY: rows in entries are below rowCount, codes below the stride (narrow) or the code count (wide).
    if unit < blocks.count {
      let block = blocks[unit]
      ck_histogram(
        block.rows, block.lineSize, Int32(block.features.count), entries + range.lowerBound, range.count,
        slot + block.firstCell,
        block.stride)
    } else {
      let column = features[wideFeatures[unit - blocks.count]].column
      ck_histogram_wide(
        columns.wide + column * rowCount, entries + range.lowerBound, range.count, slot + span.lowerBound)
    }
  }

  /// Builds in row ranges side by side, then adds them up; sums over ranks last.
  private func buildApart(
    _ built: [LeafWork], _ units: [Int], _ parts: Int, _ active: [Bool], _ reduce: ((inout [Int64]) throws -> Void)?
  ) throws {
    while pieces.count < parts - 1 { pieces.append(Memory.allocate(Int64.self, cellCount)) }
    for leaf in built {
      let slot = slots[leaf.slot]
      workers.run(parts) { [self] part in
        let start = leaf.entries.lowerBound
        let range = (start + leaf.entries.count * part / parts)..<(start + leaf.entries.count * (part + 1) / parts)
        build(units, range, into: part == 0 ? slots[leaf.slot] : pieces[part - 1])
      }
      workers.run(parts > 1 ? units.count : 0) { [self] index in
        let span = cells(units[index])
        for piece in pieces.prefix(parts - 1) {
          ck_cells_add(slots[leaf.slot] + span.lowerBound, piece + span.lowerBound, span.count)
        }
      }
      guard let reduce else { continue }
      // Feature by feature: blocks may be laid out differently on another rank.
      for feature in features.indices where active[feature] {
        let span = firstCell[feature]..<(firstCell[feature] + features[feature].codeCount)
        var sums = Array(UnsafeBufferPointer(start: slot + span.lowerBound, count: span.count))
        try reduce(&sums)
        guard sums.count == span.count else {
          throw MLError(.internalFailure, "communicator: must return as many sums as it was given.")
        }
        (slot + span.lowerBound).update(from: sums, count: span.count)
      }
    }
  }

  private func scan(_ unit: Int, _ builtCount: Int, _ leaves: [LeafWork], _ active: [Bool]) {
    if leaves.count > builtCount {
      let span = cells(unit)
      ck_cells_subtract(
        slots[leaves[builtCount].slot] + span.lowerBound, slots[leaves[0].slot] + span.lowerBound, span.count)
    }
    for (index, leaf) in leaves.enumerated() {
      guard let settings = leaf.scan else { continue }
      var scan = ck_scan(settings)
      for feature in members(unit) where active[feature] && settings.allowed?[feature] ?? true {
        let described = features[feature]
        let base = slots[leaf.slot] + firstCell[feature]
        let out = splits + index * features.count + feature
        if described.isCategory {
          withKeys(described.codeCount) { ck_scan_categories(base, Int32(described.codeCount), &scan, $0, out) }
        } else if settings.bounds != nil {
          ck_scan_bounded(base, Int32(described.codeCount - 1), &scan, Int32(described.direction), out)
        } else {
          ck_scan_numbers(base, Int32(described.codeCount - 1), &scan, out)
        }
      }
    }
  }

  private func withKeys(_ count: Int, _ body: (UnsafeMutablePointer<UInt64>?) -> Void) {
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 2 * count + 2) { body($0.baseAddress) }
  }

  /// The feature with the highest score, the first of equals.
  private func best(_ index: Int, _ leaf: LeafWork, _ active: [Bool]) -> LeafSplit? {
    guard let settings = leaf.scan else { return nil }
    var chosen = -1
    for feature in features.indices where active[feature] && settings.allowed?[feature] ?? true {
      let score = splits[index * features.count + feature].gain
      if score > (chosen < 0 ? 0 : splits[index * features.count + chosen].gain) { chosen = feature }
    }
    guard chosen >= 0 else { return nil }
    let split = splits[index * features.count + chosen]
    return LeafSplit(
      score: split.gain, feature: chosen, bin: Int(split.bin), left: GradientSum(cell: split.left),
      table: table(split, feature: chosen, slot: leaf.slot, settings))
  }

  private func table(_ split: ck_split, feature: Int, slot: Int, _ settings: LeafScan) -> [UInt8] {
    let described = features[feature]
    let base = slots[slot] + firstCell[feature]
    var table = [UInt8](repeating: 0, count: max(256, described.codeCount))
    if described.isCategory {
      var scan = ck_scan(settings)
      var split = split
      table.withUnsafeMutableBufferPointer { table in
        withKeys(described.codeCount) {
          ck_category_table(base, Int32(described.codeCount), &scan, $0, &split, table.baseAddress)
        }
      }
      return table
    }
    for code in 0..<described.codeCount where code >= 1 && code <= Int(split.bin) { table[code] = 1 }
    let isLargerLeft = 2 * (split.left & 0xFFFF_FFFF) > settings.total.hessian
    table[0] = base[0] == 0 ? (isLargerLeft ? 1 : 0) : (split.flags & Int32(CK_MISSING_LEFT) != 0 ? 1 : 0)
    return table
  }
}

extension ck_scan {
  init(_ scan: LeafScan) {
    self.init(
      total: scan.total.cell, l1: scan.l1, l2: scan.l2, minimum_hessian: scan.minimumHessian,
      rows_per_hessian: scan.rowsPerHessian,
      category_smoothing: scan.categories.smoothing, category_least: scan.categories.leastRows,
      category_l2: scan.categories.l2,
      category_rows: scan.categories.minimumRows,
      category_limit: Int32(scan.categories.limit), one_vs_rest_limit: Int32(scan.categories.oneVersusRestLimit),
      is_bounded: scan.bounds == nil ? 0 : 1, lower: scan.bounds?.lower ?? 0, upper: scan.bounds?.upper ?? 0,
      own: scan.bounds?.own ?? 0)
  }
}
