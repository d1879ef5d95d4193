import Basics
import HTTP

/// The reply that carries a run's whole report: the same page that `--report FILE.html` writes.
///
/// The page brings its style along instead of loading the dashboard's, so it gets a policy of its own: exactly that
/// style, by its digest, and nothing else; no script, no picture, no form, no connection.
enum ReportPage {
  static func response(report: JSONValue, analysis: JSONValue) -> HTTPResponse {
    var response = HTTPResponse.page(RunReport.html(report: report, analysis: analysis))
    response.headers["content-security-policy"] = policy
    return response
  }

  /// Allows the style sheet of reports and nothing else.
  static let policy =
    "default-src 'none'; style-src 'sha256-\(styleDigest)'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

  /// SHA-256 of the style sheet in Base64, as a policy names it.
  private static let styleDigest: String = base64(
    Digest(of: ReportStyle.sheet.text).hex.pairs.compactMap { UInt8($0, radix: 16) })

  private static func base64(_ bytes: [UInt8]) -> String {
    let signs = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var out = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = (0..<3).map { start + $0 < bytes.count ? Int(bytes[start + $0]) : 0 }
      let number = group[0] << 16 | group[1] << 8 | group[2]
      for place in 0..<4 {
        let isPadding = start + place > bytes.count
        out.append(isPadding ? "=" : signs[number >> (18 - 6 * place) & 63])
      }
    }
    return out
  }
}

extension String {
  /// The text in pieces of two characters.
  fileprivate var pairs: [Substring] {
    let all = Array(self)
    return stride(from: 0, to: all.count - 1, by: 2).map { Substring(String(all[$0...($0 + 1)])) }
  }
}
