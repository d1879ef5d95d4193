import Basics
import Frames
import Learners
import Modeling
import Testing

/// Golden coefficients of `Fixtures/Golden/linear/family.json`.
@Suite struct LinearFamilyTests {
  let golden: LinearGolden
  let family: JSONValue

  init() throws {
    golden = try LinearGolden()
    let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    family = try JSONValue(parsing: FileSystem.read("/\(folder)/Fixtures/Golden/linear/family.json"))
  }

  private func data(_ key: String, weighted: Bool = false) throws -> TrainingData {
    let own = LinearGolden.doubles(family[key] ?? .null)
    let target = own.isEmpty ? golden.target(key) : .values(own)
    return try TrainingData(frame: golden.frame(), target: target, weights: weighted ? golden.weights : nil)
  }

  private func scaled(_ target: Target) throws -> TrainingData {
    let rows = family["z"]?.arrayValue?.map(LinearGolden.doubles) ?? []
    let named = (0..<4).map { j in ("x\(j)", Column(.number(rows.map { $0[j] }))) }
    return try TrainingData(frame: Frame(named), target: target)
  }

  private func expect(_ model: LinearModel, _ fit: String, _ tolerance: Double = 1e-6) {
    let fits = family["fits"]?[fit]
    let expected = fits?["coef"]?.arrayValue?.map(LinearGolden.doubles) ?? []
    let intercepts = LinearGolden.doubles(fits?["intercept"] ?? .null)
    #expect(model.coefficients.count == expected.count && !expected.isEmpty)
    for (fields, row) in zip(model.coefficients, expected) {
      for (a, b) in zip(fields.flatMap { $0 }, row) {
        #expect(abs(a - b) < tolerance * max(1, abs(b)), "\(fit): \(a) against \(b)")
      }
    }
    for (a, b) in zip(model.intercepts, intercepts) {
      #expect(abs(a - b) < tolerance * max(1, abs(b)), "\(fit), intercept: \(a) against \(b)")
    }
  }

  @Test func leastSquaresAgree() throws {
    expect(try LinearRegression().fit(data("y"), in: FitContext()), "ols")
    expect(try LinearRegression().fit(data("y", weighted: true), in: FitContext()), "ols_weighted")
  }

  @Test func lassoAndElasticNetAgree() throws {
    expect(try Lasso(penalty: 0.1).fit(data("y"), in: FitContext()), "lasso")
    expect(try Lasso(penalty: 0.3).fit(data("y", weighted: true), in: FitContext()), "lasso_weighted")
    expect(try ElasticNet(penalty: 0.2, l1Ratio: 0.4).fit(data("y"), in: FitContext()), "elastic_net")
    expect(
      try ElasticNet(penalty: 0.05, l1Ratio: 0.7).fit(data("y", weighted: true), in: FitContext()),
      "elastic_net_weighted")
  }

  @Test func penalisedLogisticAgrees() throws {
    let binary = try scaled(golden.target("binary", names: ["n", "y"]))
    let multi = try scaled(golden.target("multi", names: ["a", "b", "c"]))
    func fit(_ data: TrainingData, _ ratio: Double) throws -> LinearModel {
      try LogisticRegression(penalty: 2, l1Ratio: ratio, tolerance: 1e-11).fit(data, in: FitContext())
    }
    expect(try fit(binary, 1), "l1")
    expect(try fit(binary, 0.3), "elastic")
    // Shifting all intercepts alike changes nothing: sums are compared at 0.
    let model = try fit(multi, 1)
    let intercepts = LinearGolden.doubles(family["fits"]?["l1_multi"]?["intercept"] ?? .null)
    let (a, b) = (model.intercepts.reduce(0, +) / 3, intercepts.reduce(0, +) / 3)
    for (own, other) in zip(model.intercepts, intercepts) { #expect(abs((own - a) - (other - b)) < 1e-6) }
    let expected = family["fits"]?["l1_multi"]?["coef"]?.arrayValue?.map(LinearGolden.doubles) ?? []
    for (fields, row) in zip(model.coefficients, expected) {
      for (u, v) in zip(fields.flatMap { $0 }, row) { #expect(abs(u - v) < 1e-6) }
    }
    let plain = try TrainingData(frame: golden.frame(), target: golden.target("binary", names: ["n", "y"]))
    expect(
      try LogisticRegression(penalty: 1, classWeight: .balanced, tolerance: 1e-11).fit(plain, in: FitContext()),
      "balanced")
  }

  @Test func generalizedLinearModelsAgree() throws {
    expect(try PoissonRegression(penalty: 0.01, tolerance: 1e-11).fit(data("counts"), in: FitContext()), "poisson")
    expect(
      try PoissonRegression(penalty: 0.1, tolerance: 1e-11).fit(data("counts", weighted: true), in: FitContext()),
      "poisson_weighted")
    expect(try GammaRegression(penalty: 0.01, tolerance: 1e-11).fit(data("amounts"), in: FitContext()), "gamma")
    func tweedie(_ power: Double, _ penalty: Double, _ key: String, weighted: Bool = false) throws -> LinearModel {
      try TweedieRegression(power: power, penalty: penalty, tolerance: 1e-11)
        .fit(data(key, weighted: weighted), in: FitContext())
    }
    expect(try tweedie(1.5, 0.01, "claims"), "tweedie")
    expect(try tweedie(1.2, 0.05, "claims", weighted: true), "tweedie_weighted")
    expect(try tweedie(1, 0, "counts"), "tweedie_low")
  }

  @Test func marginObjectivesAgree() throws {
    let data = try scaled(golden.target("binary", names: ["n", "y"]))
    let truth = data.target.doubles.map { 2 * $0 - 1 }
    for (loss, key) in [(LinearSVC.Loss.hinge, "hinge"), (.squaredHinge, "squared_hinge")] {
      let model = try LinearSVC(penalty: 1 / 0.7, loss: loss, calibration: .none).fit(data, in: FitContext())
      let scores = try Self.scores(model, data.frame)
      var objective = model.coefficients[0].reduce(0) { $0 + $1[0] * $1[0] } / 2
      for (score, side) in zip(scores, truth) {
        let lack = max(0, 1 - side * score)
        objective += 0.7 * (loss == .hinge ? lack : lack * lack)
      }
      let expected = try #require(family["objectives"]?[key]?.doubleValue)
      #expect(abs(objective - expected) < 1e-6 * expected, "\(key): \(objective) against \(expected)")
    }
    let numbers = try scaled(golden.target("y"))
    let model = try LinearSVR(penalty: 1 / 0.7, epsilon: 0.2).fit(numbers, in: FitContext())
    var objective = model.coefficients[0].reduce(0) { $0 + $1[0] * $1[0] } / 2
    for (score, truth) in zip(try Self.scores(model, numbers.frame), numbers.target.doubles) {
      objective += 0.7 * max(0, abs(score - truth) - 0.2)
    }
    let expected = try #require(family["objectives"]?["tube"]?.doubleValue)
    #expect(abs(objective - expected) < 1e-6 * expected, "tube: \(objective) against \(expected)")
  }

  private static func scores(_ model: LinearModel, _ frame: Frame) throws -> [Double] {
    (0..<frame.rowCount).map { row in
      frame.columns.indices.reduce(model.intercepts[0]) {
        $0 + model.coefficients[0][$1][0] * (frame.columns[$1].doubles?[row] ?? .nan)
      }
    }
  }

  /// Padding with empty features sends the same problem to the solvers for wide tables.
  @Test func wideSolversAgreeWithDirectOnes() throws {
    func both(
      _ key: String, _ names: [String], width: Int, _ fit: (TrainingData) throws -> LinearModel, _ limit: Double
    )
      throws
    {
      let narrow = try golden.frame(withSparse: true)
      let wide = SparseMatrix(
        width: width, offsets: golden.sparse.offsets, indices: golden.sparse.indices, values: golden.sparse.values)
      let frames = [narrow, try narrow.setting(Field("s", .vector), Column(.vector(wide)))]
      let models = try frames.map { try fit(TrainingData(frame: $0, target: golden.target(key, names: names))) }
      for (a, b) in zip(models[0].coefficients, models[1].coefficients) {
        for (p, q) in zip(a, b) { for (u, v) in zip(p, q) { #expect(abs(u - v) < limit * max(1, abs(u))) } }
      }
    }
    try both("y_sparse", [], width: 2500, { try LinearRegression().fit($0, in: FitContext()) }, 1e-6)
    try both(
      "y_sparse", [], width: 2500, { try Lasso(penalty: 0.05, tolerance: 1e-13).fit($0, in: FitContext()) }, 1e-5)
    try both(
      "y_sparse", [], width: 2500,
      { try ElasticNet(penalty: 0.05, tolerance: 1e-13).fit($0, in: FitContext()) }, 1e-5)
    try both(
      "multi", ["a", "b", "c"], width: 700,
      { try LogisticRegression(penalty: 2, l1Ratio: 1, tolerance: 1e-9).fit($0, in: FitContext()) }, 1e-4)
  }

  /// More columns than rows, and columns that depend on each other: fits exactly, with the shortest weights.
  @Test func leastSquaresOfLeastNorm() throws {
    let x = [1.0, 2, 3, 4, 5, 7]
    let frame = try Frame([
      ("a", Column(.number(x))), ("b", Column(.number(x))), ("c", Column(.number(x.map { 3 - 2 * $0 }))),
      ("d", Column(.number([5, 5, 5, 5, 5, 5]))),
    ])
    let model = try LinearRegression().fit(
      TrainingData(frame: frame, target: .values(x.map { 4 * $0 + 1 })), in: FitContext())
    let predicted = try #require(model.predict(frame).values)
    for (a, b) in zip(predicted, x) { #expect(abs(a - (4 * b + 1)) < 1e-9) }
    // In standardised units all three carry a third each.
    #expect(abs(model.coefficients[0][0][0] - 4.0 / 3) < 1e-9)
    #expect(abs(model.coefficients[0][1][0] - 4.0 / 3) < 1e-9)
    #expect(abs(model.coefficients[0][2][0] + 2.0 / 3) < 1e-9)
    #expect(model.coefficients[0][3][0] == 0)
    let few = try syntheticData(rows: 5, dense: 12, classes: 0)
    let wide = try LinearRegression().fit(few, in: FitContext())
    let fitted = try #require(wide.predict(few.frame).values)
    for (a, b) in zip(fitted, few.target.doubles) { #expect(abs(a - b) < 1e-8) }
  }

  @Test func contributionsAddUp() throws {
    let frame = try golden.frame(withSparse: true)
    let model = try LogisticRegression().fit(
      TrainingData(frame: frame, target: golden.target("multi", names: ["a", "b", "c"])), in: FitContext())
    let few = frame.gathered([3, 11, 40])
    for background in [nil, frame.gathered(Array(0..<20))] {
      let shares = try model.contributions(few, background: background)
      #expect(shares.link == .softmax && shares.outputs == ["a", "b", "c"])
      let probabilities = try model.predict(few)
      for row in 0..<3 {
        let scores = (0..<3).map { shares.score(row: row, output: $0) }
        let total = scores.reduce(0) { $0 + Mathematics.exp($1) }
        for k in 0..<3 {
          let p = try #require(probabilities.probabilities(ofClass: k))[row]
          #expect(abs(Mathematics.exp(scores[k]) / total - p) < 1e-12)
        }
      }
    }
    let values = try golden.frame()
    let poisson = try PoissonRegression().fit(data("counts"), in: FitContext())
    let shares = try poisson.contributions(values, background: nil)
    let mean = golden.columns[1].reduce(0, +) / 60
    let expected = poisson.coefficients[0][1][0] * (golden.columns[1][7] - mean)
    #expect(abs(shares.shares(row: 7, output: 0)[7 * 4 + 1] - expected) < 1e-9)
    #expect(shares.link == .log)
    let predicted = try #require(poisson.predict(values).values)
    #expect(abs(Mathematics.exp(shares.score(row: 7, output: 0)) - predicted[7]) < 1e-9 * predicted[7])
  }

  @Test func refusedTargetsAreNamed() throws {
    let frame = try Frame([("v", Column(.number([1, 2, 3])))])
    func message(_ estimator: any Estimator, _ values: [Double]) -> String {
      func fit<E: Estimator>(_ estimator: E) -> String {
        do {
          _ = try estimator.fit(TrainingData(frame: frame, target: .values(values)), in: FitContext())
          return ""
        } catch { return (error as? MLError)?.message ?? "other" }
      }
      return fit(estimator)
    }
    #expect(message(PoissonRegression(), [1, -1, 2]).contains("0 or more; row 2"))
    #expect(message(PoissonRegression(), [0, 0, 0]).contains("positive"))
    #expect(message(GammaRegression(), [1, 2, 0]).contains("above 0; row 3"))
    #expect(message(TweedieRegression(power: 2.5), [0, 2, 1]).contains("above 0; row 1"))
    #expect(message(TweedieRegression(), [0, 2, 1]).isEmpty)
  }

  @Test func probabilitiesOfMarginsAreCalibrated() throws {
    let data = try syntheticData(rows: 3000, dense: 3, classes: 2)
    let model = try LinearSVC().fit(data, in: FitContext())
    let p = try #require(model.predict(data.frame).probabilities(ofClass: 1))
    let truth = data.target.doubles
    let share = truth.reduce(0, +) / 3000
    #expect(abs(p.reduce(0, +) / 3000 - share) < 0.01)
    let loss = zip(p, truth).reduce(0) { $0 - Mathematics.log($1.1 == 1 ? $1.0 : 1 - $1.0) } / 3000
    let logistic = try LogisticRegression().fit(data, in: FitContext()).predict(data.frame)
    let q = try #require(logistic.probabilities(ofClass: 1))
    let best = zip(q, truth).reduce(0) { $0 - Mathematics.log($1.1 == 1 ? $1.0 : 1 - $1.0) } / 3000
    #expect(loss < best * 1.03)
  }
}
