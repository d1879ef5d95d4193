extension DriftEvidence {
  init(_ profile: ColumnProfile, _ counts: ColumnCounts) {
    presentCount = counts.presentCount
    missingCount = counts.missingCount
    referenceMissingShare = Proportion(profile.counts.missingCount, of: profile.counts.rowCount).value
    switch profile.grid {
    case .levels(let grid):
      newLevelCount = counts.slots[grid.newSlot]
      newLevelDistinctCount = counts.newNames?.distinctCount ?? 0
    case .numeric(let grid):
      belowCount = counts.slots[0]
      aboveCount = counts.slots[grid.slotCount - 1]
      measure(profile, counts, grid)
    }
  }

  private mutating func measure(_ profile: ColumnProfile, _ counts: ColumnCounts, _ grid: NumericGrid) {
    referenceMean = profile.mean
    windowMean = profile.mean(of: counts)
    guard let variance = profile.variance, variance > 0, let before = referenceMean, let now = windowMean
    else { return }
    let deviation = variance.squareRoot()
    meanShift = Self.finite((now - before) / deviation)
    let distance = grid.wasserstein(profile.counts, counts)
    wasserstein = Self.finite(distance / deviation)
  }

  private static func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
}

extension NumericGrid {
  /// First Wasserstein distance `∫ |F − G|` of two counts on this grid, rows spread evenly inside each cell.
  ///
  /// Exact at the cell bounds; between them off by at most the width of a cell times its share.
  func wasserstein(_ first: ColumnCounts, _ second: ColumnCounts) -> Double {
    let n = Double(first.presentCount)
    let m = Double(second.presentCount)
    guard n > 0, m > 0, cellCount > 0 else { return 0 }
    var gap = 0.0
    var sum = 0.0
    for slot in 0..<slotCount {
      let width = width(ofSlot: slot, first.moments, second.moments)
      let after = gap + Double(first.slots[slot]) / n - Double(second.slots[slot]) / m
      let isCrossing = gap * after < 0
      let area = (gap * gap + after * after) / (2 * max(gap.magnitude + after.magnitude, .leastNormalMagnitude))
      sum += width * (isCrossing ? area : (gap + after).magnitude / 2)
      gap = after
    }
    return sum
  }

  private func width(ofSlot slot: Int, _ first: Moments?, _ second: Moments?) -> Double {
    let lowest = min(minimum, min(first?.minimum ?? minimum, second?.minimum ?? minimum))
    let highest = max(maximum, max(first?.maximum ?? maximum, second?.maximum ?? maximum))
    if slot == 0 { return minimum - lowest }
    if slot == slotCount - 1 { return highest - maximum }
    return bounds[slot - 1] - lower(slot - 1)
  }
}
