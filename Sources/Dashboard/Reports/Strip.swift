/// A level line for a table's cell: an interval, dots, a bar or a box on one shared scale.
struct Strip {
  let axis: Axis
  private(set) var marks: HTML = "<path class=\"grid\" d=\"M0 10H100\"/>"

  init(_ axis: Axis) { self.axis = axis }

  /// An interval with its estimate, and a limit where there is one.
  static func interval(_ measured: Measured?, _ axis: Axis, limit: Double? = nil, _ standing: Standing = .unknown)
    -> HTML
  {
    guard let measured else { return "–" }
    return IntervalMark(measured: measured, axis: axis, limit: limit, standing: standing).html
  }

  /// A scale that holds all of these with their intervals.
  static func axis(_ measured: [Measured?], and values: [Double?] = []) -> Axis {
    Axis(
      covering: measured.compactMap { $0 }.flatMap { [$0.value, $0.low ?? $0.value, $0.high ?? $0.value] }
        + values.compactMap { $0 })
  }

  private func place(_ value: Double) -> String { coordinate(2 + 96 * axis.position(value)) }

  /// Dots.
  mutating func dots(_ values: [Double], _ mark: String) {
    guard !values.isEmpty else { return }
    marks += "<path class=\"\(mark)\" d=\"\(values.map { "M\(place($0)) 10h0.01" }.joined())\"/>"
  }

  /// A bar between two values.
  mutating func bar(from start: Double, to end: Double, _ mark: String) {
    let (low, high) = (2 + 96 * axis.position(min(start, end)), 2 + 96 * axis.position(max(start, end)))
    marks += """
      <rect class="\(mark)" x="\(coordinate(low))" y="4" width="\(coordinate(max(0.4, high - low)))" height="12"/>
      """
  }

  /// A line along the strip.
  mutating func reach(_ low: Double, _ high: Double) {
    marks += "<path class=\"whisker\" d=\"M\(place(low)) 10H\(place(high))\"/>"
  }

  /// A line across.
  mutating func limit(_ value: Double) { marks += "<path class=\"limit\" d=\"M\(place(value)) 1V19\"/>" }

  /// The drawing.
  var html: HTML {
    """
    <svg class="interval strip" viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">\(marks)</svg>
    """
  }
}
