import Basics
import Frames
import Learners
import Modeling
import Testing

/// Derivatives beside central differences and beside PyTorch; see `Fixtures/Golden/neural`.
@Suite struct NeuralGradientTests {
  /// Differences in single precision are rough: the error is measured against the length of the whole gradient.
  private func compare(_ probe: NeuralProbe) {
    var weights = probe.weights
    var stream = Seed(8).generator
    for index in weights.indices { weights[index] += Float(0.05 * stream.normal()) }
    let gradient = probe.derivatives(at: weights).gradient
    let length = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    #expect(length > 1e-3)
    for _ in 0..<24 {
      let direction = weights.map { _ in Float(stream.normal()) }
      let step: Float = 2e-3 / Float(weights.count).squareRoot()
      let (up, down) = (zip(weights, direction).map { $0 + step * $1 }, zip(weights, direction).map { $0 - step * $1 })
      let slope = (probe.derivatives(at: up).objective - probe.derivatives(at: down).objective) / (2 * Double(step))
      let expected = zip(gradient, direction).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      #expect(abs(slope - expected) < 0.02 * length, "slope \(slope), derivative \(expected)")
    }
  }

  @Test(arguments: HiddenActivation.allCases, [true, false])
  func tableNetwork(_ activation: HiddenActivation, _ isNormalised: Bool) throws {
    var settings = MultilayerPerceptron()
    (settings.hiddenWidth, settings.activation, settings.batchNormalisation) = (12, activation, isNormalised)
    (settings.labelSmoothing, settings.dropout, settings.embeddingWidth) = (0.1, activation == .relu ? 0 : 0.2, 3)
    var data = try NeuralTables.mixed(48, classes: true)
    data.weights = (0..<48).map { 0.5 + Double($0 % 3) }
    compare(try NeuralProbe(settings, data, seed: Seed(5)))
    compare(try NeuralProbe(settings, try NeuralTables.mixed(48, classes: false), seed: Seed(6)))
  }

  @Test func convolutionalNetwork() throws {
    var settings = ConvolutionalNetwork()
    (settings.filterCount, settings.denseWidth, settings.dropout, settings.blockCount) = (4, 6, 0, 2)
    compare(try NeuralProbe(settings, try NeuralTables.bars(40), seed: Seed(7)))
  }

  private func golden(_ name: String) throws -> JSONValue {
    let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let json = try JSONValue(parsing: FileSystem.read("/\(folder)/Fixtures/Golden/neural/steps.json"))
    return try #require(json[name])
  }

  private func numbers(_ json: JSONValue?) -> [Double] { json?.arrayValue?.compactMap(\.doubleValue) ?? [] }

  private func data(_ json: JSONValue, _ target: Target) throws -> TrainingData {
    let rows = (json["x"]?.arrayValue ?? []).map { numbers($0) }
    let columns = try #require(rows.first).indices.map { column in
      ("x\(column)", Column(numbers: rows.map { $0[column] }))
    }
    return try TrainingData(frame: Frame(columns), target: target)
  }

  private func check(_ probe: NeuralProbe, _ json: JSONValue) throws {
    let weights = numbers(json["weights"]).map(Float.init)
    try #require(weights.count == probe.weights.count)
    let (objective, gradient) = probe.derivatives(at: weights)
    #expect(try abs(objective - #require(json["objective"]?.doubleValue)) < 1e-5)
    for (own, other) in zip(gradient, numbers(json["gradient"])) { #expect(abs(Double(own) - other) < 2e-5) }
    for (own, other) in zip(probe.stepped(from: weights, count: 2), numbers(json["stepped"])) {
      #expect(abs(Double(own) - other) < 2e-4)
    }
  }

  @Test func classesAgreeWithPyTorch() throws {
    let json = try golden("classes")
    var settings = MultilayerPerceptron()
    (settings.hiddenWidth, settings.widthTaper, settings.activation) = (6, 5.0 / 6, .gelu)
    (settings.labelSmoothing, settings.dropout, settings.weightDecay) = (0.1, 0, 0)
    settings.learningRate = 0.01
    let codes = numbers(json["target"]).map { Int32($0) }
    let data = try data(json, .classes(codes: codes, names: ["a", "b", "c"]))
    try check(NeuralProbe(settings, data, seed: Seed(1)), json)
  }

  @Test func numbersAgreeWithPyTorch() throws {
    let json = try golden("numbers")
    var settings = MultilayerPerceptron()
    (settings.hiddenWidth, settings.widthTaper, settings.batchNormalisation) = (7, 4.0 / 7, true)
    (settings.dropout, settings.weightDecay, settings.optimizer, settings.learningRate) = (0, 0, .sgd, 0.05)
    let data = try data(json, .values(numbers(json["target"])))
    try check(NeuralProbe(settings, data, seed: Seed(1)), json)
  }

  @Test func imagesAgreeWithPyTorch() throws {
    let json = try golden("images")
    var settings = ConvolutionalNetwork()
    (settings.imageWidth, settings.imageHeight, settings.blockCount, settings.filterCount) = (6, 5, 2, 3)
    (settings.denseWidth, settings.dropout, settings.weightDecay, settings.learningRate) = (4, 0, 0, 0.01)
    let codes = numbers(json["target"]).map { Int32($0) }
    let data = try data(json, .classes(codes: codes, names: ["a", "b", "c"]))
    try check(NeuralProbe(settings, data, seed: Seed(1)), json)
  }
}
