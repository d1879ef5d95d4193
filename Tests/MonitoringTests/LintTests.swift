import Basics
import Frames
import Modeling
import Monitoring
import Testing

struct LintTests {
  private let rows = 600
  private var u: [Double] { Streams.uniform(600) }
  private var target: Target { .classes(codes: u.map { $0 < 0.1 ? 1 : 0 }, names: ["no", "yes"]) }

  private func findings(_ columns: [(String, Column)], _ target: Target? = nil) throws -> [String: Finding] {
    let found = TrainingLint().findings(try Frame(columns), target: target ?? self.target, named: "outcome")
    return Dictionary(found.map { ("\($0.kind) \($0.subject ?? "")", $0) }) { first, _ in first }
  }

  private var noise: (String, Column) { ("noise", Column(numbers: Streams.uniform(600, seed: 5))) }

  @Test func soundColumnsSayNothing() throws {
    let other = Streams.uniform(600, seed: 6)
    let found = try findings([noise, ("weak", Column(numbers: zip(u, other).map { $0 + $1 }))])
    #expect(found.isEmpty, "\(found.keys.sorted())")
  }

  @Test func copiesOfTheTargetAreCritical() throws {
    let copy = Column(categories: u.map { $0 < 0.1 ? "left" : "stayed" })
    let hidden = Column(numbers: u.map { $0 < 0.1 ? 7 + $0 * 0.001 : $0 })
    let found = try findings([noise, ("copy", copy), ("hidden", hidden), ("outcome_date", noise.1)])
    #expect(found["leakage copy"]?.severity == .critical)
    #expect(found["leakage hidden"]?.severity == .critical)
    #expect(found["leakage-name outcome_date"]?.severity == .info)
    #expect(found.count == 3)
  }

  @Test func aLevelKnownOnlyAfterwardsIsAWarning() throws {
    let cause = Column(categories: u.map { $0 < 0.05 ? "broken" : "none" })
    #expect(try findings([noise, ("cause", cause)])["leakage-level cause"]?.severity == .warning)
  }

  @Test func numbersLeakToo() throws {
    let values = Target.values(u.map { $0 * 100 })
    let found = try findings([noise, ("total", Column(numbers: u.map { $0 * 110 + 2 }))], values)
    #expect(found["leakage total"]?.severity == .critical)
    #expect(found.count == 1)
  }

  @Test func identifiersConstantsAndHolesAreNamed() throws {
    let found = try findings([
      noise, ("row", Column(.integer((0..<600).map { Int64($0) + 1000 }))),
      ("customerId", Column(.integer(u.map { Int64($0 * 1e15) }))),
      ("code", Column(.text((0..<600).map { "X-\($0)" }))),
      ("note", Column(.text((0..<600).map { "note of case \($0)" }))),
      ("same", Column(.integer([Int64](repeating: 1, count: 600)))),
      ("gone", Column(.number([Double](repeating: 0, count: 600)), validity: Validity(repeating: false, count: 600))),
      ("holes", Column(numbers: u.map { $0 < 0.7 ? .nan : $0 })),
    ])
    let kinds = ["identifier row", "identifier customerId", "identifier code", "constant same", "constant gone"]
    #expect(Set(found.keys) == Set(kinds + ["missing-values holes"]))
  }

  @Test func classesAndRepeatsAreCounted() throws {
    let few = Target.classes(codes: (0..<600).map { $0 < 4 ? 1 : 0 }, names: ["no", "yes"])
    let found = try findings([("flag", Column(.boolean(u.map { $0 < 0.5 })))], few)
    #expect(found["tiny-class outcome"]?.severity == .warning)
    #expect(found["class-imbalance outcome"]?.severity == .warning)
    #expect(found["duplicate-rows "]?.message.hasPrefix("596 of 600") == true)
    let one = Target.classes(codes: [Int32](repeating: 0, count: 600), names: ["no", "yes"])
    #expect(try findings([noise], one)["one-class outcome"]?.severity == .critical)
    #expect(TrainingLint().findings(try Frame([noise]).gathered([]), target: nil, named: "y").isEmpty)
  }
}
