import Basics
import Frames
import Modeling
import Testing
import Transforms

@Suite struct TargetEncodeTests {
  private let context = FitContext(seed: Seed(11))

  @Test func smoothsTowardsThePrior() throws {
    let frame = try Frame([("c", Column(categories: ["a", "a", "b", nil]))])
    let fitted = try TargetEncode(smoothing: 2).fit(frame, target: .values([1, 3, 8, 0]), in: context)
    let later = try Frame([("c", Column(categories: ["a", "b", "new", nil]))])
    let values = try fitted.transform(later).column("c").doubles ?? []
    for (a, b) in zip(values, [(4.0 + 6) / 4, (8.0 + 6) / 3, 3, (0.0 + 6) / 3]) { #expect(abs(a - b) < 1e-12) }
  }

  @Test func manyClassesGetOneColumnEachButTheFirst() throws {
    let frame = try Frame([("c", Column(categories: ["a", "a", "b", "b"]))])
    let target = Target.classes(codes: [0, 1, 2, 2], names: ["x", "y", "z"])
    let fitted = try TargetEncode(smoothing: 0).fit(frame, target: target, in: context)
    let made = try fitted.transform(frame)
    #expect(made.schema.names == ["c_y", "c_z"])
    #expect(try made.column("c_y").doubles == [0.5, 0.5, 0, 0])
    #expect(try made.column("c_z").doubles == [0, 0, 1, 1])
  }

  /// Random classes and a category of one to three rows each: the encoding of training rows must say nothing.
  @Test func doesNotLeak() throws {
    var random = Seed(4).generator
    let count = 3000
    let ids = (0..<count).map { _ in "u\(random.index(below: count / 2))" as String? }
    let noise = (0..<count).map { _ in random.uniform() }
    let codes = (0..<count).map { _ in Int32(random.index(below: 2)) }
    let frame = try Frame([("id", Column(categories: ids)), ("noise", Column(.number(noise)))])
    let target = Target.classes(codes: codes, names: ["n", "y"])
    let (fitted, shown) = try TargetEncode(smoothing: 1).fitTransform(frame, target: target, in: context)
    #expect(abs(auc(try shown.column("id").doubles ?? [], codes) - 0.5) < 0.04)
    #expect(auc(try fitted.transform(frame).column("id").doubles ?? [], codes) > 0.8)
  }

  /// Rows that are alike in every cell still learn from each other.
  @Test func fewDistinctRowsStillLearn() throws {
    let names = (0..<100).map { $0 % 2 == 0 ? "a" : "b" as String? }
    let codes = (0..<100).map { Int32($0 % 2) }
    let frame = try Frame([("c", Column(categories: names))])
    let target = Target.classes(codes: codes, names: ["n", "y"])
    let (_, shown) = try TargetEncode().fitTransform(frame, target: target, in: context)
    #expect(auc(try shown.column("c").doubles ?? [], codes) == 1)
  }

  private func auc(_ scores: [Double], _ codes: [Int32]) -> Double {
    let order = scores.indices.sorted { scores[$0] < scores[$1] }
    var rankSum = 0.0
    var start = 0
    while start < order.count {
      var end = start
      while end < order.count, scores[order[end]] == scores[order[start]] { end += 1 }
      let rank = Double(start + end + 1) / 2
      for position in start..<end where codes[order[position]] == 1 { rankSum += rank }
      start = end
    }
    let positive = Double(codes.count { $0 == 1 })
    let negative = Double(codes.count) - positive
    return (rankSum - positive * (positive + 1) / 2) / (positive * negative)
  }
}
