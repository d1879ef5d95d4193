import Basics
import Frames
import Modeling

/// What the processes that train one model together must agree on before their integer sums can be added.
///
/// With one process every function returns its argument; with more, values are joined in rank order, so each rank sees
/// what one process with all rows would see.
struct Ranks: Sendable {
  let communicator: any Communicator

  /// Whether this is the only process.
  var isAlone: Bool { communicator.size == 1 }

  /// Sums over ranks.
  func sums(_ values: [Int64]) throws -> [Int64] {
    var values = values
    if !isAlone { try communicator.allReduceSum(&values) }
    return values
  }

  /// The bytes of each rank.
  private func parts(_ bytes: [UInt8]) throws -> [[UInt8]] {
    try (0..<communicator.size).map { root in
      var part = root == communicator.rank ? bytes : []
      try communicator.broadcast(&part, from: root)
      return part
    }
  }

  /// Numbers of all ranks in rank order.
  func joined(_ values: [Double]) throws -> [Double] {
    if isAlone { return values }
    return try parts(values.flatMap { Self.bytes($0.bitPattern) }).flatMap(Self.words).map(Double.init(bitPattern:))
  }

  /// Integers of all ranks in rank order.
  func joined(_ values: [Int]) throws -> [Int] {
    if isAlone { return values }
    return try parts(values.flatMap { Self.bytes(UInt64(bitPattern: Int64($0))) }).flatMap(Self.words).map {
      Int(Int64(bitPattern: $0))
    }
  }

  /// Texts of all ranks in rank order.
  func joined(_ texts: [String]) throws -> [String] {
    if isAlone { return texts }
    let lengths = try joined(texts.map(\.utf8.count))
    let bytes = try parts(texts.flatMap { Array($0.utf8) }).flatMap { $0 }
    var start = 0
    return try lengths.map { length in
      guard length >= 0, length <= bytes.count - start else {
        throw MLError(.internalFailure, "communicator: broadcast was cut short.")
      }
      defer { start += length }
      return String(decoding: bytes[start..<(start + length)], as: UTF8.self)
    }
  }

  /// Element-wise largest of all ranks.
  func largest(_ values: [Double]) throws -> [Double] {
    if isAlone || values.isEmpty { return values }
    let all = try joined(values)
    return values.indices.map { index in
      stride(from: index, to: all.count, by: values.count).reduce(-.infinity) { max($0, all[$1]) }
    }
  }

  /// Rows on ranks before this one.
  func rowsBefore(_ count: Int) throws -> Int {
    try isAlone ? 0 : joined([count]).prefix(communicator.rank).reduce(0, +)
  }

  /// A column with the rows of all ranks.
  func joined(_ column: Column) throws -> Column {
    if isAlone { return column }
    switch column.storage {
    case .category(let codes, let levels):
      let local = codes.indices.map { column.isPresent($0) ? Int(codes[$0]) : -1 }
      let levelCounts = try joined([levels.count])
      let rowCounts = try joined([local.count])
      let names = try joined(levels)
      let all = try joined(local)
      var values: [String?] = []
      var firstName = 0
      var firstRow = 0
      for (levelCount, rowCount) in zip(levelCounts, rowCounts) {
        for code in all[firstRow..<(firstRow + rowCount)] { values.append(code < 0 ? nil : names[firstName + code]) }
        firstName += levelCount
        firstRow += rowCount
      }
      var seen: Set<String> = []
      return Column(categories: values, levels: names.filter { seen.insert($0).inserted })
    case .vector(let matrix):
      let lengths = try joined((0..<matrix.rowCount).map { matrix.offsets[$0 + 1] - matrix.offsets[$0] })
      let indices = try joined(matrix.indices.map(Int.init))
      let values = try joined(matrix.values)
      let offsets = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
      return Column(
        .vector(SparseMatrix(width: matrix.width, offsets: offsets, indices: indices.map(Int32.init), values: values)))
    default:
      return Column(numbers: try joined(column.doubles ?? []))
    }
  }

  private static func bytes(_ word: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) }
  }

  private static func words(_ bytes: [UInt8]) -> [UInt64] {
    stride(from: 0, to: bytes.count - bytes.count % 8, by: 8).map { start in
      (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
    }
  }
}
