import Basics
import Frames
import Learners
import Modeling
import Testing

@Suite struct ClusteringTests {
  private let golden: GoldenTable

  init() throws { golden = try GoldenTable("clustering/clustering.json") }

  private func data() throws -> TrainingData {
    let frame = try golden.frame("x")
    return try TrainingData(frame: frame, target: .absent(rowCount: frame.rowCount))
  }

  @Test func inertiaAgreesFromTheSameStart() throws {
    var estimator = KMeans()
    estimator.standardise = false
    estimator.tolerance = 0
    let data = try data()
    let model = try estimator.fit(data, from: golden.rows("kmeans", "start"), in: FitContext())
    let expected = golden.double("kmeans", "inertia")
    #expect(abs(model.inertia - expected) < 1e-9 * expected)
    #expect(adjustedRand(try model.predict(data.frame).classCodes, golden.codes("kmeans", "labels")) == 1)
    #expect(abs((model.silhouette ?? 0) - golden.double("kmeans", "silhouette")) < 1e-9)
  }

  @Test func rowOrderDoesNotMatterToKMeans() throws {
    let data = try data()
    let order = Array((0..<data.frame.rowCount).reversed())
    let straight = try KMeans().fit(data, in: FitContext(seed: Seed(3)))
    let turned = try KMeans().fit(data.gathered(order), in: FitContext(seed: Seed(3)))
    #expect(straight.clusterNames == turned.clusterNames)
    for (a, b) in zip(straight.centers, turned.centers) { #expect(gap(a, b) < 1e-9) }
    let best = straight.evidence.compactMap(\.silhouette).max()
    #expect(straight.evidence[straight.clusterNames.count - 1].silhouette == best)
    #expect(straight.evidence.count == 10)
    #expect(straight.evidence.allSatisfy { $0.gap != nil })
  }

  @Test func batchesComeCloseToWholePasses() throws {
    let data = try data()
    var estimator = KMeans()
    estimator.clusterCount = 4
    let whole = try estimator.fit(data, in: FitContext())
    estimator.batchSize = 50
    let batched = try estimator.fit(data, in: FitContext())
    #expect(batched.inertia < 1.05 * whole.inertia)
    #expect(batched.inertia > 0.95 * whole.inertia)
  }

  @Test func moreClustersThanRowsAreRefused() throws {
    let frame = try Frame([("x", Column(.number([1, 1, 2, 2, 3])))])
    var estimator = KMeans()
    estimator.clusterCount = 4
    #expect { try estimator.fit(TrainingData(frame: frame, target: .absent(rowCount: 5)), in: FitContext()) } throws: {
      ($0 as? MLError)?.field == "cluster_count"
    }
  }

  @Test(arguments: ["0.8", "1.2"]) func dbscanAgreesWithScikitLearn(radius: String) throws {
    var estimator = DBSCAN()
    estimator.radius = try #require(Double(radius))
    estimator.standardise = false
    let data = try data()
    let labels = try estimator.fit(data, in: FitContext()).predict(data.frame).classCodes
    #expect(adjustedRand(labels, golden.codes("dbscan", radius)) == 1)
  }

  @Test(arguments: [5, 10, 15]) func hdbscanAgreesWithScikitLearn(size: Int) throws {
    var estimator = HDBSCAN()
    estimator.minimumClusterSize = size
    estimator.standardise = false
    let data = try data()
    let labels = try estimator.fit(data, in: FitContext()).predict(data.frame).classCodes
    #expect(adjustedRand(labels, golden.codes("hdbscan", "\(size)")) == 1)
  }

  @Test(arguments: [("full", GaussianMixture.Covariance.full), ("diag", .diagonal), ("tied", .tied)])
  func mixtureIsAsLikelyAsScikitLearns(name: String, covariance: GaussianMixture.Covariance) throws {
    var estimator = GaussianMixture()
    estimator.clusterCount = 4
    estimator.covariance = covariance
    estimator.standardise = false
    estimator.tolerance = 1e-10
    estimator.maximumIterations = 5000
    let frame = try golden.frame("clean")
    let data = try TrainingData(frame: frame, target: .absent(rowCount: frame.rowCount))
    let model = try estimator.fit(data, in: FitContext())
    let expected = golden.double("mixture", name, "log_likelihood")
    #expect(abs(model.logLikelihood - expected) < 1e-6)
    #expect(abs(model.bic - golden.double("mixture", name, "bic")) < 1e-3)
  }

  @Test func mixtureReportsEvidence() throws {
    let model = try GaussianMixture().fit(data(), in: FitContext())
    #expect(model.evidence.map(\.clusterCount) == Array(1...10))
    #expect(model.evidence.compactMap(\.bic).min() == model.evidence[model.clusterNames.count - 1].bic)
    #expect(abs(model.shares.reduce(0, +) - 1) < 1e-12)
  }
}
