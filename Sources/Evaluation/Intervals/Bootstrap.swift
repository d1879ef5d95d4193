import Basics
import Modeling

/// Poisson bootstrap: every row appears 0, 1, 2 … times in a replicate, drawn from Poisson(1) by a hash of the row's
/// key and the replicate, so that neither row order nor thread count matter and shards can be drawn apart.
///
/// - Source: Chamandy et al., *Estimating uncertainty for massive data streams*, Google, 2012; Efron, 1979.
struct Bootstrap: Sendable {
  private let keys: [UInt64]
  private let weights: [Double]?
  private let seed: Seed
  private let workers: Workers
  /// Replicates drawn.
  let replicateCount: Int

  /// - Parameters:
  ///   - rowKeys: content keys, told apart where they repeat (see `RowIdentity`), or groups if `options` says so.
  ///   - truth: target values or codes, which help to tell rows apart.
  init(rowKeys: [UInt64]?, truth: [Double]?, rowCount: Int, weights: [Double]?, options: BootstrapOptions) {
    if options.keepsEqualKeysTogether, let rowKeys, rowKeys.count == rowCount {
      keys = rowKeys
    } else {
      keys = RowIdentity.distinct(rowKeys, target: truth, rowCount: rowCount)
    }
    self.weights = weights
    seed = options.seed.derived("bootstrap")
    workers = options.workers
    replicateCount = options.replicates(rowCount: keys.count)
  }

  /// Calls `body` with the row weights of every replicate; it fills `width` numbers, NaN where undefined.
  /// - Returns: `width` lists of `replicateCount` numbers.
  func run(width: Int, _ body: @escaping @Sendable ([Double], inout [Double]) -> Void) throws -> [[Double]] {
    let blocks = Workers.blocks(replicateCount, minimum: 4)
    let parts = try workers.map(blocks.count) { block in
      var drawn = [Double](repeating: 0, count: keys.count)
      var row = [Double](repeating: .nan, count: width)
      var out: [[Double]] = []
      for replicate in blocks[block] {
        draw(replicate, into: &drawn)
        body(drawn, &row)
        out.append(row)
      }
      return out
    }
    let all = parts.flatMap { $0 }
    return (0..<width).map { column in all.map { $0[column] } }
  }

  /// Row weights of replicate `replicate`.
  private func draw(_ replicate: Int, into out: inout [Double]) {
    let salt = seed.derived(replicate).value
    let guide = Self.guide
    for row in keys.indices {
      let bits = StableHash.mix(keys[row] ^ salt)
      let guess = guide[Int(bits >> 52)]
      out[row] = guess >= 0 ? guess : Self.poisson(bits)
    }
    if let weights { for row in out.indices { out[row] *= weights[row] } }
  }

  /// Poisson(1) deviate for the leading 12 bits where they decide it, else -1.
  private static let guide: [Double] = (0..<4096).map { (top: UInt64) in
    let low = poisson(top << 52)
    return low == poisson(top << 52 | (1 << 52 - 1)) ? low : -1
  }

  /// Inverse of the Poisson(1) distribution at the leading 53 bits.
  static func poisson(_ bits: UInt64) -> Double {
    var left = StableHash.fraction(bits)
    var term = 0.36787944117144233
    var count = 0.0
    while left >= term, count < 16 {
      left -= term
      count += 1
      term /= count
    }
    return count
  }

  /// Percentile interval of the replicates that are defined; `nil` for fewer than 20.
  static func interval(_ replicates: [Double], confidence: Double) -> (low: Double, high: Double)? {
    let sorted = replicates.filter(\.isFinite).sorted()
    guard sorted.count >= 20 else { return nil }
    let tail = (1 - confidence) / 2
    return (quantile(sorted, tail), quantile(sorted, 1 - tail))
  }

  /// Quantile of sorted numbers, linear between neighbours (type 7, as numpy).
  static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    let place = share * Double(sorted.count - 1)
    let lower = max(0, min(sorted.count - 1, Int(place)))
    let upper = min(sorted.count - 1, lower + 1)
    return sorted[lower] + (place - Double(lower)) * (sorted[upper] - sorted[lower])
  }
}

/// Keys that tell rows apart, from content keys that may repeat.
enum RowIdentity {
  /// One key a row, all different: equal content keys are told apart by target, then counted. Rows that agree in both
  /// are interchangeable, so the set of keys does not depend on row order. Without keys the row index serves.
  static func distinct(_ keys: [UInt64]?, target: [Double]?, rowCount: Int) -> [UInt64] {
    guard let keys, keys.count == rowCount else { return (0..<rowCount).map { StableHash.mix(UInt64($0) &+ 1) } }
    var seen: [UInt64: UInt64] = [:]
    seen.reserveCapacity(keys.count)
    return keys.indices.map { row in
      let content = target.map { StableHash.combine(keys[row], StableHash.hash($0[row])) } ?? StableHash.mix(keys[row])
      let occurrence = seen[content, default: 0]
      seen[content] = occurrence + 1
      return occurrence == 0 ? content : StableHash.combine(content, occurrence)
    }
  }
}
