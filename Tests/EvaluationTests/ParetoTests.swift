import Basics
import Evaluation
import Modeling
import Testing
import Tuning

@Suite struct ParetoTests {
  static func cost(_ index: Int, _ value: Double, _ time: Double?, _ size: Int?) -> CandidateCost {
    CandidateCost(index: index, value: value, rowMicroseconds: time, sizeBytes: size)
  }

  @Test func theFrontHoldsWhatNothingBeats() {
    let costs = [
      Self.cost(0, 0.90, 100, 1000), Self.cost(1, 0.89, 10, 2000), Self.cost(2, 0.89, 20, 2000),
      Self.cost(3, 0.80, 50, 500), Self.cost(4, 0.95, nil, nil), Self.cost(5, 0.80, 60, 600),
    ]
    #expect(ParetoFront.places(costs, metric: AreaUnderROC()) == [4, 0, 1, 3])
  }

  /// Against the definition, on random points; lower is better for the error.
  @Test(arguments: 0..<20)
  func theFrontIsWhatTheDefinitionSays(seed: Int) {
    var random = RandomStream(Seed(UInt64(seed)))
    let costs = (0..<30).map {
      Self.cost($0, Double(random.index(below: 6)), Double(random.index(below: 6)), random.index(below: 6))
    }
    let expected = costs.filter { a in
      !costs.contains { b in
        let (times, sizes) = ((b.rowMicroseconds ?? 0, a.rowMicroseconds ?? 0), (b.sizeBytes ?? 0, a.sizeBytes ?? 0))
        let isNoWorse = b.value <= a.value && times.0 <= times.1 && sizes.0 <= sizes.1
        return isNoWorse && (b.value < a.value || times.0 < times.1 || sizes.0 < sizes.1)
      }
    }
    let found = ParetoFront.places(costs, metric: RootMeanSquaredError())
    #expect(Set(found) == Set(expected.map(\.index)))
    #expect(found.map { costs[$0].value } == found.map { costs[$0].value }.sorted())
  }

  private static func result(_ name: String, _ folds: [Double]) -> CandidateResult {
    CandidateResult(candidate: Candidate(algorithm: name), folds: folds)
  }

  /// Mean 0.9 with a standard error of 0.01: what lies within is as good, what lies beyond is not.
  @Test func aPreferenceMovesAlongTheFrontWithinOneStandardError() throws {
    let results = [
      Self.result("baseline", [0.5, 0.5, 0.5]), Self.result("best", [0.88, 0.9, 0.92]),
      Self.result("quick", [0.885, 0.895, 0.9]), Self.result("small", [0.889, 0.889, 0.889]),
      Self.result("poor", [0.8, 0.8, 0.8]),
    ]
    let costs = [
      Self.cost(1, 0.9, 100, 9000), Self.cost(2, 0.8933, 5, 8000), Self.cost(3, 0.889, 50, 10),
      Self.cost(4, 0.8, 1, 1),
    ]
    let metric = AreaUnderROC()
    let selection = try Selection.choose(results, metric: metric, baseline: 0)
    #expect(selection.index == 1 && selection.best == 1)
    let pick = { (preference: Preference) in
      selection.moved(towards: preference, results, costs: costs, metric: metric, baseline: 0).index
    }
    #expect(pick(.accuracy) == 1)
    #expect(pick(.speed) == 2)
    #expect(pick(.size) == 3)
    let twins = [Self.cost(1, 0.9, 100, 9000), Self.cost(2, 0.8933, 5, 10), Self.cost(3, 0.889, 3, 10)]
    let slowed = [twins[0], Self.cost(2, 0.8933, 2, 10), twins[2]]
    for times in [twins, slowed] {
      let found = selection.moved(towards: .size, results, costs: times, metric: metric, baseline: 0)
      #expect(found.index == 2, "of equal sizes the better one, whatever the times are")
    }
    let blind = selection.moved(
      towards: .speed, results, costs: costs.map { Self.cost($0.index, $0.value, nil, nil) }, metric: metric,
      baseline: 0)
    #expect(blind == selection, "nothing was measured")
  }
}
