import Basics
import Frames
import Learners
import Modeling
import Testing

@Suite struct TreesArchiveTests {
  @Test func readsWhatItWrote() throws {
    for data in [try TreeTables.values(600), try TreeTables.classes(600), try TreeTables.three(600)] {
      let model = try TreeTables.short().fit(data, in: FitContext())
      let again = try TreeEnsemble(from: ArchiveReader(bytes: model.bytes(), origin: "test"))
      #expect(try again.predict(data.frame) == model.predict(data.frame))
      #expect(try again.bytes() == model.bytes())
      #expect(
        again.importance == model.importance && again.iterationCount == model.iterationCount
          && again.schema == model.schema)
    }
  }

  /// Rewrites one section of a model's archive with a valid checksum.
  private func altered(_ bytes: [UInt8], _ name: String, _ change: ([UInt8]) -> [UInt8]) throws -> ArchiveReader {
    let reader = try ArchiveReader(bytes: bytes, origin: "test")
    var writer = ArchiveWriter()
    for key in ["schema", "objective", "classes"] { writer.set(key, try reader.value(key)) }
    for section in Self.sections {
      let old = try reader.section(section)
      writer.add(section, bytes: section == name ? change(old) : old)
    }
    return try ArchiveReader(bytes: writer.encoded(), origin: "test")
  }

  static let sections = [
    "baseline", "importance", "gains", "node/feature", "node/threshold", "node/missing_left", "node/categories",
    "node/left",
    "node/right", "roots",
    "leaves", "category_words", "feature/field", "feature/element", "feature/code_count", "feature/level_count",
    "feature/level_codes",
  ]

  @Test(arguments: sections) func madeUpSectionsNeverTrap(section: String) throws {
    let data = try TreeTables.classes(400)
    let bytes = try TreeTables.short().fit(data, in: FitContext()).bytes()
    let frame = data.frame.gathered(Array(0..<50))
    var refused = 0
    for trial in 0..<60 {
      let reader = try altered(bytes, section) { old in
        if trial == 0 { return [] }
        if trial == 1 { return Array(old.dropLast(4)) }
        var new = old
        let place = Int(StableHash.mix(UInt64(trial)) % UInt64(max(1, old.count)))
        if !new.isEmpty { new[place] = UInt8(truncatingIfNeeded: StableHash.mix(UInt64(trial + 1000))) }
        return new
      }
      do {
        _ = try TreeEnsemble(from: reader).predict(frame)
      } catch let error as MLError {
        #expect(error.code == .corruptFile)
        refused += 1
      }
    }
    #expect(refused >= 1)
  }

  /// Archives written before gains were kept have shares only.
  @Test func archivesWithoutGainsLoad() throws {
    let data = try TreeTables.classes(400)
    let model = try TreeTables.short().fit(data, in: FitContext())
    let reader = try ArchiveReader(bytes: model.bytes(), origin: "test")
    var writer = ArchiveWriter()
    for key in ["schema", "objective", "classes"] { writer.set(key, try reader.value(key)) }
    for section in Self.sections where section != "gains" { writer.add(section, bytes: try reader.section(section)) }
    let old = try TreeEnsemble(from: ArchiveReader(bytes: writer.encoded(), origin: "test"))
    #expect(try old.predict(data.frame) == model.predict(data.frame) && old.importance == model.importance)
    let more = try TreeTables.short().fit(data, continuing: old, in: FitContext())
    #expect(more.iterationCount == 24)
  }

  @Test func cyclesAreRefused() throws {
    let bytes = try TreeTables.short().fit(TreeTables.classes(400), in: FitContext()).bytes()
    let reader = try altered(bytes, "node/left") { old in [UInt8](repeating: 0, count: old.count) }
    let error = #expect(throws: MLError.self) { try TreeEnsemble(from: reader) }
    #expect(error?.code == .corruptFile)
  }
}
