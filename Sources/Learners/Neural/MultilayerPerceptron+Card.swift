public import Basics
import Modeling

extension MultilayerPerceptron {
  /// The card.
  public static let card = Card(
    name: "multilayer-perceptron",
    summary: "A network of fully connected layers, with learnt vectors for categories and sparse vectors as they are.",
    tasks: [.classification, .regression],
    capabilities: [.handlesMissing, .handlesCategories, .handlesVectors, .multiclass, .earlyStopping],
    hyperparameters: layers + regularisation + NeuralCards.training,
    source: "Rumelhart, Hinton and Williams 1986; Guo and Berkhahn, Entity embeddings of categorical variables, 2016.",
    searchRowLimit: 50_000)

  private static let layers: [Hyperparameter] = [
    Hyperparameter(
      "hidden_layer_count", "Hidden layers.", .integer(0...16, logarithmic: false),
      search: .integer(1...4, logarithmic: false)),
    Hyperparameter(
      "hidden_width", "Width of the first hidden layer.", .integer(1...8192, logarithmic: true),
      search: .integer(32...512, logarithmic: true)),
    Hyperparameter(
      "width_taper", "Each further hidden layer is so much narrower.", .real(0.1...1, logarithmic: false),
      search: .real(0.5...1, logarithmic: false)),
    Hyperparameter(
      "activation", "How hidden layers bend their scores.", .choice(HiddenActivation.allCases.map(\.rawValue)),
      search: .choice(["relu", "gelu"])),
    Hyperparameter(
      "batch_normalisation", "Whether hidden layers are batch-normalised.", .boolean, search: .boolean),
    Hyperparameter(
      "embedding_width", "Numbers a category becomes; 0 follows from the number of its levels.",
      .integer(0...1024, logarithmic: false)),
  ]

  private static let regularisation: [Hyperparameter] = [
    Hyperparameter(
      "dropout", "Share of hidden numbers set to zero in training.", .real(0...0.95, logarithmic: false),
      search: .real(0...0.5, logarithmic: false)),
    Hyperparameter(
      "label_smoothing", "Share of each row's class that is spread over all classes.",
      .real(0...0.9, logarithmic: false)),
    Hyperparameter(
      "class_weight", "Whether every class counts alike: none, balanced.",
      .choice(ClassWeight.allCases.map(\.rawValue))),
  ]
}

/// Settings that all networks share.
enum NeuralCards {
  static let training: [Hyperparameter] = [
    Hyperparameter(
      "epoch_count", "Passes over the rows at most; 0 follows from their number.",
      .integer(0...100_000, logarithmic: false)),
    Hyperparameter(
      "batch_size", "Rows of a minibatch; 0 follows from their number.", .integer(0...65_536, logarithmic: false)),
    Hyperparameter(
      "optimizer", "Rule of the steps: adamw, adam, sgd (momentum 0.9).",
      .choice(NeuralOptimizer.allCases.map(\.rawValue))),
    Hyperparameter(
      "learning_rate", "Largest learning rate.", .real(1e-8...10, logarithmic: true),
      search: .real(3e-4...1e-2, logarithmic: true)),
    Hyperparameter(
      "weight_decay", "Pull of the weights towards zero.", .real(0...10, logarithmic: false),
      search: .real(1e-5...0.1, logarithmic: true)),
    Hyperparameter(
      "schedule", "How the learning rate falls: cosine, constant.",
      .choice(LearningSchedule.allCases.map(\.rawValue))),
    Hyperparameter(
      "warmup_fraction", "Share of the steps in which the learning rate rises.", .real(0...0.9, logarithmic: false)),
    Hyperparameter(
      "early_stopping_rounds",
      "Epochs without improvement on validation rows before stopping; 0 never stops early.",
      .integer(0...100_000, logarithmic: false)),
  ]
}
