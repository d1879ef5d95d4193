/// Two sums over rows of a leaf, in quantised units.
package struct GradientSum: Sendable, Hashable {
  /// Sum of gradients.
  package var gradient: Int64
  /// Sum of hessians, not negative.
  package var hessian: Int64

  /// Makes a pair of sums.
  package init(gradient: Int64 = 0, hessian: Int64 = 0) {
    self.gradient = gradient
    self.hessian = hessian
  }

  /// From a packed cell: gradient in the high, hessian in the low half.
  package init(cell: Int64) {
    gradient = cell >> 32
    hessian = cell & 0xFFFF_FFFF
  }

  /// Packed.
  package var cell: Int64 { gradient << 32 &+ hessian }

  /// Element-wise difference.
  package static func - (a: GradientSum, b: GradientSum) -> GradientSum {
    GradientSum(gradient: a.gradient - b.gradient, hessian: a.hessian - b.hessian)
  }
}

/// How the histogram of a leaf is scanned for its best split, in quantised units.
package struct LeafScan: Sendable, Hashable {
  /// Sums over the leaf.
  package var total: GradientSum
  /// Absolute penalty on a leaf's value.
  package var l1: Double
  /// Square penalty on a leaf's value.
  package var l2: Double
  /// Least hessian on either side.
  package var minimumHessian: Double
  /// Rows of the leaf divided by its hessian: how rows are estimated from hessians.
  package var rowsPerHessian: Double
  /// Settings of category splits.
  package var categories: CategoryScan
  /// Limits of the leaf's values; then scores of splits are counted above the leaf's own.
  package var bounds: LeafBounds?
  /// Features that may split this leaf; `nil` = all that are active.
  package var allowed: [Bool]?

  /// Makes a scan.
  package init(
    total: GradientSum, l1: Double, l2: Double, minimumHessian: Double, rowsPerHessian: Double, categories: CategoryScan
  ) {
    self.total = total
    self.l1 = l1
    self.l2 = l2
    self.minimumHessian = minimumHessian
    self.rowsPerHessian = rowsPerHessian
    self.categories = categories
  }
}

/// Limits of the values of a leaf and all below it, in quantised units.
package struct LeafBounds: Sendable, Hashable {
  /// Least value.
  package var lower: Double
  /// Largest value.
  package var upper: Double
  /// Score of the leaf itself with its bounded value.
  package var own: Double

  /// Makes limits.
  package init(lower: Double, upper: Double, own: Double) {
    self.lower = lower
    self.upper = upper
    self.own = own
  }
}

/// Settings of category splits, in quantised units.
package struct CategoryScan: Sendable, Hashable {
  /// Hessian added to each category when they are sorted.
  package var smoothing: Double
  /// Categories with fewer rows are not sorted.
  package var leastRows: Double
  /// Square penalty added to sorted splits.
  package var l2: Double
  /// Least rows in each group of categories that moves sides together.
  package var minimumRows: Double
  /// Most categories on the listed side.
  package var limit: Int
  /// Up to so many categories, each is tried against the rest.
  package var oneVersusRestLimit: Int

  /// Makes settings.
  package init(
    smoothing: Double, leastRows: Double, l2: Double, minimumRows: Double, limit: Int, oneVersusRestLimit: Int
  ) {
    self.smoothing = smoothing
    self.leastRows = leastRows
    self.l2 = l2
    self.minimumRows = minimumRows
    self.limit = limit
    self.oneVersusRestLimit = oneVersusRestLimit
  }
}

/// The best split of a leaf.
package struct LeafSplit: Sendable {
  /// Score of both sides together, quantised units.
  package var score: Double
  /// Which feature.
  package var feature: Int
  /// Numbers: the last code on the left side. Categories: meaningless outside the scan.
  package var bin: Int
  /// Sums of the left side.
  package var left: GradientSum
  /// `table[code]` is 1 where the code goes left.
  package var table: [UInt8]
}

/// A feature whose histogram is built.
package struct HistogramFeature: Sendable, Hashable {
  /// Column among the narrow or the wide ones.
  package var column: Int
  /// Whether the column is wide.
  package var isWide: Bool
  /// Whether codes have no order: 0 missing, 1 other, 2 ... categories.
  package var isCategory: Bool
  /// Codes, missing included: numbers have codes 0 ..< codeCount with 0 for missing.
  package var codeCount: Int
  /// Where scans are bounded: 1 where values must not fall with the codes, -1 where they must not rise, else 0.
  package var direction = 0

  /// Describes a feature.
  package init(column: Int, isWide: Bool, isCategory: Bool, codeCount: Int) {
    self.column = column
    self.isWide = isWide
    self.isCategory = isCategory
    self.codeCount = codeCount
  }
}

/// A leaf at work: where its histogram is, which entries are its own, how it is scanned (`nil`: not at all).
package struct LeafWork: Sendable {
  /// Histogram slot.
  package var slot: Int
  /// Its entries.
  package var entries: Range<Int>
  /// How it is scanned.
  package var scan: LeafScan?

  /// Describes a leaf.
  package init(slot: Int, entries: Range<Int>, scan: LeafScan?) {
    self.slot = slot
    self.entries = entries
    self.scan = scan
  }
}
