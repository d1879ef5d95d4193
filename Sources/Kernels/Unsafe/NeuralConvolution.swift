import CKernels

/// A 3 × 3 convolution of images that keeps their size.
///
/// An image lies row by row, pixel by pixel, channel by channel with a border of one pixel of zeros around it.
package struct NeuralConvolution: Sendable {
  let shape: ck_convolution

  /// - Parameters:
  ///   - inputs: channels of the image.
  ///   - outputs: channels of the result.
  package init(height: Int, width: Int, inputs: Int, outputs: Int) {
    precondition(height > 0 && width > 0 && inputs > 0 && outputs > 0, "a shape")
    shape = ck_convolution(height: height, width: width, inputs: inputs, outputs: outputs)
  }

  /// Numbers of an image, border included.
  package static func extent(height: Int, width: Int, channels: Int) -> Int { (height + 2) * (width + 2) * channels }

  /// Numbers of an input image.
  package var inputCount: Int { Self.extent(height: shape.height, width: shape.width, channels: shape.inputs) }
  /// Numbers of an output image.
  package var outputCount: Int { Self.extent(height: shape.height, width: shape.width, channels: shape.outputs) }
  /// Weights, `[row, column, input, output]`.
  package var weightCount: Int { 9 * shape.inputs * shape.outputs }

  /// The convolution that takes derivatives by the output to derivatives by the input.
  package var turned: NeuralConvolution {
    NeuralConvolution(height: shape.height, width: shape.width, inputs: shape.outputs, outputs: shape.inputs)
  }

  /// The weights of `turned`.
  package func turn(_ weights: NeuralRegion, into out: NeuralRegion) {
    precondition(weights.count == weightCount && out.count == weightCount, "weights")
    // SAFETY: sizes checked above.
    withUnsafePointer(to: shape) { ck_convolve_turn($0, weights.base, out.base) }
  }

  /// `out` = image convolved, border zero.
  package func run(_ image: NeuralRegion, _ weights: NeuralRegion, into out: NeuralRegion) {
    precondition(image.count == inputCount && weights.count == weightCount && out.count == outputCount, "shapes")
    // SAFETY: sizes checked above; the kernel reads and writes whole padded images.
    withUnsafePointer(to: shape) { ck_convolve($0, image.base, weights.base, out.base) }
  }

  /// Adds derivatives by the weights; `gradient` is by the output, its border zero.
  package func addWeightGradient(_ image: NeuralRegion, gradient: NeuralRegion, to weights: NeuralRegion) {
    precondition(image.count == inputCount && weights.count == weightCount && gradient.count == outputCount, "shapes")
    // SAFETY: sizes checked above.
    withUnsafePointer(to: shape) { ck_convolve_weights($0, image.base, gradient.base, weights.base) }
  }
}

/// Batch normalisation, ReLU and max-pooling of one image in a pass.
package struct NeuralPool: Sendable {
  let shape: ck_pool

  /// Windows are two pixels wide and high, one along a side of one pixel; what is left over at the far edges is
  /// dropped.
  ///
  /// - Parameter hasBorder: whether the pooled image has a border of zeros, for a further convolution.
  package init(height: Int, width: Int, channels: Int, hasBorder: Bool) {
    precondition(height > 0 && width > 0 && channels > 0, "a shape")
    shape = ck_pool(
      height: height, width: width, channels: channels, window_height: min(2, height), window_width: min(2, width),
      border: hasBorder ? 1 : 0)
  }

  /// Rows of pixels that come out.
  package var outputHeight: Int { shape.height / shape.window_height }
  /// Pixels of a row that come out.
  package var outputWidth: Int { shape.width / shape.window_width }
  /// Numbers that go in, border included.
  package var inputCount: Int { (shape.height + 2) * (shape.width + 2) * shape.channels }
  /// Numbers that come out, border included.
  package var outputCount: Int {
    (outputHeight + 2 * shape.border) * (outputWidth + 2 * shape.border) * shape.channels
  }
  /// The pixels inside the border of the input, as rows of channels, from the first of them on.
  package var inside: NeuralRows {
    NeuralRows(
      rowCount: shape.width, columnCount: shape.channels, groupCount: shape.height,
      groupStep: (shape.width + 2) * shape.channels)
  }
  /// Where the first pixel inside the border begins.
  package var insideStart: Int { (shape.width + 3) * shape.channels }

  /// Largest `max(0, x · scale + shift)` of each window.
  package func run(_ image: NeuralRegion, scale: NeuralRegion, shift: NeuralRegion, into out: NeuralRegion) {
    precondition(image.count == inputCount && out.count == outputCount, "shapes")
    precondition(scale.count == shape.channels && shift.count == shape.channels, "one number a channel")
    // SAFETY: sizes checked above.
    withUnsafePointer(to: shape) { ck_pool_forward($0, image.base, scale.base, shift.base, out.base) }
  }

  /// Derivatives by `x · scale + shift` into `to`, and their sums added to `sums` as `NeuralKernels.normSums` does.
  package func runBackward(
    _ image: NeuralRegion, _ norm: NeuralNorm, shift: NeuralRegion, gradient: NeuralRegion, into to: NeuralRegion,
    sums: NeuralRegion
  ) {
    precondition(image.count == inputCount && gradient.count == outputCount && to.count == inputCount, "shapes")
    precondition(norm.mean.count == shape.channels && shift.count == shape.channels, "one number a channel")
    precondition(sums.count == 2 * shape.channels, "two sums a channel")
    // SAFETY: sizes checked above and by `NeuralNorm`.
    withUnsafePointer(to: shape) {
      ck_pool_backward(
        $0, image.base, norm.scale.base, shift.base, norm.mean.base, norm.inverse.base, gradient.base, to.base,
        sums.base)
    }
  }
}

/// Copies of images for training.
package enum NeuralImages {
  /// Where a copy goes.
  package struct Placement: Sendable {
    /// Pixels down and to the right.
    package var down = 0, right = 0
    /// Left and right change places.
    package var isMirrored = false

    /// As it is.
    package init() {}
  }

  /// Copies an image without border into one with a border of zeros, moved and mirrored as `placement` says.
  package static func place(
    _ image: NeuralRegion, height: Int, width: Int, _ placement: Placement, into out: NeuralRegion
  ) {
    let channels = image.count / (height * width)
    precondition(channels * height * width == image.count, "whole pixels")
    precondition(out.count == NeuralConvolution.extent(height: height, width: width, channels: channels), "shapes")
    // SAFETY: sizes checked above.
    ck_place_image(
      image.base, height, width, channels, placement.down, placement.right, placement.isMirrored ? 1 : 0, out.base)
  }
}
