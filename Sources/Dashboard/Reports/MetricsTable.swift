import Basics

/// Every metric on the sealed test rows, its interval drawn.
struct MetricsTable {
  let source: ReportSource

  var html: HTML? {
    let metrics = source.report.members("test").compactMap { name, json in json.measured.map { (name, $0) } }
    guard !metrics.isEmpty else { return nil }
    let shares = metrics.filter { Self.isShare($0.1) }.map(\.1)
    let common = Axis(covering: [0, 1])
    let rows = metrics.map { name, value -> [HTML] in
      let axis = Self.isShare(value) && shares.count > 1 ? common : Strip.axis([value], and: [0])
      return [
        "\(name)", Strip.interval(value, axis, limit: name == source.metric ? source.baseline : nil),
        "\(Figures.precise(value.value))", "\(Figures.range(value) ?? "–")",
        "\(name == source.metric ? Figures.precise(source.validation) : "")",
        "\(name == source.metric ? Figures.precise(source.training) : "")",
      ]
    }
    let chosen = metrics.indices.filter { metrics[$0].0 == source.metric }
    let table = ReportTable(
      title: "Metrics on the sealed test rows",
      columns: [
        "Metric", .drawing("On a scale"), .number("Test"), .number("95 % interval"), .number("Validation"),
        .number("Training"),
      ], rows: rows, chosen: Set(chosen))
    let scale =
      shares.count > 1 ? "Numbers between 0 and 1 share one scale from 0 to 1, others stand on their own from 0." : ""
    return ReportParts.figure(
      "Metrics", "The run was judged by \(source.metric). \(scale)", table.html)
  }

  private static func isShare(_ value: Measured) -> Bool {
    [value.value, value.low ?? 0, value.high ?? 0].allSatisfy { (0...1).contains($0) }
  }
}
