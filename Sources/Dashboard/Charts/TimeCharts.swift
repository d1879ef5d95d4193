import Basics

/// Requests minute by minute, errors at the foot of each bar.
struct TrafficChart {
  let title: String
  let minutes: [TrafficMinute]
  var isSmall = false

  var html: HTML {
    let axis = Axis(covering: minutes.map { Double($0.requestCount) }, fromZero: true, count: 3)
    let width = 100 / Double(max(1, minutes.count))
    let marks = minutes.indices.html { index in
      let minute = minutes[index]
      let x = coordinate(Double(index) * width + width * 0.1)
      let wide = coordinate(width * 0.8)
      let height = axis.position(Double(minute.requestCount)) * 100
      let wrong = axis.position(Double(minute.errorCount)) * 100
      let tip =
        "\(Figures.clock(minute.at)) · \(Figures.count(minute.requestCount, "request"))"
        + (minute.errorCount > 0 ? " · \(Figures.count(minute.errorCount, "error"))" : "")
      var bar: HTML = "<g data-tip=\"\(tip)\"><title>\(tip)</title>"
      bar +=
        "<rect class=\"hit\" x=\"\(coordinate(Double(index) * width))\" y=\"0\" width=\"\(coordinate(width))\" height=\"100\"/>"
      bar +=
        "<rect class=\"window\" x=\"\(x)\" y=\"\(coordinate(100 - height))\" width=\"\(wide)\" height=\"\(coordinate(height))\"/>"
      if minute.errorCount > 0 {
        bar +=
          "<rect class=\"wrong\" x=\"\(x)\" y=\"\(coordinate(100 - wrong))\" width=\"\(wide)\" height=\"\(coordinate(wrong))\"/>"
      }
      return bar + "</g>"
    }
    let total = minutes.reduce(0) { $0 + $1.requestCount }
    let errors = minutes.reduce(0) { $0 + $1.errorCount }
    return Chart(
      title: title,
      summary:
        "\(Figures.count(total, "request")) in \(Figures.count(minutes.count, "minute")), \(Figures.count(errors, "error")).",
      columns: ["Minute (UTC)", "Requests", "Errors"],
      rows: minutes.map { [Figures.clock($0.at), Figures.count($0.requestCount), Figures.count($0.errorCount)] },
      marks: marks, upright: axis.ticks.map(axis.label), level: Self.times(minutes.map(\.at)),
      legend: errors > 0 ? [("window", "Requests"), ("wrong", "Errors")] : [], isSmall: isSmall
    ).html
  }

  /// First, middle and last of the times.
  static func times(_ times: [Timestamp]) -> [String] {
    guard let first = times.first, let last = times.last else { return [] }
    let isLong = last.microseconds - first.microseconds > 86_400_000_000
    let text = { isLong ? String(Figures.day($0).dropLast(5)) : Figures.clock($0) }
    guard times.count > 2 else { return times.count == 1 ? [text(first)] : [text(first), text(last)] }
    return [text(first), text(times[times.count / 2]), text(last)]
  }
}

/// A metric window by window with its interval, against the interval measured on the sealed test.
struct RealisedChart {
  let title: String
  let metric: String
  let points: [RealisedPoint]
  let test: Measured?

  var html: HTML {
    let bounds = points.flatMap {
      [$0.measured.value, $0.measured.low ?? $0.measured.value, $0.measured.high ?? $0.measured.value]
    }
    let expected = test.map { [$0.value, $0.low ?? $0.value, $0.high ?? $0.value] } ?? []
    let axis = Axis(covering: bounds + expected)
    let y = { (value: Double) in 100 - 100 * axis.position(value) }
    let x = { (index: Int) in points.count > 1 ? 2 + 96 * Double(index) / Double(points.count - 1) : 50 }
    var marks: HTML = ""
    if let test {
      let top = y(test.high ?? test.value)
      let bottom = y(test.low ?? test.value)
      marks +=
        "<rect class=\"expected\" x=\"0\" width=\"100\" y=\"\(coordinate(top))\" height=\"\(coordinate(bottom - top))\"/>"
      marks += "<path class=\"expected-line\" d=\"M0 \(coordinate(y(test.value)))H100\"/>"
    }
    let line = points.indices.map {
      "\($0 == 0 ? "M" : "L")\(coordinate(x($0))) \(coordinate(y(points[$0].measured.value)))"
    }
    marks += "<path class=\"line\" d=\"\(line.joined())\"/>"
    marks += points.indices.html { index in
      let point = points[index]
      let place = coordinate(x(index))
      let tip =
        "\(Figures.moment(point.at)) · \(metric) \(Figures.interval(point.measured)) · \(Figures.count(point.rowCount, "row"))"
      var mark: HTML = "<g data-tip=\"\(tip)\"><title>\(tip)</title>"
      if let low = point.measured.low, let high = point.measured.high {
        mark += "<path class=\"whisker\" d=\"M\(place) \(coordinate(y(low)))V\(coordinate(y(high)))\"/>"
      }
      let height = coordinate(y(point.measured.value))
      return mark + "<path class=\"dot\" d=\"M\(place) \(height)h0.01\"/></g>"
    }
    return Chart(
      title: title, summary: summary, columns: ["Window from (UTC)", metric, "95 % interval", "Labelled rows"],
      rows: points.map { point in
        let range = point.measured.low.flatMap { low in
          point.measured.high.map { "\(Figures.number(low)) – \(Figures.number($0))" }
        }
        return [
          Figures.moment(point.at), Figures.number(point.measured.value), range ?? "–", Figures.count(point.rowCount),
        ]
      },
      marks: marks, upright: axis.ticks.map(axis.label), level: TrafficChart.times(points.map(\.at)),
      legend: test == nil
        ? [("dot", "Window")] : [("dot", "Window, 95 % interval"), ("expected", "Sealed test, 95 % interval")]
    ).html
  }

  private var summary: String {
    guard let last = points.last else { return "No truth has come back yet." }
    let now = "Latest window \(Figures.interval(last.measured))"
    return test.map { "\(now); on the sealed test \(Figures.interval($0))." } ?? now + "."
  }
}
