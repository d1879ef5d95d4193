package import Basics

/// Everything this target registers.
package enum MonitoringCatalog {
  /// Detectors of a changing mean.
  package static let detectors = Catalog<any DriftDetector.Type>("drift detector", [ADWIN.self, PageHinkley.self]) {
    $0.card
  }

  /// Detector `name` with `settings` over its defaults.
  ///
  /// - Throws: `.invalidParameter` naming what is unknown or out of range.
  package static func detector(_ name: String, settings: JSONValue = .object([])) throws -> any DriftDetector {
    func build<D: DriftDetector>(_ type: D.Type) throws -> any DriftDetector {
      try Configuration.decode(type, defaults: D(), settings: settings)
    }
    return try build(detectors.entry(name))
  }
}
