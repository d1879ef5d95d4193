import CKernels

/// One step of Adam.
///
/// - Source: Kingma and Ba, *Adam*, ICLR 2015; decoupled decay as in Loshchilov and Hutter, ICLR 2019.
package struct NeuralAdamStep: Sendable {
  var step: ck_adam_step

  /// - Parameters:
  ///   - index: steps taken, this one included; at least 1.
  ///   - l2: added to the gradient, times the value.
  ///   - decay: share of the value that is taken off first.
  package init(rate: Double, betas: (Double, Double), index: Int, l2: Double, decay: Double) {
    func left(_ beta: Double) -> Double {
      var power = 1.0, base = beta, exponent = index
      while exponent > 0 {
        if exponent & 1 == 1 { power *= base }
        base *= base
        exponent >>= 1
      }
      return 1 - power
    }
    step = ck_adam_step(
      rate: Float(rate / left(betas.0)), first_decay: Float(betas.0), second_decay: Float(betas.1),
      correction: Float(1 / left(betas.1)), epsilon: 1e-8, l2: Float(l2), shrink: Float(1 - decay))
  }
}

/// Values, their gradients and what the optimiser remembers of each.
package struct NeuralParameters: Sendable {
  /// Values.
  package let values: NeuralRegion
  /// Gradients.
  package let gradients: NeuralRegion
  /// First moments, or velocities.
  package let first: NeuralRegion
  /// Second moments.
  package let second: NeuralRegion

  /// Four regions of equal length.
  package init(values: NeuralRegion, gradients: NeuralRegion, first: NeuralRegion, second: NeuralRegion) {
    precondition(
      values.count == gradients.count && first.count == values.count && second.count == values.count, "equal")
    self.values = values
    self.gradients = gradients
    self.first = first
    self.second = second
  }

  /// A stretch of each.
  package subscript(range: Range<Int>) -> NeuralParameters {
    NeuralParameters(values: values[range], gradients: gradients[range], first: first[range], second: second[range])
  }

  /// Moves the values by one step of Adam.
  package func adam(_ step: NeuralAdamStep) {
    // SAFETY: four regions of equal length.
    withUnsafePointer(to: step.step) {
      ck_adam(values.base, gradients.base, first.base, second.base, values.count, $0)
    }
  }

  /// Moves the values by gradient descent with momentum 0.9: `v = 0.9 v + g + l2 · w`, `w = (1 − decay) w − rate · v`.
  package func momentum(rate: Double, l2: Double, decay: Double) {
    // SAFETY: regions of equal length.
    ck_momentum(
      values.base, gradients.base, first.base, values.count, Float(rate), 0.9, Float(l2), Float(1 - decay))
  }
}
