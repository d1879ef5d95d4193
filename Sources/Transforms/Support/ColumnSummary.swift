import Basics
import Frames

/// What the plan needs to know of a column.
struct ColumnSummary: Sendable {
  var kind: ColumnKind
  var presentCount: Int
  var missingCount: Int
  /// Distinct values; for numbers counted only as far as integers go.
  var distinctCount = 0
  /// Mean number of words in a text cell, by spaces.
  var wordsPerCell = 0.0
  /// Mean number of UTF-8 bytes in a text cell.
  var bytesPerCell = 0.0
  /// Largest minus smallest integer.
  var range = 0.0
  /// Share of text cells that mix letters and digits.
  var mixedShare = 0.0

  init(_ column: Column) {
    kind = column.kind
    missingCount = column.missingCount
    presentCount = column.count - column.missingCount
    switch column.storage {
    case .category, .text:
      let counts = LevelCounts(column)
      distinctCount = counts.names.count
      describe(counts)
    case .integer(let values):
      let present = column.validity.map { bits in values.indices.filter { bits[$0] }.map { values[$0] } } ?? values
      distinctCount = Set(present).count
      range = Double(present.max() ?? 0) - Double(present.min() ?? 0)
    default: break
    }
  }

  private mutating func describe(_ counts: LevelCounts) {
    guard presentCount > 0 else { return }
    var words = 0
    var bytes = 0
    var mixed = 0
    for (name, count) in zip(counts.names, counts.counts) {
      var inWord = false
      var hasDigit = false
      var hasLetter = false
      var cellWords = 0
      for byte in name.utf8 {
        let isSpace = byte <= 32
        if !isSpace, !inWord { cellWords += 1 }
        inWord = !isSpace
        hasDigit = hasDigit || (48...57).contains(byte)
        hasLetter = hasLetter || (65...90).contains(byte & 0xDF) || byte >= 0x80
      }
      words += cellWords * count
      bytes += name.utf8.count * count
      mixed += hasDigit && hasLetter ? count : 0
    }
    wordsPerCell = Double(words) / Double(presentCount)
    bytesPerCell = Double(bytes) / Double(presentCount)
    mixedShare = Double(mixed) / Double(presentCount)
  }
}
