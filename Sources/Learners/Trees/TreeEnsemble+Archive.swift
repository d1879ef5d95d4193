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
    writeFeatures(to: &archive)
    archive.add("node/feature", int32s: trees.feature)
    archive.add("node/threshold", doubles: trees.threshold)
    archive.add("node/missing_left", bytes: trees.missingLeft)
    archive.add("node/categories", int32s: trees.categories)
    archive.add("node/left", int32s: trees.left)
    archive.add("node/right", int32s: trees.right)
    archive.add("roots", int32s: trees.roots)
    archive.add("leaves", doubles: trees.leaves)
    archive.add("category_words", int32s: trees.words.map { Int32(bitPattern: $0) })
  }

  private func writeFeatures(to archive: inout ArchiveWriter) {
    var counts: [Int32] = []
    var codes: [Int32] = []
    var lengths: [Int32] = []
    for feature in features {
      switch feature.coding {
      case .numbers:
        counts.append(0)
        lengths.append(0)
      case .categories(let table, let count):
        counts.append(Int32(count))
        lengths.append(Int32(table.count))
        codes.append(contentsOf: table)
      }
    }
    archive.add("feature/field", int32s: features.map { Int32($0.field) })
    archive.add("feature/element", int32s: features.map { Int32($0.element ?? -1) })
    archive.add("feature/code_count", int32s: counts)
    archive.add("feature/level_count", int32s: lengths)
    archive.add("feature/level_codes", int32s: codes)
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
    let features = try Self.features(archive, schema)
    let trees = try Self.nodes(archive)
    try trees.check(features, scoreCount: baseline.count, archive)
    self.init(
      schema: schema, features: features, trees: trees, baseline: baseline, objective: objective, objectiveName: name,
      classes: classes,
      importance: importance.isEmpty ? nil : importance, gains: gains)
  }

  private static func nodes(_ archive: ArchiveReader) throws -> TreeNodes {
    TreeNodes(
      feature: try archive.int32s("node/feature"), threshold: try archive.doubles("node/threshold"),
      missingLeft: try archive.section("node/missing_left"), categories: try archive.int32s("node/categories"),
      left: try archive.int32s("node/left"), right: try archive.int32s("node/right"),
      roots: try archive.int32s("roots"),
      leaves: try archive.doubles("leaves"), words: try archive.int32s("category_words").map { UInt32(bitPattern: $0) })
  }

  private static func features(_ archive: ArchiveReader, _ schema: Schema) throws -> [TreeFeature] {
    let fields = try archive.int32s("feature/field")
    let elements = try archive.int32s("feature/element")
    let counts = try archive.int32s("feature/code_count")
    let lengths = try archive.int32s("feature/level_count")
    let codes = try archive.int32s("feature/level_codes")
    guard elements.count == fields.count, counts.count == fields.count, lengths.count == fields.count else {
      throw archive.corrupt("has features that do not fit together")
    }
    var start = 0
    return try fields.indices.map { index in
      let field = Int(fields[index])
      guard schema.fields.indices.contains(field) else { throw archive.corrupt("names a column it does not have") }
      let kind = schema.fields[field].kind
      guard kind != .text, (kind == .vector) == (elements[index] >= 0), (kind == .category) == (counts[index] > 0)
      else {
        throw archive.corrupt("has a feature that does not fit its column")
      }
      let element = kind == .vector ? Int(elements[index]) : nil
      guard kind == .category else { return TreeFeature(field: field, element: element, coding: .numbers(bounds: [])) }
      let length = Int(lengths[index])
      guard length >= 0, length <= codes.count - start, counts[index] >= 2, counts[index] <= 65536 else {
        throw archive.corrupt("has category codes that are cut short")
      }
      let table = Array(codes[start..<(start + length)])
      start += length
      guard table.allSatisfy({ $0 >= 1 && $0 < counts[index] }) else {
        throw archive.corrupt("has category codes out of range")
      }
      return TreeFeature(field: field, element: nil, coding: .categories(codes: table, codeCount: Int(counts[index])))
    }
  }
}

extension TreeNodes {
  /// Checks that every index is in range and every child comes after its parent.
  func check(_ features: [TreeFeature], scoreCount: Int, _ archive: ArchiveReader) throws {
    let count = feature.count
    guard threshold.count == count, missingLeft.count == count, categories.count == count, left.count == count,
      right.count == count,
      scoreCount > 0, roots.count % scoreCount == 0
    else { throw archive.corrupt("has nodes that do not fit together") }
    func isChild(_ child: Int32, after parent: Int) -> Bool {
      child >= 0 ? Int(child) > parent && Int(child) < count : Int(~child) < leaves.count
    }
    guard roots.allSatisfy({ isChild($0, after: -1) }), leaves.allSatisfy(\.isFinite) else {
      throw archive.corrupt("has a tree without a root")
    }
    for node in 0..<count {
      guard features.indices.contains(Int(feature[node])), isChild(left[node], after: node),
        isChild(right[node], after: node),
        !threshold[node].isNaN, missingLeft[node] <= 1
      else { throw archive.corrupt("has a node out of range") }
      let described = features[Int(feature[node])]
      guard described.isCategory == (categories[node] >= 0) else {
        throw archive.corrupt("has a node that does not fit its column")
      }
      if described.isCategory, Int(categories[node]) + (described.codeCount + 31) / 32 > words.count {
        throw archive.corrupt("has a category set that is cut short")
      }
    }
  }
}
