import Basics
package import Logging

/// Log events as one JSON object a line: time, level, message, metadata.
package struct JSONLinesLogHandler: LogHandler {
  /// Least level that is written.
  package var logLevel: Logger.Level = .info
  /// Facts added to every event.
  package var metadata: Logger.Metadata = [:]
  private let label: String
  private let output: any OutputSink

  /// Writes to `output`.
  package init(label: String, output: any OutputSink) {
    self.label = label
    self.output = output
  }

  /// A fact added to every event.
  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Writes one line.
  package func log(event logged: LogEvent) {
    var event: JSONValue = [
      "time": .string(SystemClock().now().description), "level": .string(logged.level.rawValue),
      "logger": .string(label),
      "message": .string(logged.message.description),
    ]
    for (key, value) in metadata.merging(logged.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: {
      $0.key < $1.key
    }) {
      event[key] = .string(value.description)
    }
    output.write(event.compact + "\n")
  }
}
