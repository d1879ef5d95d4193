import Basics
import Modeling

/// A network 784-256-128-10, five passes over 60,000 images.
enum Perceptron: Job {
  static let name = "mlp"

  static func run(_ setting: Setting) throws -> [Outcome] {
    let network = try estimator(
      "multilayer-perceptron",
      [
        ("hidden_layer_count", .integer(2)), ("hidden_width", .integer(256)), ("width_taper", .number(0.5)),
        ("batch_normalisation", .boolean(false)), ("epoch_count", .integer(5)), ("early_stopping_rounds", .integer(0)),
        ("batch_size", .integer(128)), ("learning_rate", .number(0.001)),
      ])
    let table = try Table("images", setting)
    let train = 0..<(table.rowCount * 6 / 7)
    let test = train.upperBound..<table.rowCount
    let data = try TrainingData(frame: table.frame(784, train), target: table.classes(784, train))
    let (seconds, model) = try fitted(network, data, setting)
    let accuracy = try quality("accuracy", model.predict(table.frame(784, test)), table.classes(784, test))
    return [Outcome(seconds, quality: accuracy)]
  }
}
