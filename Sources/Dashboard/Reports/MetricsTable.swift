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
      let baseline = name == source.metric ? source.baseline : nil
      let axis = Self.isShare(value) && shares.count > 1 ? common : Strip.axis([value], and: [0, baseline])
      return [
        "\(name)", Strip.interval(value, axis, limit: baseline),
        "\(Figures.precise(value.value))\(ReportParts.note(Figures.range(value)))",
      ]
    }
    let chosen = metrics.indices.filter { metrics[$0].0 == source.metric }
    let table = ReportTable(
      title: "Metrics on the sealed test rows",
      columns: ["Metric", .drawing("On a scale, 95 % interval"), .number("Test")], rows: rows, chosen: Set(chosen))
    let scale =
      shares.count > 1 ? "Numbers between 0 and 1 share one scale from 0 to 1, others stand on their own from 0." : ""
    return ReportParts.figure("Metrics", [judged, scale].joined(separator: " "), table.html)
  }

  private var judged: String {
    let others = [
      source.validation.map { "\(Figures.precise($0)) on validation rows" },
      source.training.map { "\(Figures.precise($0)) on training rows" },
    ].compactMap { $0 }.joined(separator: " and ")
    return "The run was judged by \(source.metric)" + (others.isEmpty ? "." : ", which is \(others).")
  }

  private static func isShare(_ value: Measured) -> Bool {
    [value.value, value.low ?? 0, value.high ?? 0].allSatisfy { (0...1).contains($0) }
  }
}
