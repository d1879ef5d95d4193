import Basics
import Evaluation
import Modeling
import Testing

@Suite struct SplitTests {
  private func keys(_ count: Int) -> [UInt64] { (0..<count).map { StableHash.mix(UInt64($0) + 5) } }

  @Test(arguments: [60, 900, 20_000]) func membershipFollowsTheKeyNotThePosition(count: Int) throws {
    let problem = Problem.binary(count, positives: 0.3)
    let split = try Split.sealed(rowKeys: problem.keys, fraction: 0.2, seed: Seed(3), target: problem.target)
    #expect(Set(split.test).union(split.training).count == count && Set(split.test).isDisjoint(with: split.training))
    let order = shuffled(count)
    let mixed = problem.gathered(order)
    let other = try Split.sealed(rowKeys: mixed.keys, fraction: 0.2, seed: Seed(3), target: mixed.target)
    #expect(Set(other.test.map { mixed.keys[$0] }) == Set(split.test.map { problem.keys[$0] }))
    #expect(other.method == (count > 5000 ? .threshold : .stratified))
    let reseeded = try Split.sealed(rowKeys: problem.keys, fraction: 0.2, seed: Seed(4), target: problem.target)
    #expect(reseeded.test != split.test)
    let positives = Double(split.test.filter { problem.target.doubles[$0] == 1 }.count) / Double(split.test.count)
    let all = problem.target.doubles.reduce(0, +) / Double(count)
    #expect(abs(positives - all) < (count > 5000 ? 0.03 : 0.05))
    #expect(abs(Double(split.test.count) / Double(count) - 0.2) < 0.02)
  }

  @Test func rowsStayOnTheirSideWhenOthersJoin() throws {
    let few = keys(6000)
    let many = keys(9000)
    let before = try Split.sealed(rowKeys: few, fraction: 0.2, seed: Seed(1))
    let after = try Split.sealed(rowKeys: many, fraction: 0.2, seed: Seed(1))
    #expect(after.test.filter { $0 < 6000 } == before.test)
  }

  @Test func copiesStayTogetherUnlessMostRowsAreCopies() throws {
    // Every fifth row is a copy of its neighbour.
    let copied = (0..<1000).map { StableHash.mix(UInt64($0 % 5 == 4 ? $0 - 1 : $0)) }
    let split = try Split.sealed(rowKeys: copied, fraction: 0.3, seed: Seed(1))
    #expect(split.keepsEqualKeysTogether)
    #expect(Set(split.test.map { copied[$0] }).isDisjoint(with: Set(split.training.map { copied[$0] })))
    let folds = try Folds.make(copied, count: 4)
    for row in stride(from: 4, to: 1000, by: 5) { #expect(folds.assignment[row] == folds.assignment[row - 1]) }
    // Ten kinds of rows only: as different rows, so that sides have their shares.
    let coarse = (0..<1000).map { UInt64($0 % 10) }
    let other = try Split.sealed(rowKeys: coarse, fraction: 0.3, seed: Seed(1))
    #expect(!other.keepsEqualKeysTogether && abs(other.test.count - 300) < 10)
    let grouped = try Split.sealed(rowKeys: coarse, fraction: 0.3, seed: Seed(1), grouped: true)
    #expect(Set(grouped.test.map { coarse[$0] }).isDisjoint(with: Set(grouped.training.map { coarse[$0] })))
  }

  @Test func foldsHoldTheirShareOfEveryClass() throws {
    let problem = Problem.multiclass(500)
    let folds = try Folds.make(problem.keys, count: 5, target: problem.target, seed: Seed(2))
    for code in 0..<3 {
      let counts = (0..<5).map { fold in folds.validation(fold).count { problem.target.doubles[$0] == Double(code) } }
      #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1, "\(counts)")
    }
    let sizes = (0..<5).map { folds.validation($0).count }
    #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1, "\(sizes)")
    #expect(Set(folds.training(1)).isDisjoint(with: folds.validation(1)))
    let mixed = problem.gathered(shuffled(500))
    let other = try Folds.make(mixed.keys, count: 5, target: mixed.target, seed: Seed(2))
    let first = Set(folds.validation(0).map { problem.keys[$0] })
    #expect(first == Set(other.validation(0).map { mixed.keys[$0] }))
  }

  @Test func rareClassesAreTrainedOnInEveryFold() throws {
    let codes = (0..<100).map { Int32($0 == 0 ? 2 : $0 < 4 ? 1 : 0) }
    let target = Target.classes(codes: codes, names: ["common", "rare", "single"])
    let folds = try Folds.make(keys(100), count: 5, target: target)
    for fold in 0..<5 {
      let trained = Set(folds.training(fold).map { codes[$0] })
      #expect(trained == [0, 1, 2], "fold \(fold)")
    }
    #expect(folds.assignment[0] == -1)
    #expect(Set((1...3).map { folds.assignment[$0] }).count == 3)
  }

  @Test func timeCutsKeepTheFutureOut() throws {
    let times = (0..<100).map { row -> Double? in row % 10 == 0 ? nil : Double(99 - row / 2) }
    let split = try Split.latest(times: times, fraction: 0.2)
    let newest = split.training.compactMap { times[$0] }.max() ?? 0
    let oldest = split.test.compactMap { times[$0] }.min() ?? 0
    #expect(newest < oldest && split.training.contains(0))
    let folds = try Folds.chronological(times: times, count: 3)
    for fold in 0..<3 {
      let past = folds.training(fold).compactMap { times[$0] }.max() ?? 0
      let future = folds.validation(fold).compactMap { times[$0] }.min() ?? 0
      #expect(past < future)
    }
  }

  @Test func smallTablesAreRefusedInWords() throws {
    #expect(throws: MLError.self) { try Split.sealed(rowKeys: [1], fraction: 0.2, seed: Seed(0)) }
    #expect(throws: MLError.self) { try Split.sealed(rowKeys: keys(10), fraction: 1, seed: Seed(0)) }
    #expect(throws: MLError.self) { try Split.sealed(rowKeys: [1, 2], fraction: 0.1, seed: Seed(0)) }
    #expect(throws: MLError.self) { try Folds.make(keys(10), count: 1) }
    #expect(throws: MLError.self) {
      try Split.sealed(rowKeys: keys(3), fraction: 0.2, seed: Seed(0), target: .values([1]))
    }
    #expect(try Folds.make(keys(3), count: 10).count == 3)
  }

  @Test func numberTargetsSpreadOverBothSides() throws {
    let problem = Problem.numbers(100)
    let split = try Split.sealed(rowKeys: problem.keys, fraction: 0.2, seed: Seed(1), target: problem.target)
    let sorted = problem.target.doubles.sorted()
    for fifth in 0..<5 {
      let range = sorted[fifth * 20]...sorted[fifth * 20 + 19]
      #expect(split.test.count { range.contains(problem.target.doubles[$0]) } == 4)
    }
  }
}
