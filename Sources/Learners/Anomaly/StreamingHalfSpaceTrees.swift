public import Basics
public import Frames
public import Modeling

/// Half-space trees: how few rows of the recent past fell where this one does, over random trees built before any
/// data.
///
/// Each tree halves a random work range, column by column at random; every node counts the rows that pass. The score
/// is `log(total + 1) − log(m + 1)`, where `m` is the mean over trees of `mass · 2^depth` at the first node with less
/// than a tenth of the rows, or at a leaf: the order of the paper's score, turned so that higher is stranger. `fit`
/// counts all training rows; after `update` with `window` rows their counts take the place of the old ones, so the
/// model follows drift without being built anew. Work ranges come from the training rows; missing cells count as the
/// middle of the range.
///
/// - Source: Tan, Ting and Liu, *Fast anomaly detection for streaming data*, IJCAI 2011.
public struct StreamingHalfSpaceTrees: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "half-space-trees",
    summary: "Random trees that count the recent past: many columns, one pass, follows drift.",
    tasks: [.anomaly], capabilities: [.handlesMissing, .weights],
    hyperparameters: [
      .init(
        "tree_count", "Trees.", .integer(1...2000, logarithmic: true), search: .integer(25...200, logarithmic: true)),
      .init(
        "depth", "Halvings down a tree.", .integer(1...14, logarithmic: false),
        search: .integer(5...12, logarithmic: false)),
      .init(
        "window", "Rows of an update after which new counts take over.", .integer(1...10_000_000, logarithmic: true)),
      .init("contamination", "Share of training rows that count as anomalous.", .real(0...0.5, logarithmic: false)),
    ], source: "Tan, Ting and Liu, Fast anomaly detection for streaming data, IJCAI 2011", searchRowLimit: 0)

  /// Trees.
  public var treeCount = 50
  /// Halvings down a tree.
  public var depth = 9
  /// Rows of an update after which new counts take over.
  public var window = 1000
  /// Share of training rows that count as anomalous.
  public var contamination = 0.02

  enum CodingKeys: String, CodingKey {
    case depth, window, contamination
    case treeCount = "tree_count"
  }

  /// Fifty trees of depth 9.
  public init() {}

  /// Draws the trees and counts the rows.
  ///
  /// - Throws: `.schemaMismatch` for columns without numbers, `.invalidData` without rows or columns, `.cancelled`.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> HalfSpaceModel {
    try context.checkCancellation()
    try Configuration.validate(self)
    let owner = Self.card.name
    let rows = try RobustColumns.rows(data, owner: owner)
    let frame = data.frame.gathered(rows)
    let weights = data.weights.map { all in rows.map { all[$0] } }
    let columns = try RobustColumns.values(frame, frame.schema, owner: owner)
    let ranges = columns.map { values -> (low: Double, high: Double) in
      let finite = values.filter(\.isFinite)
      let (low, high) = (finite.min() ?? 0, finite.max() ?? 0)
      return (max(low, -1e300), min(high, 1e300))
    }
    var model = HalfSpaceModel(self, schema: frame.schema, ranges: ranges, seed: context.seed)
    try model.count(columns, weights, context)
    model.adoptCounts()
    model.threshold = RobustColumns.quantile(model.scores(columns), weights, 1 - contamination)
    return model
  }
}

/// Trees and how many rows of the recent past passed each node.
public struct HalfSpaceModel: AnomalyModel, UpdatableModel {
  /// The columns, all numbers.
  public let schema: Schema
  /// Score at or above which the share `contamination` of the training rows lies.
  public internal(set) var threshold: Double
  let depth: Int
  let window: Int
  /// Column and cut of every inner node, tree by tree, in heap order.
  let splitColumns: [Int32]
  let splits: [Double]
  let middles: [Double]
  /// Rows that passed every node, tree by tree, in heap order: of the past, and since.
  private var masses: [Double]
  private var latest: [Double]
  private var total = 0.0
  private var latestTotal = 0.0

  private var treeCount: Int { splits.count / innerCount }
  private var innerCount: Int { (1 << depth) - 1 }
  private var nodeCount: Int { (2 << depth) - 1 }

  init(_ settings: StreamingHalfSpaceTrees, schema: Schema, ranges: [(low: Double, high: Double)], seed: Seed) {
    self.schema = schema
    threshold = 0
    (depth, window) = (settings.depth, settings.window)
    middles = ranges.map { $0.low / 2 + $0.high / 2 }
    var random = seed.derived("trees").generator
    let inner = (1 << settings.depth) - 1
    var (columns, cuts) = ([Int32](), [Double]())
    for _ in 0..<settings.treeCount {
      // Work range: ±2 · max(s, 1 − s) around a random point s of the data's range (section 3.1 of the paper).
      let work = ranges.map { range -> (low: Double, high: Double) in
        let s = random.uniform()
        let reach = 2 * max(s, 1 - s)
        let width = range.high - range.low
        return (range.low + (s - reach) * width, range.low + (s + reach) * width)
      }
      var boxes = [work]
      for node in 0..<inner {
        let column = random.index(below: ranges.count)
        let box = boxes[node]
        let cut = box[column].low / 2 + box[column].high / 2
        columns.append(Int32(column))
        cuts.append(min(max(cut, -1e305), 1e305))
        if node < inner / 2 {
          var (left, right) = (box, box)
          left[column].high = cut
          right[column].low = cut
          boxes += [left, right]
        }
      }
    }
    (splitColumns, splits) = (columns, cuts)
    masses = [Double](repeating: 0, count: settings.treeCount * ((2 << settings.depth) - 1))
    latest = masses
  }

  /// One score a row.
  public func predict(_ frame: Frame) throws -> Predictions {
    Predictions(
      .values(scores(try RobustColumns.values(frame, schema, owner: StreamingHalfSpaceTrees.card.name))))
  }

  /// Counts further rows; whenever `window` of them are there, their counts take over.
  public mutating func update(with data: TrainingData, in context: FitContext) throws {
    let columns = try RobustColumns.values(data.frame, schema, owner: StreamingHalfSpaceTrees.card.name)
    var start = 0
    while start < data.frame.rowCount {
      let end = min(data.frame.rowCount, start + max(1, window - Int(latestTotal)))
      try count(columns.map { Array($0[start..<end]) }, data.weights.map { Array($0[start..<end]) }, context)
      if latestTotal >= Double(window) { adoptCounts() }
      start = end
    }
  }

  mutating func count(_ columns: [[Double]], _ weights: [Double]?, _ context: FitContext) throws {
    for row in (columns.first ?? []).indices {
      if row % 1024 == 0 { try context.checkCancellation() }
      let weight = weights?[row] ?? 1
      latestTotal += weight
      for tree in 0..<treeCount {
        var node = 0
        while true {
          latest[tree * nodeCount + node] += weight
          guard node < innerCount else { break }
          node = child(of: node, tree, columns, row)
        }
      }
    }
  }

  mutating func adoptCounts() {
    (masses, total) = (latest, latestTotal)
    latest = [Double](repeating: 0, count: latest.count)
    latestTotal = 0
  }

  private func child(of node: Int, _ tree: Int, _ columns: [[Double]], _ row: Int) -> Int {
    let place = tree * innerCount + node
    let column = Int(splitColumns[place])
    let value = columns[column][row]
    return 2 * node + ((value.isNaN ? middles[column] : value) < splits[place] ? 1 : 2)
  }

  func scores(_ columns: [[Double]]) -> [Double] {
    let few = 0.1 * total
    return (columns.first ?? []).indices.map { row in
      var sum = 0.0
      for tree in 0..<treeCount {
        var (node, size) = (0, 1.0)
        while node < innerCount, masses[tree * nodeCount + node] >= few {
          node = child(of: node, tree, columns, row)
          size *= 2
        }
        sum += masses[tree * nodeCount + node] * size
      }
      return Mathematics.log(total + 1) - Mathematics.log(sum / Double(treeCount) + 1)
    }
  }

  /// Adds trees and counts.
  public func write(to archive: inout ArchiveWriter) throws {
    archive.set("schema", try Configuration.encode(schema))
    archive.set("threshold", .number(threshold))
    archive.set("depth", .integer(Int64(depth)))
    archive.set("window", .integer(Int64(window)))
    archive.add("totals", doubles: [total, latestTotal])
    archive.add("split_columns", int32s: splitColumns)
    archive.add("splits", doubles: splits)
    archive.add("middles", doubles: middles)
    archive.add("masses", doubles: masses)
    archive.add("latest", doubles: latestTotal > 0 ? latest : [])
  }

  /// Reads what `write` wrote.
  public init(from archive: ArchiveReader) throws {
    schema = try Configuration.decode(Schema.self, from: archive.value("schema"))
    threshold = try archive.double("threshold")
    depth = try archive.integer("depth")
    window = try archive.integer("window")
    let totals = try archive.doubles("totals")
    splitColumns = try archive.int32s("split_columns")
    splits = try archive.doubles("splits")
    middles = try archive.doubles("middles")
    masses = try archive.doubles("masses")
    let newer = try archive.doubles("latest")
    latest = newer.isEmpty ? [Double](repeating: 0, count: masses.count) : newer
    let columnCount = schema.count
    guard (1...14).contains(depth), (1...10_000_000).contains(window), threshold.isFinite, totals.count == 2,
      totals.allSatisfy({ $0 >= 0 && $0 < 1e15 }), columnCount > 0, middles.count == columnCount,
      splitColumns.allSatisfy({ $0 >= 0 && $0 < columnCount }), splitColumns.count == splits.count, !splits.isEmpty,
      splits.count % ((1 << depth) - 1) == 0,
      masses.count == splits.count / ((1 << depth) - 1) * ((2 << depth) - 1), latest.count == masses.count,
      (splits + middles).allSatisfy(\.isFinite), (masses + latest).allSatisfy({ $0 >= 0 && $0 < 1e15 })
    else { throw archive.corrupt("holds half-space trees that do not fit together") }
    (total, latestTotal) = (totals[0], totals[1])
  }
}
