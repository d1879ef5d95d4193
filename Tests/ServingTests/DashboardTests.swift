import Basics
import Dashboard
import Foundation
import HTTP
import Logging
import Testing

/// What every page promises.
struct DashboardTests {
  @Test(arguments: DashboardSamples.pages.map(\.name))
  func pagesAreWellFormed(_ name: String) throws {
    let html = try #require(DashboardSamples.pages.first { $0.name == name }?.html)
    let checker = MarkupChecker(html)
    #expect(checker.problems == [])
    #expect(checker.count("h1") == 1)
    #expect(checker.count("main") == 1)
    #expect(html.hasPrefix("<!doctype html>"))
    #expect(html.contains("<a class=\"skip\" href=\"#content\">"))
  }

  @Test(arguments: DashboardSamples.pages.map(\.name))
  func nothingIsLoadedFromElsewhere(_ name: String) throws {
    let html = try #require(DashboardSamples.pages.first { $0.name == name }?.html)
    for attribute in ["href", "src", "action", "style"] {
      for value in MarkupChecker(html).values(of: attribute) {
        #expect(
          attribute != "style" && (value.hasPrefix("/") || value.hasPrefix("#")) && !value.hasPrefix("//"), "\(value)")
      }
    }
    for asset in DashboardAsset.all {
      let text = String(decoding: asset.bytes, as: UTF8.self).replacing("http://www.w3.org/2000/svg", with: "")
      #expect(!text.contains("http") && !text.contains("url(") && !text.contains("@import"), "\(asset.path)")
    }
  }

  @Test(arguments: DashboardSamples.pages.map(\.name))
  func everyChartHasItsNumbersAsATable(_ name: String) throws {
    let html = try #require(DashboardSamples.pages.first { $0.name == name }?.html)
    let figures = html.split(separator: "<figure ", omittingEmptySubsequences: true).dropFirst()
    for figure in figures {
      let inside = figure.split(separator: "</figure>", maxSplits: 1)[0]
      #expect(inside.contains("<table>") && inside.contains("<tbody><tr>"))
      #expect(inside.contains("aria-label=\"") || inside.contains("rank"))
    }
  }

  @Test func theModelPageShowsEverything() {
    let html = ModelPage(DashboardSamples.model).html
    for text in [
      "Quality", "Gate", "Traffic", "Drift", "What came true", "Importance", "Versions", "Story", "apus retrain",
      "0.9221 – 0.9319", "opened 3 times", "2 of 14 columns drifted.", "8,930 of 128,411 predictions (6.95 %)",
    ] {
      #expect(html.contains(text), "\(text)")
    }
    #expect(MarkupChecker(html).count("figure") == 6)
  }

  @Test func trainingsAndDecisionsAreShown() {
    let overview = OverviewPage(DashboardSamples.overview).html
    for text in ["Training now", "at work", "12 of 41 candidates tried", "3/5", "0.9268", "stopped", "removed 7 days"] {
      #expect(overview.contains(text), "\(text)")
    }
    let model = ModelPage(DashboardSamples.model).html
    for text in ["overridden by Eve Miller", "1 to approve", "the old model &lt;leaks&gt;"] {
      #expect(model.contains(text), "\(text)")
    }
    let run = RunPage(DashboardSamples.run).html
    #expect(run.contains("Approved by 1 of 2 persons") && run.contains("The same command goes on from there."))
    var empty = OverviewPage.Model(workspace: "/srv/x/.apus", now: DashboardSamples.now)
    empty.trainings = [DashboardSamples.trainings[0]]
    #expect(OverviewPage(empty).html.contains("A first model is on its way."))
  }

  @Test func hostileTextStaysText() {
    let evil = "<script>alert('1')</script>\"&\u{0}\u{7}"
    var model = DashboardSamples.model
    model.project.name = evil
    model.project.verdict = evil
    model.drift[0].name = evil
    model.drift[0].bins[0].label = evil
    model.importance[0].name = evil
    model.findings[0].command = evil
    model.findings[0].title = evil
    model.story[0].text = evil
    model.gate[0].why = evil
    model.versions[0].aliases = [evil]
    var overview = DashboardSamples.overview
    overview.projects[0].name = evil
    overview.workspace = evil
    overview.runs[0].id = evil
    let missing = MessagePage(MLError(.notFound, evil, hint: evil), status: 404)
    for html in [ModelPage(model).html, OverviewPage(overview).html, missing.html] {
      #expect(!html.contains("<script>"))
      #expect(html.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;\u{FFFD}\u{FFFD}"))
      #expect(MarkupChecker(html).problems == [])
      #expect(MarkupChecker(html).count("script") == 1)
    }
  }

  @Test func emptyStatesSayWhatToType() throws {
    let pages = DashboardSamples.pages
    let empty = try #require(pages.first { $0.name == "empty" }?.html)
    #expect(empty.contains("<code>apus train data.csv --target y</code>"))
    let quiet = try #require(pages.first { $0.name == "quiet" }?.html)
    #expect(quiet.contains("<code>apus feedback diamond-prices --data truth.csv</code>"))
    #expect(quiet.contains("<code>apus watch diamond-prices --data new.csv</code>"))
    let missing = try #require(pages.first { $0.name == "missing" }?.html)
    #expect(missing.contains("Did you mean &#39;income&#39;?"))
  }

  @Test func unusableNumbersDoNotBreakCharts() {
    var model = DashboardSamples.model
    model.realised = [RealisedPoint(at: DashboardSamples.now, measured: Measured(.nan), rowCount: 0)]
    model.drift = [
      DriftColumnLine(
        name: "x", kind: "number", distance: "psi", measured: Measured(.infinity), threshold: 0, drifted: true,
        bins: [HistogramBin("all", reference: 0, window: .nan)])
    ]
    model.project.traffic = TrafficView(minutes: [TrafficMinute(at: DashboardSamples.now, requestCount: 1)])
    let html = ModelPage(model).html
    #expect(MarkupChecker(html).problems == [])
    #expect(!html.lowercased().contains("nan") && !html.contains("inf\""))
  }

  @Test(arguments: [
    (0.92713, "0.9271"), (0.0, "0.0000"), (541.2, "541.2"), (12_408.0, "12,408"), (-1_234_567.0, "−1,234,567"),
    (-0.00001, "0.0000"), (3.14159, "3.142"), (Double.nan, "–"), (Double.infinity, "–"),
  ])
  func numbersReadWell(_ value: Double, _ text: String) {
    #expect(Figures.number(value) == text)
  }

  @Test func durationsAndTimesReadWell() {
    #expect(Figures.duration(seconds: 0.000_38) == "380 µs")
    #expect(Figures.duration(seconds: 0.0021) == "2.10 ms")
    #expect(Figures.duration(seconds: 200) == "3 min 20 s")
    #expect(Figures.moment(Timestamp(microseconds: 0)) == "1 Jan 1970, 00:00 UTC")
    #expect(Figures.chosen(0.9) == "0.9" && Figures.chosen(565) == "565" && Figures.chosen(1000) == "1,000")
    #expect(Figures.list(["a", "b", "c", "d"]) == "a, b, c and 1 more")
    #expect(Figures.count(1, "row") == "1 row" && Figures.count(0, "row") == "0 rows")
  }
}

/// The dashboard behind a server.
struct DashboardRoutesTests {
  struct Source: DashboardSource {
    func overview() async throws -> OverviewPage.Model { DashboardSamples.overview }
    func model(_ name: String) async throws -> ModelPage.Model {
      guard name == "income" else { throw MLError.unknown("model", name, among: ["income"], in: "workspace") }
      return DashboardSamples.model
    }
    func run(_ id: String) async throws -> RunPage.Model { DashboardSamples.run }
    func report(_ id: String) async throws -> (report: JSONValue, analysis: JSONValue) {
      guard id == "r-20261121-0712" else { throw MLError(.notFound, "dashboard: run '\(id)' has no report.") }
      return (ReportSamples.report, ReportSamples.analysis)
    }
    func revision() async throws -> Int { 1 }
  }

  func reply(_ target: String, _ headers: HeaderFields = ["accept": "text/html"]) async throws -> HTTPResponse {
    var configuration = HTTPServerConfiguration(port: 0)
    configuration.errorPage = DashboardRoutes.errorPage
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let server = try HTTPServer(configuration, routes: DashboardRoutes.all(Source()), logger: log)
    return await server.respond(to: HTTPRequest(.get, target, headers: headers))
  }

  @Test func pagesAndFilesAreServed() async throws {
    for target in ["/", "/models/income", "/runs/r-20261121-0712"] {
      let response = try await reply(target)
      #expect(response.status == 200)
      #expect(response.headers["content-type"] == "text/html; charset=utf-8")
      #expect(response.headers["content-security-policy"]?.contains("script-src 'self'") == true)
    }
    for asset in DashboardAsset.all {
      let response = try await reply("\(asset.path)?v=\(asset.tag)")
      #expect(response.status == 200 && response.bytes == asset.bytes && !asset.bytes.isEmpty)
      let again = try await reply(asset.path, ["if-none-match": response.headers["etag"] ?? ""])
      #expect(again.status == 304)
    }
    #expect(try await reply("/assets/../Package.swift").status == 404)
  }

  /// The policy of a report's page names its own style by its digest and nothing else.
  @Test func aReportsPageMayUseItsOwnStyleOnly() async throws {
    let response = try await reply("/runs/r-20261121-0712/report")
    #expect(
      response.status == 200
        && response.text
          == RunReport.html(
            report: ReportSamples.report, analysis: ReportSamples.analysis)
    )
    let policy = try #require(response.headers["content-security-policy"])
    let style = try #require(
      response.text.split(separator: "<style>").dropFirst().first?.split(separator: "</style>").first)
    #expect(response.text.split(separator: "<style").count == 2 && !response.text.contains(" style=\""))
    let digest = Digest(of: String(style)).hex
    let bytes = stride(from: 0, to: digest.count, by: 2).compactMap { start in
      UInt8(digest.dropFirst(start).prefix(2), radix: 16)
    }
    let expected = Data(bytes).base64EncodedString()
    let rules = Set(policy.split(separator: ";").map { $0.drop { $0 == " " } })
    #expect(
      rules == [
        "default-src 'none'", "style-src 'sha256-\(expected)'", "base-uri 'none'", "form-action 'none'",
        "frame-ancestors 'none'",
      ])
    #expect(response.headers["cache-control"] == "no-store")
    #expect(try await reply("/runs/other/report").status == 404)
    let page = try await reply("/runs/r-20261121-0712")
    #expect(page.text.contains("href=\"/runs/r-20261121-0712/report\""))
  }

  @Test func aReportsPageAsksWhoIsThere() async throws {
    let token = "0123456789abcdef0123"
    let configuration = HTTPServerConfiguration(
      port: 0, authentication: .tokens([(Digest(of: token), Principal(name: "ana", roles: [.viewer]))]))
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let server = try HTTPServer(configuration, routes: DashboardRoutes.all(Source()), logger: log)
    let target = "/runs/r-20261121-0712/report"
    #expect(await server.respond(to: HTTPRequest(.get, target, headers: [:])).status == 401)
    let known = HTTPRequest(.get, target, headers: ["authorization": "Bearer \(token)"])
    #expect(await server.respond(to: known).status == 200)
  }

  @Test func unknownModelsGetAPageWithAHint() async throws {
    let page = try await reply("/models/incme")
    #expect(page.status == 404)
    #expect(page.text.contains("Did you mean &#39;income&#39;?") && page.text.contains("<h1>Not found</h1>"))
    let document = try await reply("/models/incme", [:])
    #expect(try document.json()["error"]?["code"] == "not-found")
  }
}
