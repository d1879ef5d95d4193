/// The distribution of one column in training and in the window.
struct HistogramChart {
  let title: String
  let bins: [HistogramBin]

  var html: HTML {
    let axis = Axis(covering: bins.flatMap { [$0.reference, $0.window] }, fromZero: true, count: 2)
    let width = 100 / Double(max(1, bins.count))
    var outline = "M0 100"
    let bars = bins.indices.html { index in
      let bin = bins[index]
      let left = Double(index) * width
      let level = coordinate(100 - 100 * axis.position(bin.reference))
      outline += "L\(coordinate(left)) \(level)L\(coordinate(left + width)) \(level)"
      let height = axis.position(bin.window) * 100
      let tip = "\(bin.label) · training \(Figures.percent(bin.reference)) · window \(Figures.percent(bin.window))"
      var bar: HTML = "<g data-tip=\"\(tip)\"><title>\(tip)</title>"
      bar += "<rect class=\"hit\" x=\"\(coordinate(left))\" y=\"0\" width=\"\(coordinate(width))\" height=\"100\"/>"
      bar += "<rect class=\"window\" x=\"\(coordinate(left + width * 0.12))\" y=\"\(coordinate(100 - height))\" "
      return bar + "width=\"\(coordinate(width * 0.76))\" height=\"\(coordinate(height))\"/></g>"
    }
    outline += "L100 100"
    let most = bins.max { abs($0.window - $0.reference) < abs($1.window - $1.reference) }
    return Chart(
      title: title,
      summary: most.map {
        "Largest change at \($0.label): \(Figures.percent($0.reference)) in training, \(Figures.percent($0.window)) in the window."
      } ?? "No rows.",
      columns: ["Value", "Training", "Window"],
      rows: bins.map { [$0.label, Figures.percent($0.reference), Figures.percent($0.window)] },
      marks: bars + "<path class=\"reference\" d=\"\(outline)\"/>",
      upright: axis.ticks.map { Figures.fixed($0 * 100, decimals: max(0, axis.decimals - 2)) + " %" },
      level: bins.count <= 4 ? bins.map(\.label) : [bins[0].label, bins[bins.count - 1].label],
      legend: [("window", "Window"), ("reference", "Training")], isSmall: true
    ).html
  }
}

/// Names with a bar each, longest first as given.
struct RankChart {
  let title: String
  let unit: String
  let items: [(name: String, value: Double)]

  var html: HTML {
    let largest = max(items.map { abs($0.value) }.max() ?? 0, .leastNormalMagnitude)
    let rows = items.html { item in
      let width = coordinate(100 * abs(item.value) / largest)
      return """
        <tr><th scope="row">\(item.name)</th><td class="wide"><svg class="bar" viewBox="0 0 100 10" \
        preserveAspectRatio="none" aria-hidden="true"><rect class="window" width="\(width)" height="10"/></svg></td>\
        <td class="num">\(Figures.number(item.value))</td></tr>
        """
    }
    return """
      <figure class="chart rank"><figcaption><span class="chart-title">\(title)</span></figcaption>\
      <table><thead class="hidden"><tr><th scope="col">Column</th><th scope="col">Bar</th><th scope="col">\(unit)</th></tr>\
      </thead><tbody>\(rows)</tbody></table></figure>
      """
  }
}

/// A dot with whiskers on a line, for a table's cell; its numbers stand beside it.
struct IntervalMark {
  let measured: Measured
  let axis: Axis
  /// A limit drawn as an upright line.
  var limit: Double?
  var standing: Standing = .unknown

  var html: HTML {
    let place = { (value: Double) in coordinate(2 + 96 * axis.position(value)) }
    var marks: HTML = "<path class=\"grid\" d=\"M0 10H100\"/>"
    if let limit { marks += "<path class=\"limit\" d=\"M\(place(limit)) 1V19\"/>" }
    if let low = measured.low, let high = measured.high {
      marks += "<path class=\"whisker\" d=\"M\(place(low)) 10H\(place(high))\"/>"
    }
    marks += "<path class=\"dot\" d=\"M\(place(measured.value)) 10h0.01\"/>"
    return """
      <svg class="interval \(standing.rawValue)" viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">\
      \(marks)</svg>
      """
  }
}
