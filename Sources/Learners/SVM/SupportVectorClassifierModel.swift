public import Basics
public import Frames
public import Modeling

/// Machines for pairs of classes over shared support rows.
public struct SupportVectorClassifierModel: FittedModel {
  /// A machine; above 0 speaks for `first`.
  struct Machine: Sendable {
    var first: Int
    var second: Int
    var support: [Int32]
    var coefficients: [Double]
    var rho: Double
    var slope: Double
    var shift: Double
    var objective: Double
  }

  let scale: RowScale
  let support: SupportRows
  let classes: [String]
  let machines: [Machine]
  /// Classes with training rows.
  let present: [Int]
  /// Whether every machine reached its tolerance.
  package let isConverged: Bool

  /// The columns it needs.
  public var schema: Schema { scale.schema }
  /// Value of the dual objective of each machine, pairs in class order.
  package var objectives: [Double] { machines.map(\.objective) }
  /// Support rows of all machines together.
  package var supportCount: Int { support.count }

  init(scale: RowScale, task: KernelTask, classes: [String], machines: [PairFitting.Machine], _ data: TrainingData) {
    self.scale = scale
    self.classes = classes
    let used = Set(machines.flatMap(\.expansion.support)).sorted()
    let places = Dictionary(zip(used, used.indices.map { Int32($0) }), uniquingKeysWith: { first, _ in first })
    support = SupportRows(
      kernel: task.kernel, rows: task.gathered(used.map { Int($0) }), count: used.count, width: task.width)
    self.machines = machines.map { machine in
      Machine(
        first: machine.first, second: machine.second, support: machine.expansion.support.map { places[$0] ?? 0 },
        coefficients: machine.expansion.coefficients, rho: machine.expansion.rho, slope: machine.slope,
        shift: machine.shift, objective: machine.expansion.objective)
    }
    isConverged = machines.allSatisfy(\.expansion.isConverged)
    var seen = [Bool](repeating: false, count: classes.count)
    if case .classes(let codes, _) = data.target { for code in codes { seen[Int(code)] = true } }
    present = seen.indices.filter { seen[$0] }
  }

  /// Values of the machines, row-major `[rowCount, pairs]`, pairs of classes in order; above 0 speaks for the first.
  package func decisionValues(_ frame: Frame) throws -> [Double] {
    let queries = try scale.rows(of: frame, owner: SupportVectorClassifier.card.name)
    return support.values(
      of: queries, rowCount: frame.rowCount, machines: machines.map { ($0.support, $0.coefficients, $0.rho) })
  }

  /// Coupled probabilities.
  public func predict(_ frame: Frame) throws -> Predictions {
    let values = try decisionValues(frame)
    var out = [Double](repeating: 0, count: frame.rowCount * classes.count)
    var place = [Int](repeating: 0, count: classes.count)
    for (index, k) in present.enumerated() { place[k] = index }
    var pairs = [[Double]](repeating: [Double](repeating: 0, count: present.count), count: present.count)
    for row in 0..<frame.rowCount {
      for (index, machine) in machines.enumerated() {
        let score = machine.slope * values[row * machines.count + index] + machine.shift
        let probability = min(max(Mathematics.logistic(-score), 1e-7), 1 - 1e-7)
        pairs[place[machine.first]][place[machine.second]] = probability
        pairs[place[machine.second]][place[machine.first]] = 1 - probability
      }
      for (index, probability) in PairwiseCoupling.probabilities(pairs).enumerated() {
        out[row * classes.count + present[index]] = min(1, max(0, probability))
      }
    }
    return Predictions(.probabilities(out, classes: classes))
  }
}

extension SupportVectorClassifierModel {
  /// Adds scale, kernel, support rows and machines.
  public func write(to archive: inout ArchiveWriter) throws {
    try scale.write(to: &archive)
    archive.set("kernel", try Configuration.encode(support.kernel))
    archive.set("is_converged", .boolean(isConverged))
    archive.add("classes", strings: classes)
    archive.add("present", int32s: present.map { Int32($0) })
    archive.add("support_rows", doubles: support.rows)
    archive.add("pairs", int32s: machines.flatMap { [Int32($0.first), Int32($0.second), Int32($0.support.count)] })
    archive.add("support", int32s: machines.flatMap(\.support))
    archive.add("coefficients", doubles: machines.flatMap(\.coefficients))
    archive.add("numbers", doubles: machines.flatMap { [$0.rho, $0.slope, $0.shift, $0.objective] })
  }

  /// Reads what `write` wrote.
  public init(from archive: ArchiveReader) throws {
    scale = try RowScale(from: archive)
    classes = try archive.strings("classes")
    isConverged = try archive.value("is_converged") == .boolean(true)
    support = try SupportRows(from: archive, width: scale.width)
    let classCount = classes.count
    present = try archive.int32s("present").map { Int($0) }
    let pairs = try archive.int32s("pairs").map { Int($0) }
    let places = try archive.int32s("support")
    let coefficients = try archive.finiteDoubles("coefficients", count: places.count)
    guard !present.isEmpty, zip(present, present.dropFirst()).allSatisfy({ $0 < $1 }), present[0] >= 0,
      present[present.count - 1] < classCount, present.count < 1 << 16,
      pairs.count == 3 * (present.count * (present.count - 1) / 2)
    else { throw archive.corrupt("holds machines that do not fit the classes") }
    let numbers = try archive.finiteDoubles("numbers", count: pairs.count / 3 * 4)
    var machines: [Machine] = []
    var start = 0
    for first in present.indices {
      for second in present.indices where second > first {
        let base = machines.count
        let count = pairs[base * 3 + 2]
        guard pairs[base * 3] == present[first], pairs[base * 3 + 1] == present[second], count >= 0,
          count <= places.count - start
        else { throw archive.corrupt("holds machines that do not fit the classes") }
        machines.append(
          Machine(
            first: present[first], second: present[second], support: Array(places[start..<(start + count)]),
            coefficients: Array(coefficients[start..<(start + count)]), rho: numbers[base * 4],
            slope: numbers[base * 4 + 1], shift: numbers[base * 4 + 2], objective: numbers[base * 4 + 3]))
        start += count
      }
    }
    guard start == places.count, (places.min() ?? 0) >= 0, Int(places.max() ?? -1) < support.count else {
      throw archive.corrupt("holds support rows that do not exist")
    }
    self.machines = machines
  }
}

extension SupportRows {
  /// Reads kernel and rows.
  init(from archive: ArchiveReader, width: Int) throws {
    let kernel = try Configuration.decode(KernelFunction.self, from: archive.value("kernel"))
    let rows = try archive.doubles("support_rows")
    guard rows.count % width == 0, rows.allSatisfy({ abs($0) <= RowScale.limit }), kernel.gamma.isFinite,
      kernel.gamma > 0, kernel.offset.isFinite, (1...10).contains(kernel.degree)
    else { throw archive.corrupt("holds support rows that do not fit") }
    self.init(kernel: kernel, rows: rows, count: rows.count / width, width: width)
  }
}
