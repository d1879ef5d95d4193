import Basics
import Frames
import Learners
import Modeling
import Testing

/// Golden probabilities of `Fixtures/Golden/bayes`.
@Suite struct BayesTests {
  let json: JSONValue
  let sparse: SparseMatrix
  let target: Target
  let weights: [Double]

  init() throws {
    let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    json = try JSONValue(parsing: FileSystem.read("/\(folder)/Fixtures/Golden/bayes/bayes.json"))
    sparse = SparseMatrix(
      width: 10, offsets: LinearGolden.integers(json["sparse"]?["offsets"]),
      indices: LinearGolden.integers(json["sparse"]?["indices"]).map(Int32.init),
      values: LinearGolden.doubles(json["sparse"]?["values"] ?? .null))
    target = .classes(codes: LinearGolden.integers(json["y"]).map(Int32.init), names: ["a", "b", "c"])
    weights = LinearGolden.doubles(json["weights"] ?? .null)
  }

  private func frame(dense: Bool) throws -> Frame {
    let rows = json["x"]?.arrayValue?.map(LinearGolden.doubles) ?? []
    var named = dense ? (0..<3).map { j in ("x\(j)", Column(.number(rows.map { $0[j] }))) } : []
    named.append(("s", Column(.vector(sparse))))
    return try Frame(named)
  }

  private func expect(_ predictions: Predictions, _ fit: String) {
    let expected = json["fits"]?[fit]?.arrayValue?.map(LinearGolden.doubles) ?? []
    #expect(expected.count == 60)
    for k in 0..<3 {
      for (a, b) in zip(predictions.probabilities(ofClass: k) ?? [], expected.map { $0[k] }) {
        #expect(abs(a - b) < 1e-9, "\(fit): \(a) against \(b)")
      }
    }
  }

  @Test func probabilitiesAgree() throws {
    let (plain, counts) = (try frame(dense: true), try frame(dense: false))
    func both<E: Estimator>(_ first: E, _ second: E, _ frame: Frame, _ name: String) throws {
      expect(try first.fit(TrainingData(frame: frame, target: target), in: FitContext()).predict(frame), name)
      let weighted = try TrainingData(frame: frame, target: target, weights: weights)
      expect(try second.fit(weighted, in: FitContext()).predict(frame), name + "_weighted")
    }
    try both(GaussianNaiveBayes(), GaussianNaiveBayes(varianceSmoothing: 0), plain, "gaussian")
    try both(MultinomialNaiveBayes(), MultinomialNaiveBayes(smoothing: 0.3), counts, "multinomial")
    try both(BernoulliNaiveBayes(), BernoulliNaiveBayes(smoothing: 0.3, threshold: 1.5), counts, "bernoulli")
  }

  @Test func updatesEqualOneFit() throws {
    func check<E: Estimator>(_ estimator: E, dense: Bool) throws where E.Model: UpdatableModel {
      let all = try TrainingData(frame: frame(dense: dense), target: target, weights: weights)
      var model = try estimator.fit(all.gathered(Array(0..<25)), in: FitContext())
      try model.update(with: all.gathered(Array(25..<60)), in: FitContext())
      let whole = try estimator.fit(all, in: FitContext()).predict(all.frame)
      let parts = try model.predict(all.frame)
      for k in 0..<3 {
        for (a, b) in zip(try #require(whole.probabilities(ofClass: k)), try #require(parts.probabilities(ofClass: k)))
        {
          #expect(abs(a - b) < 1e-9)
        }
      }
      let other = try TrainingData(
        frame: all.frame, target: .classes(codes: [Int32](repeating: 0, count: 60), names: ["z", "b", "c"]))
      #expect(throws: MLError.self) { try model.update(with: other, in: FitContext()) }
    }
    try check(GaussianNaiveBayes(), dense: true)
    try check(MultinomialNaiveBayes(), dense: false)
    try check(BernoulliNaiveBayes(), dense: false)
  }

  @Test func negativeCountsAreRefusedOrSplit() throws {
    let negative = SparseMatrix(width: 2, offsets: [0, 1, 2], indices: [0, 1], values: [1, -2])
    let classes = Target.classes(codes: [0, 1], names: ["a", "b"])
    #expect(throws: MLError.self) {
      try MultinomialNaiveBayes().fit(
        TrainingData(frame: Frame([("s", Column(.vector(negative)))]), target: classes), in: FitContext())
    }
    let target = Target.classes(codes: [0, 0, 1, 1], names: ["a", "b"])
    func fit(_ columns: [[Double]]) throws -> [Double] {
      let frame = try Frame(columns.enumerated().map { ("x\($0)", Column(.number($1))) })
      let model = try MultinomialNaiveBayes().fit(TrainingData(frame: frame, target: target), in: FitContext())
      return try #require(model.predict(frame).probabilities(ofClass: 1))
    }
    #expect(try fit([[-3, -2, 1, 0], [1, 0, 2, 5]]) == fit([[0, 0, 1, 0], [3, 2, 0, 0], [1, 0, 2, 5]]))
  }
}
