import Basics
import Kernels

/// Where each weight of a network lies in one long list.
struct ParameterLayout {
  /// Weights that move at every step.
  struct Entry: Sendable {
    var range: Range<Int>
    /// Whether weight decay pulls them to zero.
    var decays: Bool
  }
  /// Rows of weights of which a step moves only those that its minibatch looks up.
  struct Table: Sendable {
    var range: Range<Int>
    var width: Int
    var rowCount: Int { width == 0 ? 0 : range.count / width }
  }
  private(set) var entries: [Entry] = []
  private(set) var tables: [Table] = []
  private(set) var count = 0

  /// Room for `count` weights.
  mutating func add(_ count: Int, decays: Bool) -> Range<Int> {
    let range = self.count..<(self.count + count)
    self.count += count
    entries.append(Entry(range: range, decays: decays))
    return range
  }

  /// Room for a table.
  mutating func addTable(rowCount: Int, width: Int) -> Table {
    let table = Table(range: count..<(count + rowCount * width), width: width)
    count += rowCount * width
    tables.append(table)
    return table
  }
}

/// How far and by which rule a step goes.
struct StepRule: Sendable {
  var optimizer: NeuralOptimizer
  var rate: Double
  var decay: Double
  /// Steps taken, this one included.
  var index: Int
}

/// The optimisers a network learns by.
public enum NeuralOptimizer: String, Sendable, Hashable, Codable, CaseIterable {
  /// Adam with decoupled weight decay.
  case adamw
  /// Adam; weight decay is a square penalty.
  case adam
  /// Gradient descent with momentum 0.9; weight decay is a square penalty.
  case sgd
}

/// All weights of a network, their gradients and the optimiser's memory.
final class ParameterStore {
  let layout: ParameterLayout
  let values: NeuralBuffer
  let gradients: NeuralBuffer
  let first: NeuralBuffer
  let second: NeuralBuffer
  private let pieces: [ParameterLayout.Entry]
  /// Rows of each table that the present minibatch looks up, in order of first appearance.
  private(set) var touched: [[Int32]]
  private var stamps: [[Int32]]
  private var stamp: Int32 = 0

  init(_ layout: ParameterLayout) {
    self.layout = layout
    values = NeuralBuffer(count: layout.count)
    gradients = NeuralBuffer(count: layout.count)
    first = NeuralBuffer(count: layout.count)
    second = NeuralBuffer(count: layout.count)
    pieces = layout.entries.flatMap { entry in
      Workers.blocks(entry.range.count, minimum: 1 << 14, maximumCount: .max).map {
        .init(
          range: ($0.lowerBound + entry.range.lowerBound)..<($0.upperBound + entry.range.lowerBound),
          decays: entry.decays)
      }
    }
    touched = layout.tables.map { _ in [] }
    stamps = layout.tables.map { [Int32](repeating: 0, count: $0.rowCount) }
  }

  /// Forgets which rows were touched.
  func beginStep() {
    stamp &+= 1
    for table in touched.indices { touched[table].removeAll(keepingCapacity: true) }
  }

  /// Notes that the minibatch looks up `row` of a table, whose gradient starts at zero.
  func touch(_ row: Int32, ofTable table: Int) {
    if stamps[table][Int(row)] == stamp { return }
    stamps[table][Int(row)] = stamp
    touched[table].append(row)
    gradients[range(row, ofTable: table)].fill(0)
  }

  /// Weights of one row of a table.
  func range(_ row: Int32, ofTable table: Int) -> Range<Int> {
    let place = layout.tables[table]
    let start = place.range.lowerBound + Int(row) * place.width
    return start..<(start + place.width)
  }

  /// Moves every weight, of tables the touched rows.
  func step(_ rule: StepRule, _ workers: Workers) {
    let all = NeuralParameters(
      values: values.whole, gradients: gradients.whole, first: first.whole, second: second.whole)
    let pieces = pieces
    if pieces.count < 4 || workers.count == 1 {
      for piece in pieces { rule.apply(to: all[piece.range], decays: piece.decays) }
    } else {
      let groups = Workers.blocks(pieces.count, minimum: 4, maximumCount: 4 * workers.count)
      workers.run(groups.count) { group in
        for piece in pieces[groups[group]] { rule.apply(to: all[piece.range], decays: piece.decays) }
      }
    }
    for table in touched.indices {
      for row in touched[table] { rule.apply(to: all[range(row, ofTable: table)], decays: true) }
    }
  }
}

extension StepRule {
  func apply(to parameters: NeuralParameters, decays: Bool) {
    let decay = decays ? decay : 0
    switch optimizer {
    case .adamw:
      parameters.adam(NeuralAdamStep(rate: rate, betas: (0.9, 0.999), index: index, l2: 0, decay: rate * decay))
    case .adam:
      parameters.adam(NeuralAdamStep(rate: rate, betas: (0.9, 0.999), index: index, l2: decay, decay: 0))
    case .sgd: parameters.momentum(rate: rate, l2: decay, decay: 0)
    }
  }
}
