/// Names close to a mistyped one.
public enum Suggestions {
  /// The known names within a third of the length in edits (at least 1, prefixes count as close), best first.
  ///
  /// - Complexity: O(known · n · m).
  /// - Source: Damerau, *A technique for computer detection and correction of spelling errors*, 1964: adjacent swaps
  ///   cost one.
  public static func closest(to name: String, in known: [String], limit: Int = 3) -> [String] {
    let wanted = Array(name.lowercased())
    let allowed = max(1, wanted.count / 3)
    var scored: [(distance: Int, index: Int)] = []
    for (index, candidate) in known.enumerated() {
      let other = Array(candidate.lowercased())
      let distance: Int
      if wanted.count >= 3, candidate.lowercased().hasPrefix(name.lowercased()) {
        distance = min(1, editDistance(wanted, other))
      } else {
        distance = editDistance(wanted, other)
      }
      if distance <= allowed { scored.append((distance, index)) }
    }
    return scored.sorted { ($0.distance, $0.index) < ($1.distance, $1.index) }.prefix(limit).map { known[$0.index] }
  }

  static func editDistance(_ a: [Character], _ b: [Character]) -> Int {
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var before = [Int](repeating: 0, count: b.count + 1)
    var previous = Array(0...b.count)
    for i in 1...a.count {
      var current = [i] + [Int](repeating: 0, count: b.count)
      for j in 1...b.count {
        let cost = a[i - 1] == b[j - 1] ? 0 : 1
        current[j] = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + cost)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          current[j] = min(current[j], before[j - 2] + 1)
        }
      }
      before = previous
      previous = current
    }
    return previous[b.count]
  }
}
