import Basics
import CAssets

/// A file that pages load, embedded in the binary.
package struct DashboardAsset: Sendable {
  /// Address it is served at.
  package let path: String
  /// Media type.
  package let type: String
  /// Content.
  package let bytes: [UInt8]
  /// First digits of the content's SHA-256; also part of the address in pages, so that a new file is fetched at once.
  package let tag: String

  private init(_ path: String, _ type: String, _ bytes: [UInt8]) {
    self.path = path
    self.type = type
    self.bytes = bytes
    tag = String(Digest(of: bytes).hex.prefix(16))
  }

  /// Address with the tag.
  var address: String { "\(path)?v=\(tag)" }

  /// The style sheet.
  package static let style = DashboardAsset(
    "/assets/style.css", "text/css; charset=utf-8", styleBytes)
  /// The script.
  package static let script = DashboardAsset(
    "/assets/page.js", "text/javascript; charset=utf-8", scriptBytes)
  /// The mark in a browser's tab.
  package static let icon = DashboardAsset("/favicon.svg", "image/svg+xml", iconBytes)

  /// All of them.
  package static let all = [style, script, icon]

  private static var styleBytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: apus_dashboard_style(nil, 0))
    _ = apus_dashboard_style(&bytes, bytes.count)
    return bytes
  }

  private static var scriptBytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: apus_dashboard_script(nil, 0))
    _ = apus_dashboard_script(&bytes, bytes.count)
    return bytes
  }

  private static var iconBytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: apus_dashboard_icon(nil, 0))
    _ = apus_dashboard_icon(&bytes, bytes.count)
    return bytes
  }
}
