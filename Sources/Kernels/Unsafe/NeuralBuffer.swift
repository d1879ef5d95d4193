import CKernels

/// A fixed-length array of single-precision numbers that tasks of one parallel call fill together, each its own part.
package final class NeuralBuffer: @unchecked Sendable {
  // SAFETY: the memory lives as long as the object and its length never changes; callers of one parallel call write
  // disjoint ranges, and calls follow one another through the barrier of `Workers.run`.
  let base: UnsafeMutablePointer<Float>
  /// Numbers held.
  package let count: Int

  /// `count` zeros.
  package init(count: Int) {
    self.count = count
    base = Memory.allocate(Float.self, count)
  }

  /// A copy of `values`.
  package convenience init(_ values: [Float]) {
    self.init(count: values.count)
    whole.copy(values)
  }

  deinit { Memory.free(base) }

  /// All of it.
  package var whole: NeuralRegion { self[0..<count] }

  /// The numbers in `range`.
  package subscript(range: Range<Int>) -> NeuralRegion {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range lies inside the buffer")
    return NeuralRegion(buffer: self, start: range.lowerBound, count: range.count)
  }
}

/// A stretch of a buffer; keeps the buffer alive.
package struct NeuralRegion: Sendable {
  let buffer: NeuralBuffer
  let start: Int
  /// Numbers in it.
  package let count: Int

  var base: UnsafeMutablePointer<Float> { buffer.base + start }

  /// A stretch of the stretch.
  package subscript(range: Range<Int>) -> NeuralRegion {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range lies inside the region")
    return NeuralRegion(buffer: buffer, start: start + range.lowerBound, count: range.count)
  }

  /// The numbers as an array.
  package var values: [Float] {
    // SAFETY: `start ..< start + count` lies inside the buffer, checked when the region was made.
    Array(UnsafeBufferPointer(start: base, count: count))
  }

  /// Replaces the numbers.
  package func copy(_ values: [Float]) {
    precondition(values.count == count, "equal lengths")
    // SAFETY: both hold `count` numbers.
    values.withUnsafeBufferPointer { if let from = $0.baseAddress { base.update(from: from, count: count) } }
  }

  /// Replaces the numbers by those of `other`.
  package func copy(_ other: NeuralRegion) {
    precondition(other.count == count, "equal lengths")
    // SAFETY: both hold `count` numbers; `update` allows them to overlap.
    base.update(from: other.base, count: count)
  }

  /// Sets every number.
  package func fill(_ value: Float) {
    // SAFETY: `count` numbers lie inside the buffer.
    base.update(repeating: value, count: count)
  }

  /// Lends the numbers for reading.
  package func read<R>(_ body: (Span<Float>) throws -> R) rethrows -> R {
    // SAFETY: `count` numbers lie inside the buffer; the span does not outlive the call.
    try body(Span(_unsafeStart: UnsafePointer(base), count: count))
  }

  /// Lends the numbers for writing.
  package func write<R>(_ body: (inout MutableSpan<Float>) throws -> R) rethrows -> R {
    // SAFETY: `count` numbers lie inside the buffer; the span does not outlive the call.
    var span = MutableSpan(_unsafeStart: base, count: count)
    return try body(&span)
  }

  /// One number.
  package subscript(index: Int) -> Float {
    get {
      precondition(index >= 0 && index < count, "index lies inside the region")
      return base[index]
    }
    nonmutating set {
      precondition(index >= 0 && index < count, "index lies inside the region")
      base[index] = newValue
    }
  }
}
