public import Basics
import Frames
import Modeling

extension TreeEnsemble {
  /// Adds everything `init(from:)` needs.
  public func write(to archive: inout ArchiveWriter) throws {
    archive.set("schema", try Configuration.encode(schema))
    archive.set("objective", .string(objectiveName))
    archive.set("classes", .array(classes.map { .string($0) }))
    archive.add("baseline", doubles: baseline)
    archive.add("importance", doubles: importance ?? [])
    archive.add("gains", doubles: gains)
    TreeFeature.write(features, to: &archive)
    trees.write(to: &archive)
  }

  /// Reads what `write` wrote; every index is checked, so that a made-up archive cannot trap or loop.
  ///
  /// - Throws: `.corruptFile` when something is lacking or does not fit together.
  public init(from archive: ArchiveReader) throws {
    let schema = try Configuration.decode(Schema.self, from: archive.value("schema"))
    let name = try archive.string("objective")
    guard let classes = try archive.value("classes").arrayValue?.compactMap(\.stringValue) else {
      throw archive.corrupt("has no list of classes")
    }
    let baseline = try archive.doubles("baseline")
    guard let objective = BoostingObjective.link(name, classCount: classes.count),
      objective.scoreCount == baseline.count,
      baseline.allSatisfy(\.isFinite)
    else { throw archive.corrupt("has an objective that does not fit its classes") }
    let importance = try archive.doubles("importance")
    guard importance.isEmpty || importance.count == schema.count, importance.allSatisfy({ $0.isFinite && $0 >= 0 })
    else {
      throw archive.corrupt("has an importance that does not fit its schema")
    }
    // Archives of earlier versions have shares only.
    let gains = archive.has("gains") ? try archive.doubles("gains") : nil
    guard gains?.count ?? schema.count == schema.count, gains?.allSatisfy({ $0.isFinite && $0 >= 0 }) ?? true else {
      throw archive.corrupt("has gains that do not fit its schema")
    }
    let features = try TreeFeature.read(archive, schema)
    let trees = try TreeNodes(from: archive)
    try trees.check(features, scoreCount: baseline.count, archive)
    self.init(
      schema: schema, features: features, trees: trees, baseline: baseline, objective: objective, objectiveName: name,
      classes: classes,
      importance: importance.isEmpty ? nil : importance, gains: gains)
  }
}
