import CKernels

/// What all trees of a forest learn from: codes and target of rows in an order that follows from their content alone.
package final class ForestTable: @unchecked Sendable {
  // SAFETY: the memory lives as long as the object and is written at initialisation only.
  private let codes: UnsafeMutablePointer<UInt8>
  private let lines: UnsafeMutablePointer<UInt8>
  private let lineSize: Int
  private let ordering: [UInt8]
  private let points: [Double]
  private let target: [Double]
  private let scaled: [Double]
  private let classes: [UInt16]
  private let weights: [Double]
  /// Rows.
  package let rowCount: Int
  /// Features.
  package let featureCount: Int
  /// Classes; 0 for numbers.
  package let classCount: Int
  /// Whether a leaf has a value for each class.
  package var hasClassLeaves: Bool { classCount > 2 }
  /// Values of a leaf.
  package var leafWidth: Int { hasClassLeaves ? classCount : 1 }
  /// Whether any feature has categories.
  let hasCategories: Bool
  /// Categories above which the root orders them for the whole tree: the few rows of a deep node fit anything.
  private static let reorderedLimit = 32
  private let spares = SparePool()

  /// Takes rows `order` of a table whose columns are all narrow.
  ///
  /// - Parameters:
  ///   - categoryCounts: of each feature; 0 for numbers.
  ///   - points: 256 numbers a feature: the value of each bin.
  ///   - target: class codes or numbers, in the order of the columns' rows.
  ///   - weights: of each row; `nil`: 1 each.
  package init(
    columns: BinnedColumns, order: [UInt32], categoryCounts: [Int], points: [Double],
    target: (values: [Double], classCount: Int),
    weights: [Double]?
  ) {
    let count = columns.rowCount
    precondition(
      columns.wideCount == 0 && order.count == count && target.values.count == count
        && categoryCounts.count == columns.narrowCount && order.allSatisfy { $0 < count }
        && weights?.count ?? count == count && points.count == 256 * categoryCounts.count,
      "one entry a row")
    rowCount = count
    featureCount = columns.narrowCount
    classCount = target.classCount
    ordering = categoryCounts.map { count in
      count == 0 ? 0 : UInt8(count > Self.reorderedLimit ? CK_FOREST_ORDERED_ONCE : CK_FOREST_ORDERED_BY_NODE)
    }
    hasCategories = categoryCounts.contains { $0 > 0 }
    self.points = points
    codes = Memory.allocate(UInt8.self, count * columns.narrowCount)
    let lineSize = (max(1, columns.narrowCount) + 7) / 8 * 8
    self.lineSize = lineSize
    lines = Memory.allocate(UInt8.self, count * lineSize)
    for column in 0..<columns.narrowCount {
      // SAFETY: `order` was checked; both columns hold `count` codes.
      let from = columns.narrow + column * count
      let to = codes + column * count
      let across = lines + column
      order.withUnsafeBufferPointer { order in
        for row in 0..<count {
          let code = from[Int(order[row])]
          to[row] = code
          across[row * lineSize] = code
        }
      }
    }
    let values = order.map { target.values[Int($0)] }
    self.target = values
    self.weights = weights.map { weights in order.map { weights[Int($0)] } } ?? []
    if classCount > 2 {
      precondition(
        values.allSatisfy { $0 >= 0 && $0 < Double(target.classCount) && target.classCount < 65536 }, "classes")
      classes = values.map { UInt16($0) }
      scaled = []
    } else {
      classes = []
      scaled = Self.scaled(values)
    }
  }

  deinit {
    Memory.free(codes)
    Memory.free(lines)
  }

  /// Centred, and divided by the largest distance from the centre, so that squares neither overflow nor vanish.
  private static func scaled(_ values: [Double]) -> [Double] {
    let mean = values.reduce(0) { $0 + $1 / Double(max(1, values.count)) }
    let largest = values.reduce(0) { max($0, abs($1 - mean)) }
    return largest > 0 ? values.map { ($0 - mean) / largest } : values.map { _ in 0 }
  }

  /// Class of a row, or its number.
  package func target(row: Int) -> Double { target[row] }

  /// Weight of a row.
  package func weight(row: Int) -> Double { weights.isEmpty ? 1 : weights[row] }

  /// Grows one tree.
  ///
  /// - Parameters:
  ///   - seed: of all its random choices.
  ///   - drawCount: rows drawn with replacement; 0: every row once.
  ///   - wantsOthers: whether the leaves of rows that were not drawn are returned too.
  package func grow(_ growth: ForestGrowth, seed: UInt64, drawCount: Int, wantsOthers: Bool) -> ForestTree {
    let spare = spares.take() ?? ForestSpare(self, growth)
    defer { spares.give(spare) }
    precondition(drawCount >= 0, "rows drawn")
    spare.draw(seed, drawCount)
    return withTable { table in
      var settings = ck_forest_settings(
        tried: Int32(growth.triedFeatures), maximum_depth: Int32(growth.maximumDepth),
        minimum_leaf: Int64(growth.minimumRowsPerLeaf), minimum_split: Int64(growth.minimumRowsPerSplit),
        is_random: growth.isRandom ? 1 : 0, smoothing: growth.smoothing)
      // SAFETY: `ForestSpare` has the sizes that the kernel asks for.
      spare.tree.seed = seed ^ 0xA5A5_5A5A_C3C3_3C3C
      ck_forest_grow(&table, &settings, &spare.tree)
      return spare.grown(&table, leafWidth: leafWidth, wantsOthers: wantsOthers && drawCount > 0)
    }
  }

  private func withTable<R>(_ body: (inout ck_forest_table) -> R) -> R {
    // SAFETY: the arrays outlive `body`; empty ones are passed as NULL, which the kernel knows.
    ordering.withUnsafeBufferPointer { ordering in
      points.withUnsafeBufferPointer { points in
        target.withUnsafeBufferPointer { target in
          scaled.withUnsafeBufferPointer { scaled in
            classes.withUnsafeBufferPointer { classes in
              weights.withUnsafeBufferPointer { weights in
                var table = ck_forest_table(
                  codes: codes, lines: lines, line_size: lineSize, row_count: rowCount,
                  feature_count: Int32(featureCount),
                  is_category: ordering.baseAddress, points: points.baseAddress,
                  target: target.baseAddress, scaled: scaled.isEmpty ? nil : scaled.baseAddress,
                  classes: classes.isEmpty ? nil : classes.baseAddress, class_count: Int32(classCount),
                  weights: weights.isEmpty ? nil : weights.baseAddress)
                return body(&table)
              }
            }
          }
        }
      }
    }
  }
}
