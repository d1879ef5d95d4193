import Dashboard
import Foundation
import Testing

/// Contrast of the palette, computed from the style sheet as it is served.
///
/// Source: WCAG 2.2, relative luminance and contrast ratio; 4.5 for text, 3 for marks (1.4.3, 1.4.11).
struct DashboardContrastTests {
  static let palettes: [(name: String, colours: [String: String])] = {
    let text = String(decoding: DashboardAsset.style.bytes, as: UTF8.self)
    let blocks = text.split(separator: ":root {").dropFirst().prefix(2).map { $0.prefix { $0 != "}" } }
    return zip(["light", "dark"], blocks).map { name, block in
      var colours: [String: String] = [:]
      for line in block.split(separator: ";") {
        let halves = line.split(separator: ":").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
        if halves.count == 2, halves[1].hasPrefix("#") { colours[halves[0]] = halves[1] }
      }
      return (name, colours)
    }
  }()

  static func luminance(_ hex: String) throws -> Double {
    let value = try #require(Int(hex.dropFirst(), radix: 16))
    let channels = [16, 8, 0].map { shift -> Double in
      let share = Double(value >> shift & 255) / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
  }

  static func ratio(_ a: String, _ b: String) throws -> Double {
    let (x, y) = (try luminance(a), try luminance(b))
    return (max(x, y) + 0.05) / (min(x, y) + 0.05)
  }

  @Test(arguments: ["light", "dark"])
  func textIsReadable(_ name: String) throws {
    let colours = try #require(Self.palettes.first { $0.name == name }?.colours)
    #expect(colours.count == 19)
    var pairs = [("ink", "code"), ("soft", "code"), ("accent", "code"), ("paper", "ink")]
    for front in ["ink", "soft", "accent", "good", "attention", "bad"] { pairs += [(front, "paper"), (front, "card")] }
    for standing in ["good", "attention", "bad", "unknown"] { pairs.append((standing, standing + "-tint")) }
    for (front, back) in pairs {
      let value = try Self.ratio(try #require(colours["--" + front]), try #require(colours["--" + back]))
      #expect(value >= 4.5, "\(name): \(front) on \(back) is \(value)")
    }
  }

  @Test(arguments: ["light", "dark"])
  func marksAreVisible(_ name: String) throws {
    let colours = try #require(Self.palettes.first { $0.name == name }?.colours)
    for mark in ["mark", "mark-strong", "reference", "bad", "good", "attention"] {
      let value = try Self.ratio(try #require(colours["--" + mark]), try #require(colours["--card"]))
      #expect(value >= 3, "\(name): \(mark) is \(value)")
    }
  }

  @Test func theRatioIsTheStandardOne() throws {
    #expect(try Self.ratio("#000000", "#ffffff") == 21)
    #expect(abs(try Self.ratio("#767676", "#ffffff") - 4.54) < 0.01)
  }
}
