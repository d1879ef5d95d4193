import Basics
import Evaluation
import Frames
import Modeling
import Testing

@Suite struct SplitKindTests {
  private func keys(_ count: Int) -> [UInt64] { (0..<count).map { StableHash.mix(UInt64($0) + 5) } }

  @Test func purgeAndEmbargoKeepADistance() throws {
    let times = (0..<100).map { Double?.some(Double($0)) }
    let split = try Split.latest(times: times, fraction: 0.2, purge: 5, embargo: 3)
    #expect(split.test == Array(80..<100) && split.training == Array(0..<72))
    #expect(try Split.latest(times: times, fraction: 0.2).training == Array(0..<80))
    #expect(throws: MLError.self) { try Split.latest(times: times, fraction: 0.2, purge: 90) }
    #expect(throws: MLError.self) { try Split.latest(times: times, fraction: 0.2, purge: -1) }
    let folds = try Folds.chronological(times: times, count: 4, purge: 2, embargo: 1)
    for fold in 0..<4 {
      let first = try #require(folds.validation(fold).first)
      #expect(folds.training(fold) == Array(0..<(first - 3)))
    }
  }

  @Test func purgedFoldsTrainOnBothSides() throws {
    let times = (0..<100).map { Double?.some(Double($0)) }
    let folds = try Folds.purged(times: times, count: 5, purge: 4, embargo: 2)
    #expect(folds.validation(2) == Array(40..<60))
    #expect(folds.training(2) == Array(0..<36) + Array(66..<100))
    #expect(folds.training(0) == Array(26..<100))
    #expect(try Folds.purged(times: times, count: 5).training(2) == Array(0..<40) + Array(60..<100))
  }

  @Test func groupsAreNotTornApart() throws {
    let names = (0..<400).map { $0 % 7 == 0 ? nil : "customer \($0 % 60)" }
    let column = Column(categories: names)
    let split = try Split.grouped(by: column, rowKeys: keys(400), fraction: 0.25, seed: Seed(2))
    #expect(split.method == .group)
    let sides = [split.training, split.test].map { rows in Set(rows.compactMap { names[$0] }) }
    #expect(sides[0].isDisjoint(with: sides[1]))
    #expect(split.test.contains { names[$0] == nil } && split.training.contains { names[$0] == nil })
    #expect(abs(split.test.count - 100) < 25)
    #expect(throws: MLError.self) {
      try Split.grouped(by: Column(categories: ["a", "a"]), rowKeys: [1, 2], fraction: 0.5, seed: Seed(0))
    }
  }

  @Test func randomSplitsFollowTheKeyAlone() throws {
    let all = keys(3000)
    let split = try Split.random(rowKeys: all, fraction: 0.2, seed: Seed(1))
    #expect(split.method == .random && abs(split.test.count - 600) < 80)
    let fewer = try Split.random(rowKeys: Array(all.prefix(1000)), fraction: 0.2, seed: Seed(1))
    #expect(fewer.test == split.test.filter { $0 < 1000 })
  }

  @Test func nestedFoldsNeverMeetTheirOuterRows() throws {
    let problem = Problem.binary(90)
    let nested = try NestedFolds.make(problem.keys, outer: 4, inner: 3, target: problem.target, seed: Seed(3))
    #expect(nested.folds.count == 4)
    #expect(nested.folds.flatMap(\.validation).sorted() == Array(0..<90))
    for outer in nested.folds {
      #expect(Set(outer.training).isDisjoint(with: outer.validation))
      #expect(outer.inner.assignment.count == outer.training.count && outer.inner.count == 3)
    }
  }

  private func frame(_ count: Int, drift: Double, groups: Int? = nil) throws -> (Frame, Target) {
    var stream = Seed(8).generator
    let times = (0..<count).map { Int64($0) * 3_600_000_000 }
    var codes: [Int32] = []
    var x: [Double] = []
    var names: [String?] = []
    let profiles = (0..<(groups ?? 1)).map { _ in (stream.normal() * 3).rounded() }
    for row in 0..<count {
      let late = row * 2 >= count
      codes.append(stream.uniform() < 0.4 + (late ? drift : 0) ? 1 : 0)
      let group = stream.index(below: groups ?? 1)
      names.append("g\(group)")
      x.append(groups == nil ? stream.normal() : profiles[group])
    }
    var columns: [(String, Column)] = [("when", Column(.timestamp(times))), ("x", Column(numbers: x))]
    if groups != nil { columns.append(("customer_id", Column(categories: names))) }
    return (try Frame(columns), .classes(codes: codes, names: ["no", "yes"]))
  }

  @Test func splitsAreProposedFromTheData() throws {
    let (drifting, truth) = try frame(2000, drift: 0.25)
    let time = try SplitProposal.make(drifting, truth)
    #expect(time.kind == .time && time.column == "when" && time.reason.contains("the target"))
    let (still, calm) = try frame(2000, drift: 0)
    let plain = try SplitProposal.make(still, calm)
    #expect(plain.kind == .stratified && plain.reason.contains("Nothing drifts along 'when'"))
    let (grouped, labels) = try frame(2000, drift: 0, groups: 150)
    let group = try SplitProposal.make(grouped, labels)
    #expect(group.kind == .group && group.column == "customer_id", "\(group.reason)")
    let (few, some) = try frame(200, drift: 0)
    #expect(try SplitProposal.make(few, some).kind == .nested)
    let numbers = try SplitProposal.make(still.selecting(["x"]), .values((0..<2000).map { Double($0 % 17) }))
    #expect(numbers.kind == .random && numbers.json["kind"]?.stringValue == "random")
  }
}
