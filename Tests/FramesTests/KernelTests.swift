import Basics
import Frames
import Kernels
import Testing

@Suite struct CSVKernelTests {
  /// Bytes that are mostly structure, so that every corner of the scanner is met.
  private func noise(_ count: Int, _ seed: UInt64, quotes: Bool) -> [UInt8] {
    var random = Seed(seed).generator
    let alphabet: [UInt8] = Array("ab1,,\n;\r ".utf8) + (quotes ? [34, 34] : [])
    return (0..<count).map { _ in alphabet[random.index(below: alphabet.count)] }
  }

  @Test func instructionSetsAgree() {
    for size in [0, 1, 63, 64, 65, 128, 1000, 4097] {
      for seed in 0..<5 {
        let bytes = noise(size, UInt64(size * 10 + seed), quotes: seed % 2 == 0)
        let layout = CSVLayout(delimiter: 44)
        var inside = false
        var expected: [UInt32] = []
        for (index, byte) in bytes.enumerated() {
          if byte == 34 { inside.toggle() } else if !inside, byte == 44 || byte == 10 { expected.append(UInt32(index)) }
        }
        for set in CSVKernel.InstructionSet.allCases {
          guard let found = CSVKernel.separators(bytes, layout, set) else { continue }
          #expect(found == expected, "\(set), \(size) bytes, seed \(seed)")
        }
      }
    }
  }

  /// Any bytes must give a table or an error, and the same one for any number of workers and any reading in parts.
  @Test func noiseNeverTraps() throws {
    for seed in 0..<300 {
      var random = Seed(UInt64(seed)).generator
      let size = 1 + random.index(below: 400)
      var bytes = noise(size, UInt64(seed), quotes: seed % 3 != 0)
      if seed % 5 == 0 { for _ in 0..<5 { bytes[random.index(below: size)] = UInt8(random.index(below: 255) + 1) } }
      let outcome = try? read(bytes: bytes)
      if let frame = outcome?.frame, !frame.columns.isEmpty {
        let written = try CSVWriter(frame.schema).document(frame)
        _ = try? read(bytes: written, options: SourceOptions(contract: frame.schema, hasHeader: true))
      }
    }
  }

  @Test func sortedOrderIsThatOfBytes() {
    var random = Seed(3).generator
    var texts: Set<[UInt8]> = [[], [0], [0, 0], [255], Array("prefix-prefix-prefix".utf8)]
    while texts.count < 3000 {
      let stem = random.index(below: 2) == 0 ? Array("a long common beginning ".utf8) : []
      texts.insert(stem + (0..<random.index(below: 12)).map { _ in UInt8(random.index(below: 4) * 60) })
    }
    let list = texts.sorted { $0.hashValue < $1.hashValue }
    var ends: [Int] = []
    for text in list { ends.append((ends.last ?? 0) + text.count) }
    let levels = CSVLevels(bytes: list.flatMap { $0 }, ends: ends, offsets: ends)
    let sorted = levels.sortedOrder.map { list[Int($0)] }
    #expect(sorted == list.sorted { $0.lexicographicallyPrecedes($1) })
  }
}
