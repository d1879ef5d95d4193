import Basics
import Kernels

/// A convolutional network in training.
final class ConvolutionTraining: TrainableNetwork {
  /// How copies of images are varied.
  struct Augmentation: Sendable {
    /// Pixels an image is moved at most.
    var shift: Int
    var flips: Bool
    var seed: Seed

    func placement(_ row: Int, epoch: Int) -> NeuralImages.Placement {
      var placement = NeuralImages.Placement()
      if shift == 0, !flips { return placement }
      var stream = seed.derived(epoch).derived(row).generator
      placement.down = stream.index(below: 2 * shift + 1) - shift
      placement.right = stream.index(below: 2 * shift + 1) - shift
      placement.isMirrored = flips && stream.next() & 1 == 1
      return placement
    }
  }

  /// Memory of one block for a minibatch; images lie one after the other, borders included.
  private struct Memory {
    var input: NeuralBuffer
    var raw: NeuralBuffer
    var gradient: NeuralBuffer
    var norm: BatchNorm
    /// Derivatives by the weights of each group of images.
    var partial: NeuralBuffer
    /// Derivatives by `input`, where a block comes before.
    var inputGradient: NeuralBuffer?
    var turned: NeuralBuffer
  }

  let shape: ConvolutionShape
  let store: ParameterStore
  let statistics: NeuralBuffer
  let rowCount: Int
  private let images: NeuralBuffer
  private let blocks: [ConvolutionShape.Block]
  private let stack: DenseStack
  private let memory: [Memory]
  private let denseGradient: NeuralBuffer
  private let workers: Workers
  private let augmentation: Augmentation

  /// Makes the network; weights are zero until `initialise` or a copy.
  init(
    _ shape: ConvolutionShape, images: NeuralBuffer, batchLimit: Int, dropout: Double, augmentation: Augmentation,
    workers: Workers
  ) {
    self.shape = shape
    self.images = images
    self.workers = workers
    self.augmentation = augmentation
    rowCount = images.count / (shape.height * shape.width * shape.channels)
    let places = shape.places()
    blocks = places.blocks
    let store = ParameterStore(places.layout)
    let statistics = NeuralBuffer(count: shape.statisticsCount)
    self.store = store
    self.statistics = statistics
    memory = places.blocks.enumerated().map { index, block in
      statistics[(block.statistics.lowerBound + block.outputs)..<block.statistics.upperBound].fill(1)
      return Memory(
        input: NeuralBuffer(count: batchLimit * block.convolution.inputCount),
        raw: NeuralBuffer(count: batchLimit * block.convolution.outputCount),
        gradient: NeuralBuffer(count: batchLimit * block.convolution.outputCount),
        norm: BatchNorm(
          width: block.outputs, gain: block.gain, shift: block.shift, statistics: statistics[block.statistics],
          blockLimit: max(BatchNorm.blockLimit, batchLimit)),
        partial: NeuralBuffer(count: BatchNorm.blockLimit * block.weights.count),
        inputGradient: index > 0 ? NeuralBuffer(count: batchLimit * block.convolution.inputCount) : nil,
        turned: NeuralBuffer(count: index > 0 ? block.weights.count : 0))
    }
    stack = DenseStack(
      places.dense, places.layers, store, statistics: NeuralBuffer(count: 0), batch: (batchLimit, dropout, workers))
    denseGradient = NeuralBuffer(count: batchLimit * places.dense.inputWidth)
  }

  /// Draws starting weights; the last bias becomes `bias`.
  func initialise(_ seed: Seed, bias: [Float]) {
    for (index, block) in blocks.enumerated() {
      var stream = seed.derived("blocks").derived(index).generator
      let bound = (6 / Double(9 * block.inputs)).squareRoot()
      store.values[block.weights].write { values in
        for place in 0..<values.count { values[place] = Float((2 * stream.uniform() - 1) * bound) }
      }
      store.values[block.gain].fill(1)
    }
    stack.shape.initialise(
      stack.layers, fanIn: Double(stack.shape.inputWidth), values: store.values, seed: seed.derived("layers"))
    store.values[stack.layers[stack.layers.count - 1].bias].copy(bias)
  }

  func outputGradient(_ rowCount: Int) -> NeuralRegion { stack.outputGradient(rowCount) }

  /// Images that one task takes; follows from the size of the minibatch alone.
  private func groups(_ count: Int) -> [Range<Int>] {
    Workers.blocks(count, minimum: 4, maximumCount: BatchNorm.blockLimit)
  }

  func forward(_ batch: ArraySlice<Int32>, epoch: Int, _ step: StepSeed) -> NeuralRegion {
    place(batch, epoch)
    let groups = groups(batch.count)
    for (index, block) in blocks.enumerated() {
      let (input, raw, norm) = (memory[index].input, memory[index].raw, memory[index].norm)
      let (weights, partial) = (store.values[block.weights], norm.partial)
      workers.run(groups.count) { group in
        for image in groups[group] {
          let out = raw.image(image, block.convolution.outputCount)
          block.convolution.run(input.image(image, block.convolution.inputCount), weights, into: out)
          let (mean, squares) = BatchNorm.halves(partial, image, block.outputs)
          NeuralKernels.moments(
            out[block.pool.insideStart..<out.count], block.pool.inside, mean: mean, squares: squares)
        }
      }
      norm.settle(
        counts: batch.map { _ in block.height * block.width }, values: store.values, momentum: step.momentum)
      let (scale, offset) = (norm.scale, norm.offset)
      let pooled = index + 1 < blocks.count ? memory[index + 1].input : stack.input
      workers.run(groups.count) { group in
        for image in groups[group] {
          block.pool.run(
            raw.image(image, block.convolution.outputCount), scale: scale, shift: offset,
            into: pooled.image(image, block.pool.outputCount))
        }
      }
    }
    return stack.forward(batch.count, step)
  }

  private func place(_ batch: ArraySlice<Int32>, _ epoch: Int) {
    let groups = groups(batch.count)
    let (images, input, first, shape, augmentation) = (images, memory[0].input, batch.startIndex, shape, augmentation)
    let (count, extent) = (shape.height * shape.width * shape.channels, blocks[0].convolution.inputCount)
    workers.run(groups.count) { group in
      for place in groups[group] {
        let row = Int(batch[first + place])
        NeuralImages.place(
          images.image(row, count), height: shape.height, width: shape.width, augmentation.placement(row, epoch: epoch),
          into: input.image(place, extent))
      }
    }
  }

  func backward(_ batch: ArraySlice<Int32>, _ step: StepSeed) {
    stack.backward(batch.count, step, inputs: 0..<stack.shape.inputWidth, into: denseGradient)
    let groups = groups(batch.count)
    for index in blocks.indices.reversed() {
      let pooled = index + 1 < blocks.count ? memory[index + 1].inputGradient ?? denseGradient : denseGradient
      unpool(index, pooled, groups)
      memory[index].norm.settleBackward(
        blockCount: groups.count, rowCount: batch.count * blocks[index].height * blocks[index].width,
        gradients: store.gradients)
      differentiate(index, groups)
    }
  }

  private func unpool(_ index: Int, _ pooled: NeuralBuffer, _ groups: [Range<Int>]) {
    let block = blocks[index]
    let (raw, gradient, norm) = (memory[index].raw, memory[index].gradient, memory[index].norm)
    let (values, offset, partial) = (norm.norm, norm.offset, norm.partial)
    workers.run(groups.count) { group in
      let sums = partial.image(group, 2 * block.outputs)
      sums.fill(0)
      for image in groups[group] {
        block.pool.runBackward(
          raw.image(image, block.convolution.outputCount), values, shift: offset,
          gradient: pooled.image(image, block.pool.outputCount),
          into: gradient.image(image, block.convolution.outputCount), sums: sums)
      }
    }
  }

  /// Through the normalisation and the convolution of one block.
  private func differentiate(_ index: Int, _ groups: [Range<Int>]) {
    let block = blocks[index]
    let place = memory[index]
    let (input, raw, gradient, partial) = (place.input, place.raw, place.gradient, place.partial)
    let (norm, means, before, turned) = (place.norm.norm, place.norm.means, place.inputGradient, place.turned)
    if before != nil { block.convolution.turn(store.values[block.weights], into: turned.whole) }
    workers.run(groups.count) { group in
      let sums = partial.image(group, block.weights.count)
      sums.fill(0)
      for image in groups[group] {
        let out = gradient.image(image, block.convolution.outputCount)
        let scores = raw.image(image, block.convolution.outputCount)
        let inside = block.pool.insideStart..<out.count
        NeuralKernels.normBackward(gradient: out[inside], scores[inside], block.pool.inside, norm, means: means)
        block.convolution.addWeightGradient(
          input.image(image, block.convolution.inputCount), gradient: out, to: sums)
        if let before {
          block.convolution.turned.run(out, turned.whole, into: before.image(image, block.convolution.inputCount))
        }
      }
    }
    let total = store.gradients[block.weights]
    total.fill(0)
    for group in groups.indices {
      NeuralKernels.add(partial.image(group, block.weights.count), times: 1, to: total)
    }
  }
}

extension NeuralBuffer {
  /// The `index`-th of adjacent stretches of `count` numbers.
  func image(_ index: Int, _ count: Int) -> NeuralRegion { self[(index * count)..<((index + 1) * count)] }
}
