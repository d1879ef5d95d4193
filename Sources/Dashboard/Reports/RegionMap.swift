import Basics

/// How far each region of an image moved a prediction, drawn over the image where that is known.
struct RegionMap {
  let height: Int
  let width: Int
  let regions: [Region]
  /// Brightness of each pixel, 0…1; empty where it is not known.
  let pixels: [Double]

  /// A patch and its share.
  struct Region {
    let top: Int
    let left: Int
    let height: Int
    let width: Int
    let value: Double

    /// Where it lies, pixels counted from 1.
    var name: String { "\(Self.span("row", top, height)), \(Self.span("column", left, width))" }

    private static func span(_ word: String, _ start: Int, _ count: Int) -> String {
      count == 1 ? "\(word) \(start + 1)" : "\(word)s \(start + 1)–\(start + count)"
    }
  }

  /// Largest image that is drawn.
  static let largestSide = 512
  /// Shades of brightness.
  private static let shadeCount = 16

  /// - Returns: `nil` where there is no image, or no region.
  init?(image: JSONValue, regions: [JSONValue], pixels: [Double] = []) {
    guard let height = image.count("height"), let width = image.count("width"),
      (1...Self.largestSide).contains(height), (1...Self.largestSide).contains(width)
    else { return nil }
    (self.height, self.width) = (height, width)
    self.regions = regions.compactMap { json in
      guard let top = json.count("top"), let left = json.count("left"), let high = json.count("height"),
        let wide = json.count("width"), let value = json.number("value")
      else { return nil }
      return Region(top: top, left: left, height: high, width: wide, value: value)
    }
    self.pixels = pixels.count == height * width ? pixels : []
    guard !self.regions.isEmpty else { return nil }
  }

  /// Regions, the largest share first.
  var largestFirst: [Region] { regions.sorted { abs($0.value) > abs($1.value) } }

  /// Image and regions side by side.
  ///
  /// - Parameter label: what is drawn, for those who do not see it.
  func html(_ label: String) -> HTML {
    let shares = drawing(shades(0.35) + marks, "\(label). \(Self.told(largestFirst.prefix(3)))")
    guard !pixels.isEmpty else { return "<div class=\"regions\">\(shares)</div>" }
    return "<div class=\"regions\">\(drawing(shades(1), "The image"))\(shares)</div>"
  }

  private static func told(_ regions: ArraySlice<Region>) -> String {
    regions.map { "\($0.name): \(Figures.signed($0.value))" }.joined(separator: "; ")
  }

  private func drawing(_ content: HTML, _ label: String) -> HTML {
    """
    <svg class="plot image" viewBox="0 0 \(width) \(height)" role="img" aria-label="\(label)">\(content)</svg>
    """
  }

  private var marks: HTML {
    let largest = regions.map { abs($0.value) }.max() ?? 0
    guard largest > 0 else { return "" }
    return regions.html { region in
      let strength = abs(region.value) / largest
      return """
        <rect class="\(region.value < 0 ? "minus" : "plus")" fill-opacity="\(coordinate(0.85 * strength))" \
        x="\(region.left)" y="\(region.top)" width="\(region.width)" height="\(region.height)"/>
        """
    }
  }

  /// One path a shade.
  private func shades(_ strength: Double) -> HTML {
    guard !pixels.isEmpty else { return "" }
    var paths = [String](repeating: "", count: Self.shadeCount + 1)
    for (place, value) in pixels.enumerated() {
      let shade = Int((min(1, max(0, value)) * Double(Self.shadeCount)).rounded())
      if shade > 0 { paths[shade] += "M\(place % width) \(place / width)h1v1h-1z" }
    }
    return paths.indices.filter { !paths[$0].isEmpty }.html { shade in
      let opacity = coordinate(strength * Double(shade) / Double(Self.shadeCount))
      return "<path class=\"pixels\" fill-opacity=\"\(opacity)\" d=\"\(paths[shade])\"/>"
    }
  }
}
