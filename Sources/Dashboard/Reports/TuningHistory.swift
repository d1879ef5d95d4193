import Basics

/// Scores in the order in which they were tried, and the best so far.
struct TuningHistory {
  let source: ReportSource

  var html: HTML? {
    let tried = source.tried.filter { $0.mean != nil }
    guard tried.count > 2 else { return nil }
    let points = tried.map { (x: Double($0.index + 1), y: $0.mean ?? 0) }
    let axis = axis(points.map(\.y))
    let outside = points.count { $0.y < axis.low || $0.y > axis.high }
    let words = outside > 0 ? " \(Figures.count(outside, "much worse score")) stand at the edge." : ""
    var plot = Plot(
      "Tuning history", say: "Cross-validated \(source.metric) of each candidate in the order tried.\(words)",
      x: PlotScale("Candidate", Axis(covering: points.map(\.x), fromZero: true)), y: PlotScale(source.metric, axis),
      numbers: table(tried))
    plot.legend = [("line-1", "Best so far"), ("points", "All folds"), ("dropped", "Dropped early")]
    plot.line(best(tried), "line-1")
    plot.dots(zip(tried, points).filter { !$0.0.isComplete }.map(\.1), "dropped")
    plot.dots(zip(tried, points).filter { $0.0.isComplete }.map(\.1), "points")
    return plot.html
  }

  /// Covers the better half and as much again, so that one bad trial does not flatten the rest.
  private func axis(_ values: [Double]) -> Axis {
    let sorted = values.sorted { source.isBetter($0, $1) }
    let (best, middle) = (sorted[0], sorted[sorted.count / 2])
    let limit = middle + 2 * (middle - best)
    return Axis(covering: values.filter { !source.isBetter(limit, $0) })
  }

  private func best(_ tried: [ReportSource.Tried]) -> [Plot.Point] {
    var out: [Plot.Point] = []
    var best: Double?
    for one in tried {
      guard let mean = one.mean else { continue }
      let x = Double(one.index + 1)
      if let last = best { out.append((x, last)) }
      if one.isComplete, best.map({ source.isBetter(mean, $0) }) ?? true {
        best = mean
        out.append((x, mean))
      }
    }
    return out
  }

  private func table(_ tried: [ReportSource.Tried]) -> ReportTable {
    ReportTable(
      title: "the tuning history", columns: ["Order", "Algorithm", .number(source.metric), .number("Folds")],
      rows: tried.map {
        ["\($0.index + 1)", "\($0.algorithm)", "\(Figures.precise($0.mean))", "\($0.folds.count)"]
      })
  }
}
