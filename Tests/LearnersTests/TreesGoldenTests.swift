import Basics
import Learners
import Modeling
import Testing

/// Quality beside LightGBM's on the same table; see `Fixtures/Golden/trees`.
@Suite struct TreesGoldenTests {
  private func expected(_ name: String) throws -> Double {
    let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let json = try JSONValue(parsing: FileSystem.read("/\(folder)/Fixtures/Golden/trees/expected.json"))
    return try #require(json[name]?.doubleValue)
  }

  /// Test target, test predictions of defaults fitted on the first 4000 of 6000 rows.
  private func held(_ data: TrainingData) throws -> (target: [Double], prediction: Predictions) {
    let model = try GradientBoostedTrees().fit(data.gathered(Array(0..<4000)), in: FitContext())
    let test = try data.gathered(Array(4000..<6000))
    return (test.target.doubles, try model.predict(test.frame))
  }

  private func logLoss(_ target: [Double], _ prediction: Predictions) throws -> Double {
    let columns = try prediction.classes.indices.map { try #require(prediction.probabilities(ofClass: $0)) }
    var sum = 0.0
    for row in target.indices { sum -= Mathematics.log(columns[Int(target[row])][row]) }
    return sum / Double(target.count)
  }

  @Test func squaredErrorIsAsGood() throws {
    let (target, prediction) = try held(TreeTables.values(6000))
    let values = try #require(prediction.values)
    var sum = 0.0
    for row in target.indices { sum += (target[row] - values[row]) * (target[row] - values[row]) }
    let rmse = (sum / Double(target.count)).squareRoot()
    #expect(try rmse < expected("rmse") * 1.03)
  }

  @Test func twoClassesAreAsGood() throws {
    let (target, prediction) = try held(TreeTables.classes(6000))
    #expect(try logLoss(target, prediction) < expected("log_loss") * 1.03)
  }

  @Test func threeClassesAreAsGood() throws {
    let (target, prediction) = try held(TreeTables.three(6000))
    #expect(try logLoss(target, prediction) < expected("softmax_log_loss") * 1.03)
  }
}
