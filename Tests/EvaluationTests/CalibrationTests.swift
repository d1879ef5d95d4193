import Basics
import Evaluation
import Modeling
import Testing

@Suite struct CalibrationTests {
  /// Probabilities whose log-odds are `factor` times what they should be.
  private func distorted(_ count: Int, factor: Double, shift: Double = 0) -> Problem {
    var stream = Seed(11).generator
    var codes: [Int32] = []
    var values: [Double] = []
    for _ in 0..<count {
      let score = 1.3 * stream.normal()
      codes.append(stream.uniform() < Mathematics.logistic(score) ? 1 : 0)
      let p = Mathematics.logistic(factor * score + shift)
      values += [1 - p, p]
    }
    return Problem(
      predictions: Predictions(.probabilities(values, classes: ["no", "yes"])),
      target: .classes(codes: codes, names: ["no", "yes"]), keys: (0..<count).map { StableHash.mix(UInt64($0)) })
  }

  private func loss(_ predictions: Predictions, _ target: Target) throws -> Double {
    let value = try LogLoss().value(predictions, target, weights: nil)
    return try #require(value)
  }

  @Test func overconfidenceIsTempered() throws {
    let problem = distorted(3000, factor: 3, shift: 1)
    let calibrator = try Calibration.fit(problem.predictions, problem.target, rowKeys: problem.keys)
    #expect(calibrator != .identity)
    let after = calibrator.applied(to: problem.predictions)
    #expect(try loss(after, problem.target) < loss(problem.predictions, problem.target) - 0.1)
    let before = try ReliabilityCurve(problem.predictions, problem.target).expectedError
    #expect(try ReliabilityCurve(after, problem.target).expectedError < before / 3)
  }

  @Test func sigmoidFindsTheDistortion() throws {
    let problem = distorted(400, factor: 2)
    let calibrator = try Calibration.fit(problem.predictions, problem.target)
    guard case .sigmoid(let sigmoid) = calibrator else {
      Issue.record("few rows call for a sigmoid; got \(calibrator.name)")
      return
    }
    #expect(sigmoid.slope > 0.35 && sigmoid.slope < 0.7 && abs(sigmoid.intercept) < 0.3)
  }

  @Test func whatIsCalibratedIsLeftAlone() throws {
    let problem = distorted(2000, factor: 1)
    #expect(try Calibration.fit(problem.predictions, problem.target, rowKeys: problem.keys) == .identity)
    let few = distorted(30, factor: 4)
    #expect(try Calibration.fit(few.predictions, few.target) == .identity)
  }

  @Test(arguments: [400, 3000]) func orderIsKeptAndRowOrderDoesNotMatter(count: Int) throws {
    let problem = distorted(count, factor: 2.5)
    let calibrator = try Calibration.fit(problem.predictions, problem.target, rowKeys: problem.keys)
    let before = problem.predictions.probabilities(ofClass: 1) ?? []
    let after = calibrator.applied(to: problem.predictions).probabilities(ofClass: 1) ?? []
    let order = before.indices.sorted { before[$0] < before[$1] }
    for (a, b) in zip(order, order.dropFirst()) { #expect(after[a] <= after[b]) }
    #expect(after.allSatisfy { $0 > 0 && $0 < 1 })
    let mixed = problem.gathered(shuffled(count))
    let other = try Calibration.fit(mixed.predictions, mixed.target, rowKeys: mixed.keys)
    let again = other.applied(to: problem.predictions).probabilities(ofClass: 1) ?? []
    #expect(zip(after, again).allSatisfy { isClose($0, $1, 1e-9) })
    let json = try Configuration.encode(calibrator)
    #expect(try Configuration.decode(Calibrator.self, from: json) == calibrator)
  }

  /// A curve that is flat over a pool, or a logarithm cut off near 0 and 1, would tie rows that a model tells apart.
  @Test func whatAModelTellsApartStaysApart() throws {
    let flat = try MonotoneCurve(x: [0.2, 0.4, 0.4001], y: [0.1, 0.1, 0.9]).rising()
    let positions = [0, 0.05, 0.2, 0.3, 0.39, 0.4, 0.5, 0.99, 1]
    let heights = positions.map { flat($0) }
    #expect(zip(heights, heights.dropFirst()).allSatisfy { $0 < $1 }, "\(heights)")
    #expect(abs(flat(0.3) - 0.1) < 1e-3 && abs(flat(0.5) - 0.9) < 1e-3)
    let small = [1e-40, 1e-30, 1e-20, 1e-13, 1e-11, 0.5]
    let two = small.flatMap { [1 - $0, $0] } + small.reversed().flatMap { [$0, 1 - $0] }
    let given = Predictions(.probabilities(two, classes: ["no", "yes"]))
    let sigmoid = try Configuration.decode(Sigmoid.self, from: ["slope": 0.4, "intercept": 0.1])
    for calibrator in [Calibrator.sigmoid(sigmoid), .beta(try BetaCurve(a: 0.4, b: 0.5, c: 0.1))] {
      let made = calibrator.applied(to: given).probabilities(ofClass: 1) ?? []
      #expect(zip(made, made.dropFirst()).filter { $0 >= $1 }.count == 1, "\(calibrator.name): \(made)")
    }
  }

  @Test func temperatureServesSeveralClasses() throws {
    var problem = Problem.multiclass(900)
    guard case .probabilities(let values, let classes) = problem.predictions.storage else { return }
    problem.predictions = Calibrator.temperature(0.3).applied(to: Predictions(.probabilities(values, classes: classes)))
    let codes = problem.predictions.classCodes
    let calibrator = try Calibration.fit(problem.predictions, problem.target, rowKeys: problem.keys)
    guard case .temperature(let temperature) = calibrator else {
      Issue.record("expected a temperature; got \(calibrator.name)")
      return
    }
    #expect(temperature > 2 && temperature < 6)
    let after = calibrator.applied(to: problem.predictions)
    #expect(after.classCodes == codes)
    #expect(try loss(after, problem.target) < loss(problem.predictions, problem.target))
  }

  @Test func isotonicAgreesWithGolden() throws {
    let all = try golden("metrics/metrics.json")
    let file = try #require(all["isotonic"])
    let curve = try #require(
      MonotoneCurve.isotonic(
        x: file["x"]?.doubles ?? [], y: file["y"]?.doubles ?? [], weights: file["weights"]?.doubles ?? []))
    for (at, expected) in zip(file["at"]?.doubles ?? [], file["fitted"]?.doubles ?? []) {
      #expect(isClose(curve(at), expected), "\(at)")
    }
  }

  @Test func damagedCurvesAreRefused() throws {
    #expect(throws: MLError.self) { try MonotoneCurve(x: [0, 0], y: [0, 1]) }
    #expect(throws: MLError.self) { try MonotoneCurve(x: [0, 1], y: [1, 0]) }
    #expect(throws: MLError.self) { try MonotoneCurve(x: [], y: []) }
    #expect(throws: MLError.self) {
      try Configuration.decode(MonotoneCurve.self, from: ["x": [0, 1], "y": [1, 0]])
    }
  }
}
