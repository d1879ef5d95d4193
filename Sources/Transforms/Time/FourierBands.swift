public import Basics
public import Frames
public import Modeling

/// How much of a column's recent variation lies in each band of frequencies, per entity and by time: for vibration,
/// sound, movement and load.
///
/// Over the last `window` rows of the entity (taken as evenly spaced), less their mean: the discrete Fourier
/// transform, and for each band the sum of `2 · |X(f)|² / window²` over its frequencies (half of that at the highest
/// one), so that all bands together are the variance of the window. Frequencies `1 … window / 2` per window are cut
/// into bands of equal width. Missing values inside a window hold the value before.
///
/// **Point in time:** as `Lags`: the window ends at the row itself with `include_current`, else just before; columns
/// known only later do not belong here. Missing where fewer rows than the window are known. With no setting given and
/// no timestamp column, nothing is made.
///
/// - Source: Cooley and Tukey, *An algorithm for the machine calculation of complex Fourier series*, 1965.
public struct FourierBands: Transform {
  /// Name, settings and source.
  public static let card = Card(
    name: "fourier-bands", summary: "Adds the energy of each frequency band over a window, per entity and by time.",
    capabilities: [.usesHistory, .handlesMissing],
    hyperparameters: [
      .init("columns", "Columns to look back at; empty: all numbers.", .texts),
      .init(
        "window", "Rows of the window, a power of two.", .choice(["8", "16", "32", "64", "128", "256", "512", "1024"])),
      .init("band_count", "Bands of equal width.", .integer(1...64, logarithmic: true)),
      .init("include_current", "Whether the row itself counts.", .boolean),
      .init("time", "Column of moments; empty: found by itself.", .column),
      .init("by", "Column of entities; empty: found by itself, or all rows are one.", .column),
    ], source: "Cooley and Tukey 1965; numpy.fft.rfft")

  /// Columns to look back at; empty: all numbers.
  public var columns: [String] = []
  /// Rows of the window, a power of two.
  public var window = "64"
  /// Bands of equal width, at most half the window.
  public var bandCount = 4
  /// Whether the row itself counts.
  public var includeCurrent = true
  /// Column of moments; empty: found by itself.
  public var time = ""
  /// Column of entities; empty: found by itself.
  public var by = ""

  enum CodingKeys: String, CodingKey {
    case columns, window, time, by
    case bandCount = "band_count"
    case includeCurrent = "include_current"
  }

  /// Four bands over 64 rows.
  public init() {}

  /// Keeps the end of each entity's rows, one window long.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column, `.invalidParameter` naming a setting, `.cancelled`.
  public func fit(_ frame: Frame, target: Target?, in context: FitContext) throws -> FittedFourierBands {
    try context.checkCancellation()
    let step = Self.card.name
    guard let rows = Int(window), rows > 1, rows.nonzeroBitCount == 1, rows <= 1 << 16 else {
      throw MLError(.invalidParameter, "\(step): 'window' must be a power of two; got '\(window)'.", field: "window")
    }
    guard (1...(rows / 2)).contains(bandCount) else {
      throw MLError(
        .invalidParameter, "\(step): 'band_count' must be in 1…\(rows / 2), half the window; got \(bandCount).",
        field: "band_count")
    }
    guard let found = try TimeColumns((columns, time, by), in: frame.schema, step: step) else {
      return try FittedFourierBands(self, nil, schema: frame.schema)
    }
    let known = try TimedRows(frame, found, step: step).timelines.mapValues { $0.tail(rows + 1) }
    return try FittedFourierBands(self, TimeHistory(columns: found, timelines: known), schema: frame.schema)
  }
}

/// Bands and the end of training they start from.
public struct FittedFourierBands: FittedTransform {
  /// Columns it reads.
  public let input: Schema
  /// The same columns and the bands as numbers.
  public let output: Schema
  let settings: FourierBands
  let history: TimeHistory?

  enum CodingKeys: String, CodingKey { case input, output, settings, history }

  init(_ settings: FourierBands, _ history: TimeHistory?, schema: Schema) throws {
    self.settings = settings
    self.history = history
    input = try history.map { try Schema($0.columns.fields) } ?? .empty
    output = try history?.columns.output((1...settings.bandCount).map { "band_\($0)" }, without: [], schema) ?? .empty
  }

  /// Adds the energies; rows without a moment or entity have none.
  public func transform(_ frame: Frame) throws -> Frame {
    guard let history else { return frame }
    let (step, bands) = (FourierBands.card.name, settings.bandCount)
    guard let size = Int(settings.window), size > 1, size.nonzeroBitCount == 1, size <= 1 << 16, bands > 0,
      bands <= size / 2, output.count == input.count + bands * history.columns.values.count
    else { throw MLError(.invalidData, "\(step): settings do not fit together.") }
    let transform = FourierTransform(size: size)
    let found = try history.look(frame, step: step, includesRow: settings.includeCurrent) { timeline, end in
      timeline.values.flatMap { values in
        end < size
          ? [Double](repeating: .nan, count: bands) : transform.bands(Array(values[(end - size)..<end]), bands)
      }
    }
    let made = (0..<(bands * history.columns.values.count)).map { index in
      Column(
        numbers: found.map { row in
          guard let value = row?[index], value.isFinite else { return .nan }
          return value
        })
    }
    return try frame.adding(made, input: input, output: output)
  }
}

/// The discrete Fourier transform of a power of two, with its roots of unity.
struct FourierTransform: Sendable {
  let size: Int
  private let cosines: [Double]
  private let sines: [Double]

  init(size: Int) {
    self.size = size
    cosines = (0..<(size / 2)).map { Mathematics.cos(2 * .pi * Double($0) / Double(size)) }
    sines = (0..<(size / 2)).map { -Mathematics.sin(2 * .pi * Double($0) / Double(size)) }
  }

  /// Energy of each band; NaN where the window holds no value at all.
  func bands(_ window: [Double], _ count: Int) -> [Double] {
    guard let first = window.first(where: { !$0.isNaN }) else { return [Double](repeating: .nan, count: count) }
    var last = first
    var real = window.map { value -> Double in
      if !value.isNaN { last = value }
      return last
    }
    let mean = real.reduce(0) { $0 + $1 / Double(size) }
    for index in real.indices { real[index] -= mean }
    var imaginary = [Double](repeating: 0, count: size)
    transform(&real, &imaginary)
    var out = [Double](repeating: 0, count: count)
    let half = size / 2
    for frequency in 1...half {
      let energy = real[frequency] * real[frequency] + imaginary[frequency] * imaginary[frequency]
      let share = frequency == half ? 1.0 : 2.0
      out[(frequency - 1) * count / half] += share * energy / Double(size) / Double(size)
    }
    return out
  }

  /// In place, decimation in time.
  func transform(_ real: inout [Double], _ imaginary: inout [Double]) {
    var place = 0
    for index in 1..<size {
      var bit = size >> 1
      while place & bit != 0 {
        place ^= bit
        bit >>= 1
      }
      place |= bit
      if index < place {
        real.swapAt(index, place)
        imaginary.swapAt(index, place)
      }
    }
    var length = 2
    while length <= size {
      let stride = size / length
      for start in Swift.stride(from: 0, to: size, by: length) {
        for k in 0..<(length / 2) {
          let (c, s) = (cosines[k * stride], sines[k * stride])
          let (a, b) = (start + k, start + k + length / 2)
          let (x, y) = (real[b] * c - imaginary[b] * s, real[b] * s + imaginary[b] * c)
          (real[b], imaginary[b]) = (real[a] - x, imaginary[a] - y)
          (real[a], imaginary[a]) = (real[a] + x, imaginary[a] + y)
        }
      }
      length *= 2
    }
  }
}
