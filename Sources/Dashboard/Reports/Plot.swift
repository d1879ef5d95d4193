import Foundation

/// One side of a plot: where a value stands and what is written along it.
struct PlotScale {
  let name: String
  let labels: [String]
  /// Whether labels stand in the middle of equal parts rather than on their borders.
  var isBetween = false
  private let place: (Double) -> Double

  /// A scale of numbers.
  init(_ name: String, _ axis: Axis, isPercent: Bool = false) {
    self.name = name
    labels = axis.ticks.map {
      isPercent ? Figures.fixed($0 * 100, decimals: max(0, axis.decimals - 2)) + " %" : axis.label($0)
    }
    place = axis.position
  }

  /// Names side by side, each in the middle of its share of the width; a value is the index of one.
  init(_ name: String, names: [String]) {
    self.name = name
    let isCrowded = names.count > 5
    labels = names.indices.map { isCrowded && $0 > 0 && $0 < names.count - 1 ? "" : names[$0] }
    let count = Double(max(1, names.count))
    isBetween = true
    place = { min(1, max(0, ($0 + 0.5) / count)) }
  }

  /// A scale on which every power of ten is as wide as the next; `values` are above 0.
  init(_ name: String, decadesOver values: [Double], _ text: (Double) -> String) {
    let exponents = values.filter { $0 > 0 }.map { log10($0) }
    let low = (exponents.min() ?? 0).rounded(.down)
    let high = max(low + 1, (exponents.max() ?? 1).rounded(.up))
    self.name = name
    labels = (0...Int(high - low)).map { text(pow(10, low + Double($0))) }
    place = { $0 > 0 ? min(1, max(0, (log10($0) - low) / (high - low))) : 0 }
  }

  /// 0 at the low end to 1 at the high end.
  func position(_ value: Double) -> Double { place(value) }
}

/// A drawing between two scales, with a sentence on what it shows and its numbers as a table.
///
/// The drawing stretches with the page and holds no text, so that labels keep their size on a narrow screen.
struct Plot {
  typealias Point = (x: Double, y: Double)
  enum Shape: String { case square, wide, little }

  let title: String
  let say: String
  let x: PlotScale
  let y: PlotScale
  var shape = Shape.wide
  var legend: [(mark: String, name: String)] = []
  /// The table of its numbers.
  let numbers: ReportTable
  private(set) var marks: HTML = ""

  init(_ title: String, say: String, x: PlotScale, y: PlotScale, numbers: ReportTable) {
    (self.title, self.say, self.x, self.y, self.numbers) = (title, say, x, y, numbers)
  }

  /// The figure.
  var html: HTML {
    let drawing: HTML = """
      <div class="frame drawn \(shape.rawValue)"><span class="axis-name" aria-hidden="true">\(y.name)</span>\
      <div class="upright" aria-hidden="true">\(y.labels.reversed().html { "<span>\($0)</span>" })</div>\
      <svg class="plot" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" \
      aria-label="\(title). \(say)">\(grid)\(marks)</svg>\
      <div class="level\(x.isBetween ? " between" : "")" aria-hidden="true">\(x.labels.html { "<span>\($0)</span>" })</div>\
      \(x.name.isEmpty ? "" : "<span class=\"axis-name below\" aria-hidden=\"true\">\(x.name)</span>" as HTML)</div>\(ReportParts.numbers(numbers))
      """
    return ReportParts.figure(title, say, drawing, legend: ReportParts.legend(legend))
  }

  private var grid: HTML {
    let count = max(2, y.labels.count)
    let lines = (0..<count).html {
      "<path class=\"grid\" d=\"M0 \(coordinate(100 * Double($0) / Double(count - 1)))H100\"/>"
    }
    return lines + "<path class=\"grid\" d=\"M0 0V100\"/>"
  }

  // MARK: Marks

  private func place(_ point: Point) -> String {
    "\(coordinate(100 * x.position(point.x))) \(coordinate(100 - 100 * y.position(point.y)))"
  }

  /// A line through points.
  mutating func line(_ points: [Point], _ mark: String) {
    guard points.count > 1 else { return dots(points, "dot") }
    let path = points.map(place).joined(separator: "L")
    marks += "<path class=\"\(mark)\" d=\"M\(path)\"/>"
  }

  /// Many lines of one kind.
  mutating func lines(_ lines: [[Point]], _ mark: String) {
    let path = lines.filter { $0.count > 1 }.map { "M" + $0.map(place).joined(separator: "L") }.joined()
    if !path.isEmpty { marks += "<path class=\"\(mark)\" d=\"\(path)\"/>" }
  }

  /// The area between two lines over the same places.
  mutating func band(_ points: [(x: Double, low: Double, high: Double)]) {
    guard points.count > 1 else { return }
    let outline = points.map { place(($0.x, $0.high)) } + points.reversed().map { place(($0.x, $0.low)) }
    marks += "<path class=\"band\" d=\"M\(outline.joined(separator: "L"))z\"/>"
  }

  /// Dots.
  mutating func dots(_ points: [Point], _ mark: String) {
    guard !points.isEmpty else { return }
    marks += "<path class=\"\(mark)\" d=\"\(points.map { "M\(place($0))h0.01" }.joined())\"/>"
  }

  /// Upright intervals.
  mutating func whiskers(_ points: [(x: Double, low: Double, high: Double)]) {
    let path = points.map { "M\(place(($0.x, $0.low)))L\(place(($0.x, $0.high)))" }.joined()
    if !path.isEmpty { marks += "<path class=\"whisker\" d=\"\(path)\"/>" }
  }
}

extension Sequence {
  /// At most `count` elements, evenly spaced, the last one among them.
  func thinned(to count: Int) -> [Element] {
    let all = Array(self)
    guard all.count > count, count > 1 else { return all }
    return (0..<count).map { all[$0 * (all.count - 1) / (count - 1)] }
  }
}
