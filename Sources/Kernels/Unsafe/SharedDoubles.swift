import CKernels

/// A fixed-length array of numbers that tasks of one parallel call fill together, each its own part.
package final class SharedDoubles: @unchecked Sendable {
  // SAFETY: the memory lives as long as the object and its length never changes; callers of one parallel call touch
  // disjoint ranges, and calls follow one another through the barrier of `Workers.run`.
  let base: UnsafeMutablePointer<Double>
  /// Numbers held.
  package let count: Int

  /// `count` numbers, each `value`.
  package init(count: Int, repeating value: Double = 0) {
    self.count = count
    base = Memory.allocate(Double.self, count)
    if value != 0 { base.update(repeating: value, count: count) }
  }

  deinit { Memory.free(base) }

  /// Lends the numbers in `range` for reading.
  package func read<R>(_ range: Range<Int>, _ body: (Span<Double>) throws -> R) rethrows -> R {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range lies inside the buffer")
    // SAFETY: checked above; the span does not outlive the call.
    return try body(Span(_unsafeStart: UnsafePointer(base + range.lowerBound), count: range.count))
  }

  /// Lends the numbers in `range` for writing.
  package func write<R>(_ range: Range<Int>, _ body: (inout MutableSpan<Double>) throws -> R) rethrows -> R {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range lies inside the buffer")
    // SAFETY: checked above; the span does not outlive the call.
    var span = MutableSpan(_unsafeStart: base + range.lowerBound, count: range.count)
    return try body(&span)
  }

  /// One number.
  package subscript(index: Int) -> Double {
    get {
      precondition(index >= 0 && index < count, "index lies inside the buffer")
      return base[index]
    }
    set {
      precondition(index >= 0 && index < count, "index lies inside the buffer")
      base[index] = newValue
    }
  }
}

/// Zeroed memory for large arrays.
enum Memory {
  /// Room for `count` zeroed elements of a trivial type, and a little beyond for kernels that read ahead.
  static func allocate<T>(_ type: T.Type, _ count: Int) -> UnsafeMutablePointer<T> {
    guard let raw = ck_allocate(max(1, count) * MemoryLayout<T>.stride + 64) else {
      preconditionFailure("memory is exhausted")
    }
    // SAFETY: zero bytes are a valid value of every type used here (numbers and C structs).
    return raw.bindMemory(to: type, capacity: max(1, count))
  }

  /// Gives memory back.
  static func free<T>(_ pointer: UnsafeMutablePointer<T>) { ck_free(pointer) }
}
