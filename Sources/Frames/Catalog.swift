public import Basics

/// What tables can be read from.
public enum FrameSources {
  /// Every source.
  public static let catalog = Catalog<any Source.Type>("source", [CSVSource.self, JSONLinesSource.self]) { $0.card }

  /// The source for a path, by its ending, with or without `.gz`; `-` (standard input) is CSV.
  ///
  /// - Throws: `.invalidParameter` listing the endings that are known.
  public static func source(for path: String) throws -> any Source {
    if path == "-" { return CSVSource() }
    var name = FileSystem.name(path).lowercased()
    if name.hasSuffix(".gz") { name.removeLast(3) }
    for source in catalog.entries where source.suffixes.contains(where: { name.hasSuffix(".\($0)") }) {
      return source.init()
    }
    let known = catalog.entries.flatMap { $0.suffixes }.map { ".\($0)" }.joined(separator: ", ")
    throw MLError(
      .invalidParameter, "\(path): cannot tell what kind of file this is by its ending.",
      hint: "Use one of \(known), each also with .gz.")
  }

  /// The whole table at `path`, and what was noticed.
  ///
  /// - Throws: what the source throws: `.notFound`, `.io`, `.invalidData` with file and line, `.schemaMismatch`.
  public static func read(_ path: String, options: SourceOptions = SourceOptions()) throws -> (
    frame: Frame, report: ReadReport
  ) {
    var reader = try source(for: path).reader(for: path, options: options)
    var parts: [Frame] = []
    while let part = try reader.next(maximumRows: .max) { parts.append(part) }
    if parts.count == 1 { return (parts[0], reader.report) }
    return (try Frame(joining: parts, schema: reader.schema), reader.report)
  }
}
