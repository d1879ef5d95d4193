import Basics
import Testing

@Suite struct RandomTests {
  @Test func streamEqualsTheReferenceGenerator() throws {
    for entry in try Golden.json("random.json").arrayValue ?? [] {
      let seed = try #require(entry["seed"]?.stringValue.flatMap { UInt64($0) })
      var stream = Seed(seed).generator
      for value in entry["values"]?.arrayValue ?? [] { #expect(String(stream.next()) == value.stringValue) }
    }
  }

  @Test func derivedSeedsDifferAndDoNotChangeBetweenReleases() {
    let derived = (0..<1000).map { Seed(42).derived($0).value } + (0..<1000).map { Seed(43).derived($0).value }
    #expect(Set(derived).count == 2000)
    #expect(Seed(42).derived("split") != Seed(42).derived("folds"))
    #expect(Seed(42).derived(-1) != Seed(42))
  }

  @Test func uniformStaysInItsRangeWithTheRightMoments() {
    var stream = Seed(5).generator
    let values = (0..<100_000).map { _ in stream.uniform() }
    #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
    let mean = values.reduce(0, +) / 100_000
    #expect(abs(mean - 0.5) < 0.005)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 100_000
    #expect(abs(variance - 1.0 / 12) < 0.001)
  }

  @Test func indexIsUniformAndInRange() {
    var stream = Seed(6).generator
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[stream.index(below: 7)] += 1 }
    #expect(counts.allSatisfy { abs($0 - 10_000) < 500 }, "\(counts)")
    #expect((0..<100).allSatisfy { _ in stream.index(below: 1) == 0 })
  }

  @Test func normalAndPoissonHaveTheirMoments() {
    var stream = Seed(7).generator
    let normal = (0..<100_000).map { _ in stream.normal() }
    #expect(abs(normal.reduce(0, +) / 100_000) < 0.015)
    #expect(abs(normal.reduce(0) { $0 + $1 * $1 } / 100_000 - 1) < 0.03)
    let poisson = (0..<100_000).map { _ in Double(stream.poissonOne()) }
    let mean = poisson.reduce(0, +) / 100_000
    #expect(abs(mean - 1) < 0.015)
    #expect(abs(poisson.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 100_000 - 1) < 0.03)
  }
}

@Suite struct StableHashTests {
  /// Splits of existing projects depend on these values; they must never change.
  @Test func valuesAreFrozen() {
    #expect(StableHash.mix(0) == 0)
    #expect(StableHash.mix(0x9E37_79B9_7F4A_7C15) == 0xE220_A839_7B1D_CDAF)
    #expect(StableHash.hash("") == StableHash.mix(0xCBF2_9CE4_8422_2325))
    #expect(StableHash.hash("a") == StableHash.mix(0xAF63_DC4C_8601_EC8C))
    #expect(StableHash.hash("foobar") == StableHash.mix(0x8594_4171_F739_67E8))
  }

  @Test func negativeZeroEqualsZero() { #expect(StableHash.hash(-0.0) == StableHash.hash(0.0)) }

  @Test func combinationDependsOnOrder() {
    #expect(StableHash.combine(1, 2) != StableHash.combine(2, 1))
    #expect(Set((0..<100).flatMap { a in (0..<100).map { StableHash.combine(UInt64(a), UInt64($0)) } }).count == 10_000)
  }

  @Test func fractionsOfConsecutiveKeysAreUniform() {
    let fractions = (0..<20_000).map { StableHash.fraction(StableHash.hash(Double($0))) }
    let share = Double(fractions.count { $0 < 0.2 }) / 20_000
    #expect(abs(share - 0.2) < 0.01)
    #expect(fractions.allSatisfy { $0 >= 0 && $0 < 1 })
  }
}
