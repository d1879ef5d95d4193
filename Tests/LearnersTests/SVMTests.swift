import Basics
import Frames
import Learners
import Modeling
import Testing

@Suite struct SVMTests {
  private let golden: GoldenTable

  init() throws { golden = try GoldenTable("svm/svm.json") }

  private func classifier(_ change: (inout SupportVectorClassifier) -> Void = { _ in }) -> SupportVectorClassifier {
    var estimator = SupportVectorClassifier()
    estimator.standardise = false
    estimator.tolerance = 1e-8
    change(&estimator)
    return estimator
  }

  private func data(_ key: String = "y", names: [String] = ["no", "yes"], weights: [Double]? = nil) throws
    -> TrainingData
  {
    try TrainingData(
      frame: golden.frame("x"), target: .classes(codes: golden.codes(key), names: names), weights: weights)
  }

  @Test(arguments: ["rbf", "linear", "poly", "sigmoid", "rbf_c10"])
  func dualAndDecisionsAgreeWithLibsvm(name: String) throws {
    let estimator = classifier {
      switch name {
      case "linear": $0.kernel = .linear
      case "poly": ($0.kernel, $0.offset) = (.polynomial, 1)
      case "sigmoid": ($0.kernel, $0.gamma, $0.offset) = (.sigmoid, 0.1, 0.2)
      case "rbf_c10": ($0.c, $0.gamma) = (10, 0.5)
      default: break
      }
    }
    let model = try estimator.fit(data(), in: FitContext())
    let expected = golden.double("fits", name, "objective")
    #expect(model.isConverged)
    #expect(abs(model.objectives[0] - expected) < 1e-6 * abs(expected))
    let values = try model.decisionValues(golden.frame("new")).map { -$0 }
    #expect(gap(values, golden.doubles("fits", name, "decision")) < 1e-4)
  }

  @Test func weightsAndBalanceAgreeWithLibsvm() throws {
    let new = try golden.frame("new")
    let weighted = try classifier().fit(data(weights: golden.doubles("weights")), in: FitContext())
    // The variance behind gamma counts weights here; on this table the difference is small.
    #expect(gap(try weighted.decisionValues(new).map { -$0 }, golden.doubles("fits", "weighted", "decision")) < 0.2)
    let balanced = try classifier { $0.classWeight = .balanced }.fit(data(), in: FitContext())
    #expect(gap(try balanced.decisionValues(new).map { -$0 }, golden.doubles("fits", "balanced", "decision")) < 1e-4)
  }

  @Test func pairsOfThreeClassesAgreeWithLibsvm() throws {
    let model = try classifier().fit(data("three", names: ["a", "b", "c"]), in: FitContext())
    let values = try model.decisionValues(golden.frame("new"))
    #expect(gap(values, golden.rows("fits", "three", "decision").flatMap { $0 }) < 1e-4)
  }

  @Test(arguments: ["rbf", "linear"]) func regressionAgreesWithLibsvm(kernel: String) throws {
    var estimator = SupportVectorRegression()
    estimator.standardise = false
    estimator.tolerance = 1e-8
    estimator.kernel = try #require(SupportVectorKernel(rawValue: kernel))
    let model = try estimator.fit(
      TrainingData(frame: golden.frame("x"), target: .values(golden.doubles("values"))), in: FitContext())
    let expected = golden.double("fits", "svr_" + kernel, "objective")
    #expect(abs(model.objective - expected) < 1e-6 * abs(expected))
    let values = try #require(model.predict(golden.frame("new")).values)
    #expect(gap(values, golden.doubles("fits", "svr_" + kernel, "predicted")) < 1e-4)
  }

  /// Enough rows that variables are set aside and taken back, and that kernel rows are dropped.
  @Test func probabilitiesAreCalibrated() throws {
    let table = try syntheticData(rows: 1500, dense: 4, classes: 2)
    let model = try SupportVectorClassifier().fit(table, in: FitContext())
    let probabilities = try #require(model.predict(table.frame).probabilities(ofClass: 1))
    let mean = probabilities.reduce(0, +) / 1500
    let share = table.target.doubles.reduce(0, +) / 1500
    #expect(abs(mean - share) < 0.03)
    #expect(model.isConverged)
  }

  @Test func tooManyRowsAreRefusedWithAWayOut() throws {
    let frame = try Frame([("x", Column(.number((0...50_000).map { Double($0) })))])
    let target = Target.values((0...50_000).map { Double($0 % 7) })
    #expect {
      try SupportVectorRegression().fit(TrainingData(frame: frame, target: target), in: FitContext())
    } throws: {
      ($0 as? MLError)?.hint?.contains("nystroem-features") == true
    }
  }
}
