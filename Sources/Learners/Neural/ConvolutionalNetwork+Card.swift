public import Basics
import Modeling

extension ConvolutionalNetwork {
  /// The card.
  public static let card = Card(
    name: "convolutional-network",
    summary: "A small convolutional network for images given as pixel columns or as one column of vectors.",
    tasks: [.classification, .regression],
    capabilities: [.handlesMissing, .handlesVectors, .readsPixels, .multiclass, .earlyStopping],
    hyperparameters: image + layers + NeuralCards.training,
    source: "LeCun et al. 1998; Simonyan and Zisserman 2015; Ioffe and Szegedy 2015.", searchRowLimit: 0)

  private static let image: [Hyperparameter] = [
    Hyperparameter(
      "image_width", "Pixels of a row; 0: a square image, or one line.", .integer(0...4096, logarithmic: false)),
    Hyperparameter("image_height", "Rows of pixels; 0: by itself.", .integer(0...4096, logarithmic: false)),
    Hyperparameter("channel_count", "Numbers of a pixel; 0: one.", .integer(0...64, logarithmic: false)),
    Hyperparameter(
      "shift", "Pixels by which images are moved at random in training, at most.",
      .integer(0...256, logarithmic: false), search: .integer(0...2, logarithmic: false)),
    Hyperparameter(
      "horizontal_flip", "Whether images are mirrored at random in training.", .boolean, search: .boolean),
  ]

  private static let layers: [Hyperparameter] = [
    Hyperparameter("block_count", "Blocks; 0 follows from the size of the image.", .integer(0...8, logarithmic: false)),
    Hyperparameter(
      "filter_count", "Filters of the first block; each further one has twice as many.",
      .integer(1...256, logarithmic: true), search: .integer(16...64, logarithmic: true)),
    Hyperparameter(
      "dense_width", "Width of the dense layer behind the blocks; 0 is none.", .integer(0...8192, logarithmic: false),
      search: .integer(64...256, logarithmic: true)),
    Hyperparameter(
      "dropout", "Share of the dense layer's numbers set to zero in training.", .real(0...0.95, logarithmic: false),
      search: .real(0...0.5, logarithmic: false)),
    Hyperparameter(
      "label_smoothing", "Share of each image's class that is spread over all classes.",
      .real(0...0.9, logarithmic: false)),
    Hyperparameter(
      "class_weight", "Whether every class counts alike: none, balanced.",
      .choice(ClassWeight.allCases.map(\.rawValue))),
  ]
}
