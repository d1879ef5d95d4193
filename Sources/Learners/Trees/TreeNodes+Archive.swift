import Basics
import Frames

extension TreeFeature {
  /// Adds `features` to an archive.
  static func write(_ features: [TreeFeature], to archive: inout ArchiveWriter) {
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

  /// Reads what `write` wrote; bounds are not kept.
  static func read(_ archive: ArchiveReader, _ schema: Schema) throws -> [TreeFeature] {
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
  /// Adds the nodes to an archive.
  func write(to archive: inout ArchiveWriter) {
    archive.add("node/feature", int32s: feature)
    archive.add("node/threshold", doubles: threshold)
    archive.add("node/missing_left", bytes: missingLeft)
    archive.add("node/categories", int32s: categories)
    archive.add("node/left", int32s: left)
    archive.add("node/right", int32s: right)
    archive.add("roots", int32s: roots)
    archive.add("leaves", doubles: leaves)
    archive.add("category_words", int32s: words.map { Int32(bitPattern: $0) })
    if !cover.isEmpty { archive.add("leaf_cover", doubles: cover) }
  }

  /// Reads what `write` wrote, unchecked; archives from before covers were kept have none.
  init(from archive: ArchiveReader, leafWidth: Int = 1) throws {
    self.init(
      feature: try archive.int32s("node/feature"), threshold: try archive.doubles("node/threshold"),
      missingLeft: try archive.section("node/missing_left"), categories: try archive.int32s("node/categories"),
      left: try archive.int32s("node/left"), right: try archive.int32s("node/right"),
      roots: try archive.int32s("roots"), leaves: try archive.doubles("leaves"), leafWidth: leafWidth,
      cover: archive.has("leaf_cover") ? try archive.doubles("leaf_cover") : [],
      words: try archive.int32s("category_words").map { UInt32(bitPattern: $0) })
  }
}

extension TreeNodes {
  /// Checks that every index is in range and every child comes after its parent.
  func check(_ features: [TreeFeature], scoreCount: Int, _ archive: ArchiveReader) throws {
    let count = feature.count
    guard threshold.count == count, missingLeft.count == count, categories.count == count, left.count == count,
      right.count == count,
      scoreCount > 0, leafWidth == 1 ? roots.count % scoreCount == 0 : leafWidth == scoreCount,
      leaves.count == leafCount * leafWidth, cover.isEmpty || cover.count == leafCount
    else { throw archive.corrupt("has nodes that do not fit together") }
    func isChild(_ child: Int32, after parent: Int) -> Bool {
      child >= 0 ? Int(child) > parent && Int(child) < count : Int(~child) < leafCount
    }
    // A node or leaf with two parents would make walks longer than the archive.
    var seenNodes = [Bool](repeating: false, count: count)
    var seenLeaves = [Bool](repeating: false, count: leafCount)
    func isNew(_ child: Int32) -> Bool {
      if child >= 0 {
        defer { seenNodes[Int(child)] = true }
        return !seenNodes[Int(child)]
      }
      defer { seenLeaves[Int(~child)] = true }
      return !seenLeaves[Int(~child)]
    }
    guard roots.allSatisfy({ isChild($0, after: -1) && isNew($0) }), leaves.allSatisfy(\.isFinite),
      cover.allSatisfy({ $0.isFinite && $0 >= 0 })
    else {
      throw archive.corrupt("has a tree without a root")
    }
    for node in 0..<count {
      guard features.indices.contains(Int(feature[node])), isChild(left[node], after: node),
        isChild(right[node], after: node), isNew(left[node]), isNew(right[node]),
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
