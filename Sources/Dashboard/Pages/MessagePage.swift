package import Basics

/// An error in words, with what to do.
package struct MessagePage: Page {
  private let error: MLError
  private let status: Int

  /// A page about `error`, answered with `status`.
  package init(_ error: MLError, status: Int) {
    self.error = error
    self.status = status
  }

  /// Title of the page.
  package var title: String { heading }
  /// Where the page stands, from the overview down.
  package var trail: [(name: String, address: String?)] { [("Overview", "/"), (heading, nil)] }
  /// Folder of the workspace.
  package var workspace: String { "" }
  /// When the records were read.
  package var moment: Timestamp? { nil }

  /// What stands between head and foot.
  package var content: HTML {
    """
    <h1>\(heading)</h1><p class="lead">\(error.message)</p><div class="card empty summary">\
    \(error.hint.map { "<p>\($0)</p>" as HTML } ?? "")<p><a href="/">To the overview</a></p>\
    <p class="soft">Status \(status), \(error.code.rawValue).</p></div>
    """
  }

  private var heading: String {
    switch status {
    case 401: "Who are you?"
    case 403, 421: "Not allowed"
    case 404: "Not found"
    case 400..<500: "That did not work"
    case 503: "Busy"
    default: "Something broke"
    }
  }
}
