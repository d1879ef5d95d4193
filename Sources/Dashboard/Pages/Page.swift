package import Basics

/// One page: what is in it, and the frame that every page has.
package protocol Page: Sendable {
  /// Title in the browser's tab.
  var title: String { get }
  /// Names and addresses from the overview down to this page.
  var trail: [(name: String, address: String?)] { get }
  /// Folder of the workspace, shown at the top; empty where there is none.
  var workspace: String { get }
  /// When the numbers were read; `nil` for pages without numbers.
  var moment: Timestamp? { get }
  /// What is between top and foot.
  var content: HTML { get }
}

extension Page {
  /// The whole document.
  package var html: String {
    let live: HTML = moment == nil ? "" : " data-live=\"1\""
    let page: HTML = """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"/><title>\(title) · Apus</title>\
      <meta name="viewport" content="width=device-width, initial-scale=1"/>\
      <meta name="color-scheme" content="light dark"/><link rel="icon" href="\(DashboardAsset.icon.address)"/>\
      <link rel="stylesheet" href="\(DashboardAsset.style.address)"/>\
      <script src="\(DashboardAsset.script.address)" defer="defer"></script></head>
      <body\(live)><a class="skip" href="#content">To the content</a>
      <header class="top"><div>\(brand)\(trailMarkup)\(place)</div></header>
      <main id="content">\(content)</main>
      <footer class="foot">\(foot)</footer></body></html>

      """
    return page.text
  }

  private var brand: HTML {
    """
    <a class="brand" href="/"><svg viewBox="0 0 32 32" aria-hidden="true"><path d="M1 9c5.500-.6 9.800 1 12.600 4.600\
    .8-1.800 2-2.900 3.700-3.200C20 5.400 25 2.700 31 3.200c-4.600 1.700-7.700 4.900-9.200 9.500-.7 \
    2.200-2 3.900-3.900 5 \
    .3 3.900 2.300 7.500 6 10.800-4.800-1.700-8-4.800-9.700-9.300-1.700-.3-2.900-1.100-3.600-2.600C8.700 12.900 5.500 10.300 1 9z"/>\
    </svg>Apus</a>
    """
  }

  private var trailMarkup: HTML {
    let steps = trail.indices.html { index -> HTML in
      let step = trail[index]
      let isLast = index == trail.count - 1
      if let address = step.address, !isLast { return "<li><a href=\"\(address)\">\(step.name)</a></li>" }
      return "<li\(isLast ? " aria-current=\"page\"" as HTML : "")>\(step.name)</li>"
    }
    return "<nav aria-label=\"Where you are\"><ol class=\"trail\">\(steps)</ol></nav>"
  }

  private var place: HTML {
    workspace.isEmpty ? "" : "<span class=\"place\"><span class=\"hidden\">Workspace </span>\(workspace)</span>"
  }

  private var foot: HTML {
    guard let moment else { return "Apus runs on this machine; these pages load nothing from elsewhere." }
    return """
      Read \(Figures.moment(moment)). Times are UTC; intervals are 95 %. These pages load nothing from elsewhere; the \
      same numbers are at <a href="/api/v1/models">/api/v1</a> and <a href="/metrics">/metrics</a>.
      """
  }
}
