import Basics
import Frames
import Learners
import Modeling
import Synchronization

/// Tables and helpers of the network tests.
enum NeuralTables {
  /// Numbers with gaps, a category and a sparse vector; classes or a number that need all of them.
  static func mixed(_ rowCount: Int, classes: Bool, seed: UInt64 = 1) throws -> TrainingData {
    var stream = Seed(seed).generator
    var (a, b, levels) = ([Double](), [Double](), [String?]())
    var (offsets, indices, stored, scores) = ([0], [Int32](), [Double](), [Double]())
    for row in 0..<rowCount {
      a.append(stream.normal())
      b.append(row % 7 == 3 ? .nan : 5 + 2 * stream.normal())
      levels.append(row % 11 == 5 ? nil : ["p", "q", "r"][stream.index(below: 3)])
      let element = Int32(stream.index(below: 6))
      indices += [element, element + 3]
      stored += [1, 2 * stream.uniform()]
      offsets.append(indices.count)
      var score = a[row] * (b[row].isNaN ? 0.5 : b[row] / 5)
      score += levels[row] == "p" ? 1 : levels[row] == nil ? -1 : 0
      scores.append(score + (element < 3 ? 1 : -1))
    }
    let matrix = SparseMatrix(width: 9, offsets: offsets, indices: indices, values: stored)
    let frame = try Frame([
      ("a", Column(numbers: a)), ("b", Column(numbers: b)), ("level", Column(categories: levels)),
      ("words", Column(.vector(matrix))),
    ])
    let codes = scores.map { Int32($0 < -0.7 ? 0 : $0 < 0.7 ? 1 : 2) }
    return try TrainingData(
      frame: frame, target: classes ? .classes(codes: codes, names: ["low", "mid", "high"]) : .values(scores))
  }

  /// Images of 6 × 6 pixels with a bright bar, lying or standing, in noise.
  static func bars(_ rowCount: Int, seed: UInt64 = 2) throws -> TrainingData {
    var stream = Seed(seed).generator
    var pixels = [[Double]](repeating: [], count: 36)
    var codes: [Int32] = []
    for _ in 0..<rowCount {
      let (stands, place) = (stream.index(below: 2) == 1, stream.index(below: 6))
      for pixel in 0..<36 {
        let isBright = (stands ? pixel % 6 : pixel / 6) == place
        pixels[pixel].append((isBright ? 100 : 0) + 30 * stream.normal())
      }
      codes.append(stands ? 1 : 0)
    }
    let frame = try Frame(pixels.enumerated().map { ("p\($0)", Column(numbers: $1)) })
    return try TrainingData(frame: frame, target: .classes(codes: codes, names: ["lying", "standing"]))
  }

  /// The archive of a model.
  static func bytes(_ model: some FittedModel) throws -> [UInt8] {
    var writer = ArchiveWriter()
    try model.write(to: &writer)
    return writer.encoded()
  }

  /// Share of rows whose class is right.
  static func accuracy(_ model: some FittedModel, _ data: TrainingData) throws -> Double {
    guard case .classes(let codes, _) = data.target else { return 0 }
    return Double(zip(try model.predict(data.frame).classCodes, codes).count { $0 == $1 }) / Double(codes.count)
  }
}

/// Keeps the last state in memory.
final class MemoryCheckpoints: Checkpoints {
  private let saved = Mutex<[UInt8]?>(nil)
  var isDue: Bool { true }
  func latest() throws -> ArchiveReader? {
    try saved.withLock { $0 }.map { try ArchiveReader(bytes: $0, origin: "state") }
  }
  func save(_ archive: ArchiveWriter) throws { saved.withLock { $0 = archive.encoded() } }
}
