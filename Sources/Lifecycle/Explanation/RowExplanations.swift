package import Basics

/// How much each raw column moved the prediction of each row away from what is said of an average row:
/// `prediction = baseline + Σ shares`, for every output.
package struct RowExplanations: Sendable {
  /// Raw columns in contract order.
  package var columns: [String]
  /// Classes whose probability is explained (of two, the positive one alone); one empty name for numbers.
  package var outputs: [String]
  /// What is said of an average row, `[outputs.count]`.
  package var baseline: [Double]
  /// Row-major `[rowCount, outputs.count, columns.count]`, in units of the prediction (probability, or the target's).
  package var values: [Double]
  /// Words, levels or other elements that moved a row most, in units of the model's own score; by row, largest first.
  package var elements: [[(column: String, element: String, share: Double)]]
  /// Regions of images, where columns are pixels.
  var regions: ImageRegions?

  /// Rows.
  package var rowCount: Int { columns.isEmpty ? 0 : values.count / (outputs.count * columns.count) }

  /// Shares in one output of one row, in column order.
  package func shares(row: Int, output: Int) -> ArraySlice<Double> {
    let start = (row * outputs.count + output) * columns.count
    return values[start..<(start + columns.count)]
  }

  /// Mean absolute share of every column over rows and outputs: what matters on the whole.
  package var meanAbsolute: [Double] {
    var sums = [Double](repeating: 0, count: columns.count)
    for (place, value) in values.enumerated() { sums[place % columns.count] += abs(value) }
    return sums.map { $0 / Double(max(1, rowCount * outputs.count)) }
  }

  /// `{"baseline", "outputs": [{"class", "contributions": [{"column", "value"}]}], "elements"}` of one row, largest first;
  /// of images also `"image": {"height", "width", "channels"}`, and with each output `"regions": [{"top", "left",
  /// "height", "width", "value"}]`.
  package func json(row: Int) -> JSONValue {
    let outputs = outputs.enumerated().map { index, name -> JSONValue in
      let shares = zip(columns, shares(row: row, output: index)).sorted { abs($0.1) > abs($1.1) }
      var json: JSONValue = [
        "class": name.isEmpty ? .null : .string(name), "baseline": .finite(baseline[index]),
        "contributions": .array(shares.map { ["column": .string($0.0), "value": .finite($0.1)] }),
      ]
      if let regions { json["regions"] = regions.json(self.shares(row: row, output: index), of: columns) }
      return json
    }
    let elements = row < elements.count ? elements[row] : []
    var json: JSONValue = [
      "outputs": .array(outputs),
      "elements": .array(
        elements.map {
          ["column": .string($0.column), "element": .string($0.element), "score_share": .finite($0.share)]
        }),
    ]
    if let regions { json["image"] = regions.sizeJSON }
    return json
  }
}
