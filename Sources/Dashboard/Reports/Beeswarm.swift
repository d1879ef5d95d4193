import Basics

/// For each column, how far it moved the prediction of each row; colour says whether the row's value is low or high.
struct Beeswarm {
  let json: JSONValue

  private struct Dots {
    let column: String
    let mean: Double?
    let points: [(share: Double, rank: Double?)]
  }

  private var columns: [Dots] {
    json.list("columns").compactMap { entry in
      let points = entry.list("points").compactMap { point in
        point[0]?.plain.map { (share: $0, rank: point[1]?.plain) }
      }
      guard let name = entry.text("column"), !points.isEmpty else { return nil }
      return Dots(column: name, mean: entry.number("mean_absolute"), points: points.thinned(to: 400))
    }
  }

  var html: HTML? {
    if let map = RegionMap(image: json.part("image"), regions: json.list("regions")) {
      return ReportParts.figure(
        "What moves predictions", "The darker a region, the further it moves predictions, on average over test rows.",
        map.html("Mean size of the shares of regions"))
    }
    let columns = columns
    guard !columns.isEmpty else { return nil }
    let axis = Axis(covering: columns.flatMap { $0.points.map(\.share) } + [0])
    let rows = columns.map { column -> [HTML] in
      let shares = column.points.map(\.share)
      return [
        "\(column.column)", Self.drawing(column.points, axis), "\(Figures.precise(column.mean))",
        "\(Figures.signed(shares.min()))", "\(Figures.signed(shares.max()))",
      ]
    }
    let table = ReportTable(
      title: "Shares of columns in the prediction of each row",
      columns: ["Column", .drawing("Each row's share"), .number("Mean size"), .number("Least"), .number("Most")],
      rows: rows)
    let of = json.text("output").flatMap { $0.isEmpty ? nil : " of '\($0)'" } ?? ""
    let start = json.number("baseline").map { " An average row is given \(Figures.precise($0))." } ?? ""
    return ReportParts.figure(
      "What moves predictions",
      "Each dot is a test row: how far the column pushed its prediction\(of) up (right) or down (left).\(start) "
        + "Drawn from \(axis.label(axis.low)) to \(axis.label(axis.high)); the line is 0.",
      "<div class=\"swarm\">\(table.html)</div>",
      legend: ReportParts.legend([
        ("rank-0", "Lowest values"), ("rank-2", "Middle"), ("rank-4", "Highest"), ("rank-none", "Not a number"),
      ]))
  }

  /// Dots that would fall on each other step aside, up and down in turn.
  private static func drawing(_ points: [(share: Double, rank: Double?)], _ axis: Axis) -> HTML {
    var paths = [String](repeating: "", count: 6)
    var taken = [Int](repeating: 0, count: 101)
    for point in points {
      let x = 1 + 98 * axis.position(point.share)
      let bin = min(100, max(0, Int(x)))
      let turn = taken[bin]
      taken[bin] += 1
      let aside = Double((turn + 1) / 2) * (turn % 2 == 0 ? 1 : -1) * 2.4
      let y = min(38, max(2, 20 + aside))
      let level = point.rank.map { Int(min(1, max(0, $0)) * 4.999) } ?? 5
      paths[level] += "M\(coordinate(x)) \(coordinate(y))h0.01"
    }
    let zero = coordinate(1 + 98 * axis.position(0))
    let dots = paths.indices.html { level -> HTML in
      paths[level].isEmpty ? "" : "<path class=\"rank-\(level < 5 ? String(level) : "none")\" d=\"\(paths[level])\"/>"
    }
    return """
      <svg class="interval strip" viewBox="0 0 100 40" preserveAspectRatio="none" aria-hidden="true">\
      <path class="grid" d="M0 20H100"/><path class="limit" d="M\(zero) 0V40"/>\(dots)</svg>
      """
  }
}
