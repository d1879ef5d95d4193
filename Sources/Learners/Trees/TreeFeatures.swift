import Basics
import Frames
import Kernels

/// One thing a tree can split on: a column, or one element of a vector column.
struct TreeFeature: Sendable, Hashable {
  /// How values become codes.
  enum Coding: Sendable, Hashable {
    /// Ascending upper bounds.
    case numbers(bounds: [Double])
    /// Code of each level in the schema's order: 1 other, 2 … own; `codeCount` with missing (0) and other.
    case categories(codes: [Int32], codeCount: Int)
  }

  /// Column.
  var field: Int
  /// Element of a vector column.
  var element: Int?
  /// How values become codes.
  var coding: Coding

  /// Codes it has, missing included.
  var codeCount: Int {
    switch coding {
    case .numbers(let bounds): bounds.count + 2
    case .categories(_, let count): count
    }
  }

  /// Whether codes have no order.
  var isCategory: Bool { categoryCount > 0 }

  /// Codes of categories; 0 for numbers.
  var categoryCount: Int { if case .categories(_, let count) = coding { count } else { 0 } }
}

/// How columns become codes.
struct CodingSettings: Sendable, Hashable {
  /// Who is named in errors.
  var owner: String
  /// Bins of a number at most.
  var binCount: Int
  /// Rows of a bin at least, where values are few.
  var minimumRowsPerBin = 3
  /// Rows a category has that is told apart.
  var minimumRowsPerCategory: Int
  /// Codes of a category column at most.
  var codeLimit = 65_536
  /// Rows that have a vector's element which can be split on.
  var minimumRowsPerElement: Int
}

extension GradientBoostedTrees {
  /// How columns become codes.
  var coding: CodingSettings {
    CodingSettings(
      owner: Self.card.name, binCount: binCount,
      minimumRowsPerCategory: max(1, Int(min(Double(minimumRowsPerLeaf), categorySmoothing))),
      minimumRowsPerElement: minimumRowsPerLeaf)
  }
}

/// The features of a training table, learnt from its rows.
struct TreeFeatures: Sendable {
  /// Columns the model needs.
  var schema: Schema
  /// Features that vary.
  let features: [TreeFeature]

  /// Rows that bounds are learnt from at most.
  private static let sampleLimit = 200_000

  /// Learns bounds and codes.
  ///
  /// - Throws: `.invalidData` for a text column or a frame without columns.
  init(_ frame: Frame, _ settings: GradientBoostedTrees, hasWeights: Bool, _ workers: Workers, _ ranks: Ranks) throws {
    try self.init(frame, settings.coding, hasWeights: hasWeights, workers, ranks)
  }

  /// Learns bounds and codes as `settings` say.
  ///
  /// - Throws: `.invalidData` for a text column or a frame without columns.
  init(_ frame: Frame, _ settings: CodingSettings, hasWeights: Bool, _ workers: Workers, _ ranks: Ranks) throws {
    guard frame.schema.count > 0 else {
      throw MLError(
        .invalidData, "\(settings.owner): must have at least one feature column; got none.", hint: "Add a column.")
    }
    var fields = frame.schema.fields
    for (index, column) in frame.columns.enumerated() {
      if case .text = column.storage {
        throw MLError(
          .invalidData, "\(settings.owner): column '\(fields[index].name)' must not be text.",
          hint: "Prepare it first: as categories, or as numbers by TF-IDF.", field: fields[index].name)
      }
    }
    let columns = try Self.sampled(frame, ranks)
    for (index, column) in columns.enumerated() {
      if case .category(_, let levels) = column.storage { fields[index].categories = levels }
    }
    schema = try Schema(fields)
    features = try workers.map(columns.count) { index in
      Self.learn(columns[index], index, settings, hasWeights: hasWeights)
    }.flatMap { $0 }
  }

  /// Columns to learn from: numbers of a sample of rows, all rows of other columns; of all ranks.
  private static func sampled(_ frame: Frame, _ ranks: Ranks) throws -> [Column] {
    let total = Int(try ranks.sums([Int64(frame.rowCount)])[0])
    let rows = total > sampleLimit ? sample(frame.rowCount, limit: max(1, sampleLimit * frame.rowCount / total)) : nil
    return try frame.columns.map { column in
      switch column.storage {
      case .category, .vector, .text: try ranks.joined(column)
      default: try ranks.joined(rows.map(column.gathered) ?? column)
      }
    }
  }

  /// One row of each of `limit` equal stretches, at a place that a hash decides.
  private static func sample(_ rowCount: Int, limit: Int) -> [Int] {
    (0..<min(limit, rowCount)).map { index in
      let start = rowCount * index / limit
      let end = rowCount * (index + 1) / limit
      return start + Int(StableHash.mix(UInt64(index)) % UInt64(max(1, end - start)))
    }
  }

  private static func learn(
    _ column: Column, _ field: Int, _ settings: CodingSettings, hasWeights: Bool
  ) -> [TreeFeature] {
    switch column.storage {
    case .category(let codes, let levels): categories(column, codes, levels, field, settings).map { [$0] } ?? []
    case .vector(let matrix): elements(matrix, field, settings, hasWeights: hasWeights)
    default: numbers(column, field, settings).map { [$0] } ?? []
    }
  }

  private static func numbers(_ column: Column, _ field: Int, _ settings: CodingSettings) -> TreeFeature? {
    guard var values = column.doubles else { return nil }
    if column.missingCount > 0 { values.removeAll(where: \.isNaN) }
    VectorMath.sort(&values)
    let bounds = QuantileBins.bounds(
      sorted: values, binCount: settings.binCount, minimumRows: settings.minimumRowsPerBin)
    if bounds.isEmpty, column.missingCount == 0 || values.isEmpty { return nil }
    return TreeFeature(field: field, element: nil, coding: .numbers(bounds: bounds))
  }

  private static func categories(
    _ column: Column, _ codes: [Int32], _ levels: [String], _ field: Int, _ settings: CodingSettings
  ) -> TreeFeature? {
    var counts = [Int](repeating: 0, count: levels.count)
    for (row, code) in codes.enumerated() where column.isPresent(row) { counts[Int(code)] += 1 }
    let least = settings.minimumRowsPerCategory
    var own = levels.indices.filter { counts[$0] >= least }
    own.sort { (counts[$1], levels[$0]) < (counts[$0], levels[$1]) }
    own = Array(own.prefix(settings.codeLimit - 2))
    let ownRows = own.reduce(0) { $0 + counts[$1] }
    let otherRows = codes.count - column.missingCount - ownRows
    let kinds = own.count + (otherRows > 0 ? 1 : 0) + (column.missingCount > 0 ? 1 : 0)
    if kinds < 2 { return nil }
    var table = [Int32](repeating: 1, count: levels.count)
    for (index, level) in own.enumerated() { table[level] = Int32(index + 2) }
    return TreeFeature(field: field, element: nil, coding: .categories(codes: table, codeCount: own.count + 2))
  }

  /// Elements that are stored in enough rows to be split on.
  private static func elements(_ matrix: SparseMatrix, _ field: Int, _ settings: CodingSettings, hasWeights: Bool)
    -> [TreeFeature]
  {
    var stored = [[Double]](repeating: [], count: matrix.width)
    for (index, value) in zip(matrix.indices, matrix.values) where !value.isNaN && value != 0 {
      stored[Int(index)].append(value)
    }
    let least = hasWeights ? 1 : min(settings.minimumRowsPerElement, max(1, matrix.rowCount / 2))
    return stored.indices.compactMap { element in
      if stored[element].count < least { return nil }
      VectorMath.sort(&stored[element])
      let bounds = QuantileBins.bounds(
        sorted: stored[element], zeroCount: matrix.rowCount - stored[element].count, binCount: settings.binCount,
        minimumRows: settings.minimumRowsPerBin)
      return bounds.isEmpty ? nil : TreeFeature(field: field, element: element, coding: .numbers(bounds: bounds))
    }
  }

  // MARK: codes

  /// Where each feature's codes are: narrow columns for up to 256 codes, wide ones above.
  var histograms: [HistogramFeature] {
    var narrow = 0
    var wide = 0
    return features.map { feature in
      let isWide = feature.codeCount > 256
      defer { if isWide { wide += 1 } else { narrow += 1 } }
      return HistogramFeature(
        column: isWide ? wide : narrow, isWide: isWide, isCategory: feature.isCategory, codeCount: feature.codeCount)
    }
  }

  /// Codes of every feature for the rows of `frame`.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column or one of another kind.
  func codes(_ frame: Frame, _ workers: Workers) throws -> BinnedColumns {
    let layout = histograms
    let wideCount = layout.count { $0.isWide }
    let binned = BinnedColumns(rowCount: frame.rowCount, narrowCount: layout.count - wideCount, wideCount: wideCount)
    let groups = columnGroups()
    _ = try workers.map(groups.count) { group in
      let field = schema.fields[features[groups[group].lowerBound].field]
      let values = try FeatureValues(frame, field)
      for index in groups[group] { values.fill(binned, features[index], layout[index]) }
    }
    return binned
  }

  /// Features of the same column, which are read together.
  private func columnGroups() -> [Range<Int>] {
    var groups: [Range<Int>] = []
    for index in features.indices {
      if let last = groups.last, features[last.lowerBound].field == features[index].field {
        groups[groups.count - 1] = last.lowerBound..<(index + 1)
      } else {
        groups.append(index..<(index + 1))
      }
    }
    return groups
  }
}
