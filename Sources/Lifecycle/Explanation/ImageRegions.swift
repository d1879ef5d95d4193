import Basics
import Evaluation
import Frames
import Modeling

/// Patches of images whose pixels are columns: what one pixel adds tells nobody anything, a region does.
struct ImageRegions: Sendable {
  let size: ImageSize
  /// Raw columns in the order of pixels.
  let columns: [String]
  /// Where each patch lies.
  let patches: [Patch]

  /// A rectangle of pixels.
  struct Patch: Sendable, Hashable {
    var top: Int
    var left: Int
    var height: Int
    var width: Int
  }

  /// Patches along the longer side at most.
  static let sideCount = 7
  /// Sets of patches tried for a row, besides those of one patch or all but one.
  static let setCount = 512

  /// - Throws: `.invalidParameter` where columns and pixels do not go together.
  init(_ size: ImageSize, columns: [String]) throws {
    guard size.height > 0, size.width > 0, size.channels > 0, size.valueCount == columns.count else {
      throw MLError(
        .invalidParameter,
        "image: \(size.height) × \(size.width) pixels of \(size.channels) are \(size.valueCount) numbers; the model "
          + "reads \(columns.count) columns.",
        hint:
          "Columns left out in training are lacking: train with --algorithm convolutional-network, which keeps all.",
        field: "image")
    }
    self.size = size
    self.columns = columns
    let side = (max(size.height, size.width) + Self.sideCount - 1) / Self.sideCount
    patches = stride(from: 0, to: size.height, by: side).flatMap { top in
      stride(from: 0, to: size.width, by: side).map { left in
        Patch(top: top, left: left, height: min(side, size.height - top), width: min(side, size.width - left))
      }
    }
  }

  /// Those of a committee's image model; `nil` where it has none, or its images are one line.
  init?(_ committee: Committee) {
    for member in committee.members {
      guard let model = member.model as? any ImageModel, model.imageSize.height > 1 else { continue }
      let columns = model.schema.names.compactMap { member.rawColumn(of: $0) }
      guard columns.count == model.schema.count, let regions = try? ImageRegions(model.imageSize, columns: columns)
      else { continue }
      self = regions
      return
    }
    return nil
  }

  /// Places in `columns` of a patch's numbers.
  func places(_ patch: Patch) -> [Int] {
    (patch.top..<(patch.top + patch.height)).flatMap { row in
      let start = (row * size.width + patch.left) * size.channels
      return Array(start..<(start + patch.width * size.channels))
    }
  }

  /// Shares of every column in what `score` says: patches are known or not as a whole, and a patch's share is dealt to
  /// its numbers alike.
  func shares(
    _ rows: Frame, background: Frame, method: Shapley.Method, seed: Seed, workers: Workers,
    score: @escaping @Sendable (Frame) throws -> Predictions
  ) throws -> Contributions {
    let groups = patches.map { patch in
      Shapley.ColumnGroup("\(patch.top),\(patch.left)", columns: places(patch).map { columns[$0] })
    }
    let found = try Shapley.values(
      rows, background: background,
      method: method == .automatic && patches.count > 8 ? .kernel(2 * patches.count + Self.setCount) : method,
      seed: seed, workers: workers, groups: groups, score: score)
    let own = patches.map(places)
    var values = [Double](repeating: 0, count: rows.rowCount * found.outputs.count * columns.count)
    for line in 0..<(rows.rowCount * found.outputs.count) {
      for (index, place) in own.enumerated() {
        let each = found.values[line * patches.count + index] / Double(place.count)
        for column in place { values[line * columns.count + column] = each }
      }
    }
    return try Contributions(
      features: columns.map { Contributions.Feature(field: $0) }, outputs: found.outputs, link: found.link,
      baseline: found.baseline, values: values)
  }

  /// Sums over patches of shares in the order of `names`.
  func sums(_ shares: some Collection<Double>, of names: [String]) -> [Double] {
    let values = Dictionary(uniqueKeysWithValues: zip(names, shares))
    return patches.map { patch in places(patch).reduce(0) { $0 + (values[columns[$1]] ?? 0) } }
  }

  /// `[{"top", "left", "height", "width", "value"}]`.
  func json(_ shares: some Collection<Double>, of names: [String]) -> JSONValue {
    .array(
      zip(patches, sums(shares, of: names)).map { patch, value in
        [
          "top": .integer(Int64(patch.top)), "left": .integer(Int64(patch.left)),
          "height": .integer(Int64(patch.height)), "width": .integer(Int64(patch.width)), "value": .finite(value),
        ]
      })
  }

  /// `{"height", "width", "channels"}`.
  var sizeJSON: JSONValue {
    [
      "height": .integer(Int64(size.height)), "width": .integer(Int64(size.width)),
      "channels": .integer(Int64(size.channels)),
    ]
  }

  /// Brightness of every pixel of one row, 0…1 between the darkest and the brightest number of `frame`; missing is 0.
  func brightness(_ frame: Frame, row: Int) throws -> JSONValue {
    let cells = try columns.map { try frame.column($0).doubles ?? [] }
    let known = cells.joined().filter(\.isFinite)
    let (low, high) = (known.min() ?? 0, known.max() ?? 0)
    let numbers = cells.map { row < $0.count && $0[row].isFinite && high > low ? ($0[row] - low) / (high - low) : 0 }
    return .array(
      stride(from: 0, to: numbers.count, by: size.channels).map { start in
        let mean = numbers[start..<(start + size.channels)].reduce(0, +) / Double(size.channels)
        return .finite((mean * 100).rounded() / 100)
      })
  }
}
