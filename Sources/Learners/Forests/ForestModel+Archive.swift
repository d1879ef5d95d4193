public import Basics
import Frames
import Modeling

extension ForestModel {
  /// Adds everything `init(from:)` needs.
  public func write(to archive: inout ArchiveWriter) throws {
    archive.set("schema", try Configuration.encode(schema))
    archive.set("classes", .array(classes.map { .string($0) }))
    archive.set("out_of_bag_score", outOfBagScore.map { .number($0) } ?? .null)
    archive.add("importance", doubles: importance ?? [])
    TreeFeature.write(features, to: &archive)
    trees.write(to: &archive)
  }

  /// Reads what `write` wrote; every index is checked, so that a made-up archive cannot trap or loop.
  ///
  /// - Throws: `.corruptFile` when something is lacking or does not fit together.
  public init(from archive: ArchiveReader) throws {
    let schema = try Configuration.decode(Schema.self, from: archive.value("schema"))
    let listed = try archive.value("classes").arrayValue
    guard let classes = listed?.compactMap(\.stringValue), classes.count == listed?.count, classes.count != 1 else {
      throw archive.corrupt("has no list of classes")
    }
    let score = try archive.value("out_of_bag_score")
    guard score == .null || score.doubleValue?.isFinite == true else {
      throw archive.corrupt("has an out-of-bag score that is no number")
    }
    let importance = try archive.doubles("importance")
    guard importance.isEmpty || importance.count == schema.count, importance.allSatisfy({ $0.isFinite && $0 >= 0 })
    else { throw archive.corrupt("has an importance that does not fit its schema") }
    let features = try TreeFeature.read(archive, schema)
    let width = classes.count > 2 ? classes.count : 1
    let trees = try TreeNodes(from: archive, leafWidth: width)
    try trees.check(features, scoreCount: width, archive)
    guard !trees.roots.isEmpty, classes.isEmpty || Self.areShares(trees) else {
      throw archive.corrupt("has leaves that are no class shares")
    }
    self.init(
      schema: schema, classes: classes, features: features, trees: trees,
      importance: importance.isEmpty ? nil : importance, outOfBagScore: score.doubleValue)
  }

  private static func areShares(_ trees: TreeNodes) -> Bool {
    let width = trees.leafWidth
    guard trees.leaves.allSatisfy({ $0 >= 0 && $0 <= 1 + 1e-12 }) else { return false }
    if width == 1 { return true }
    return stride(from: 0, to: trees.leaves.count, by: width).allSatisfy { start in
      abs(trees.leaves[start..<(start + width)].reduce(0, +) - 1) < 1e-9
    }
  }
}
