import Basics
import Frames

extension ArchiveReader {
  /// A list of positive widths.
  func widths(_ key: String) throws -> [Int] {
    guard let list = try value(key).arrayValue, list.count <= 64 else { throw corrupt("'\(key)' must be a short list") }
    return try list.map {
      guard let width = $0.integerValue, (1...65_536).contains(width) else {
        throw corrupt("'\(key)' must hold positive widths")
      }
      return Int(width)
    }
  }

  /// A section of finite numbers.
  func finiteFloats(_ name: String) throws -> [Float] {
    let values = try floats(name)
    guard values.allSatisfy(\.isFinite) else { throw corrupt("section '\(name)' must hold finite numbers") }
    return values
  }
}

extension NeuralOutput {
  /// Adds classes, or the scale of the target.
  func write(to archive: inout ArchiveWriter) {
    archive.set("classes", .array(classes.map { .string($0) }))
    archive.add("target", doubles: [mean, deviation])
  }

  /// Reads what `write` wrote.
  init(from archive: ArchiveReader) throws {
    guard let list = try archive.value("classes").arrayValue, list.allSatisfy({ $0.stringValue != nil }),
      list.count <= 1_000_000
    else { throw archive.corrupt("has no list of classes") }
    let scale = try archive.doubles("target")
    guard scale.count == 2, scale.allSatisfy(\.isFinite), scale[1] >= 0, abs(scale[0]) < 1e300, scale[1] < 1e250 else {
      throw archive.corrupt("has a scale of the target that is not a number")
    }
    self.init(classes: list.compactMap(\.stringValue), mean: scale[0], deviation: scale[1])
  }
}

extension TableEncoder {
  /// Adds columns, scales and levels.
  func write(to archive: inout ArchiveWriter) throws {
    archive.set("schema", try Configuration.encode(schema))
    archive.add("number/field", int32s: numbers.map { Int32($0.field) })
    archive.add("number/scale", doubles: numbers.flatMap { [$0.factor, $0.mean, $0.inverse] })
    archive.add("number/indicator", bytes: numbers.map { $0.hasIndicator ? 1 : 0 })
    archive.add("category/field", int32s: categories.map { Int32($0.field) })
    archive.add("category/width", int32s: categories.map { Int32($0.width) })
    archive.add("category/level_count", int32s: categories.map { Int32($0.levels.count) })
    archive.add("category/levels", strings: categories.flatMap(\.levels))
    archive.add("vector/field", int32s: vectors.map { Int32($0.field) })
    archive.add("vector/width", int32s: vectors.map { Int32($0.width) })
    archive.add("vector/scale", doubles: vectors.map(\.scale))
  }

  /// Reads what `write` wrote.
  ///
  /// - Throws: `.corruptFile` when something is lacking or does not fit together.
  init(from archive: ArchiveReader, owner: String) throws {
    let schema = try Configuration.decode(Schema.self, from: archive.value("schema"))
    func field(_ index: Int32, _ isRight: (ColumnKind) -> Bool) throws -> Int {
      guard schema.fields.indices.contains(Int(index)), isRight(schema.fields[Int(index)].kind) else {
        throw archive.corrupt("names a column it does not have")
      }
      return Int(index)
    }
    func numberFields() throws -> [NumberInput] {
      let (fields, flags) = (try archive.int32s("number/field"), try archive.section("number/indicator"))
      let scales = try archive.doubles("number/scale")
      guard scales.count == 3 * fields.count, flags.count == fields.count, scales.allSatisfy(\.isFinite) else {
        throw archive.corrupt("has scales that do not fit its columns")
      }
      return try fields.indices.map { index in
        let place = try field(fields[index]) { $0 != .category && $0 != .vector && $0 != .text }
        return NumberInput(
          field: place, factor: scales[3 * index], mean: scales[3 * index + 1], inverse: scales[3 * index + 2],
          hasIndicator: flags[index] != 0)
      }
    }
    func categoryFields() throws -> [CategoryInput] {
      let (fields, widths) = (try archive.int32s("category/field"), try archive.int32s("category/width"))
      let (counts, levels) = (try archive.int32s("category/level_count"), try archive.strings("category/levels"))
      guard widths.count == fields.count, counts.count == fields.count, widths.allSatisfy({ (1...1024).contains($0) }),
        counts.allSatisfy({ $0 >= 0 }), counts.reduce(0, { $0 + Int($1) }) == levels.count
      else { throw archive.corrupt("has levels that do not fit its columns") }
      var start = 0
      return try fields.indices.map { index in
        defer { start += Int(counts[index]) }
        return CategoryInput(
          field: try field(fields[index]) { $0 == .category },
          levels: Array(levels[start..<(start + Int(counts[index]))]), width: Int(widths[index]))
      }
    }
    func vectorFields() throws -> [VectorInput] {
      let (fields, widths) = (try archive.int32s("vector/field"), try archive.int32s("vector/width"))
      let scales = try archive.doubles("vector/scale")
      guard widths.count == fields.count, scales.count == fields.count, widths.allSatisfy({ $0 >= 0 }),
        scales.allSatisfy(\.isFinite)
      else { throw archive.corrupt("has vectors that do not fit its columns") }
      return try fields.indices.map { index in
        VectorInput(
          field: try field(fields[index]) { $0 == .vector }, width: Int(widths[index]), scale: scales[index])
      }
    }
    self.init(
      schema: schema, numbers: try numberFields(), categories: try categoryFields(), vectors: try vectorFields(),
      owner: owner)
  }
}
