public import Basics
public import Frames
public import Modeling

/// The steps a table needs before a given algorithm, and why, in plain words.
public struct PreparationPlan: Sendable {
  /// Steps in order, not fitted.
  public var steps: [any Transform]
  /// One sentence a decision; names and counts, never cell values.
  public var sentences: [String]

  /// A plan of these steps.
  public init(steps: [any Transform], sentences: [String] = []) {
    self.steps = steps
    self.sentences = sentences
  }

  /// The automatic plan: from kinds and statistics of training columns and from what the algorithm takes as it is.
  ///
  /// - Parameters:
  ///   - frame: Training rows without the target.
  ///   - target: Their truth; steps that look at it do so inside folds only.
  ///   - card: Card of the algorithm that will learn.
  public static func make(
    frame: Frame, target: Target, task: Task, for card: Card, workers: Workers = .serial
  ) throws -> PreparationPlan {
    let summaries = try workers.map(frame.columns.count) { ColumnSummary(frame.columns[$0]) }
    let constants = try workers.map(frame.columns.count) { DropConstant.isConstant(frame.columns[$0]) }
    var builder = PlanBuilder(
      capabilities: card.capabilities, task: task, rowCount: frame.rowCount)
    for (index, field) in frame.schema.fields.enumerated() {
      builder.sort(field.name, summaries[index], isConstant: constants[index])
    }
    return builder.plan()
  }

  /// The steps as JSON: `[{"transform": name, …settings other than the defaults}]`.
  public func json() throws -> JSONValue {
    func settings<T: Transform>(_ step: T) throws -> [(String, JSONValue)] {
      let defaults = try Configuration.encode(T())
      let all = try Configuration.encode(step).objectValue ?? []
      return all.filter { $0.1 != defaults[$0.0] }
    }
    return .array(
      try steps.map { step in
        .object([("transform", .string(type(of: step).card.name))] + (try settings(step)))
      })
  }

  /// Steps from JSON as `json` writes it; a bare name stands for a step with its defaults.
  ///
  /// - Throws: `.invalidParameter` naming an unknown step or setting.
  public init(json: JSONValue, registry: Registry) throws {
    guard case .array(let list) = json else {
      throw MLError(
        .invalidParameter, "prepare: must be a list of steps.", hint: "Write [{\"transform\": \"impute\"}].",
        field: "prepare")
    }
    let steps = try list.enumerated().map { index, entry -> any Transform in
      if let name = entry.stringValue { return try registry.transform(name) }
      guard case .object(let pairs) = entry, let name = entry["transform"]?.stringValue else {
        throw MLError(
          .invalidParameter, "prepare: step \(index + 1) must have 'transform', the name of a step.",
          hint: "Write {\"transform\": \"impute\"}.", field: "prepare")
      }
      return try registry.transform(name, settings: .object(pairs.filter { $0.0 != "transform" }))
    }
    self.init(steps: steps)
  }
}

/// Sorts columns by what they need, then writes the steps.
struct PlanBuilder {
  let capabilities: Set<Capability>
  let isSupervised: Bool
  /// Categories become columns of yes and no, where a sparse vector is not taken.
  private let takesIndicators: Bool
  let rowCount: Int

  private var sentences: [String] = []
  private var dropped: [String] = []
  private var dates: [String] = []
  private var texts: [String] = []
  private var pieces: [String] = []
  private var fewLevels: [String] = []
  private var manyLevels: [String] = []
  private var hugeLevels: [String] = []
  private var numbers: [String] = []
  private var missingNumbers: [String] = []

  init(capabilities: Set<Capability>, task: Task, rowCount: Int) {
    self.capabilities = capabilities
    isSupervised = task == .classification || task == .regression
    // A detector of rare values would take the mark of any rare category for an alarm.
    takesIndicators = !capabilities.contains(.handlesVectors) && task != .anomaly
    self.rowCount = rowCount
  }

  /// Spread of numbers beside weights of words, which have length 1 in a row: numbers that outweigh them make linear
  /// models slow to fit and no better.
  private static let spreadBesideText = 0.2
  /// Timestamps above which pairs of them are too many.
  private static let pairedDatesLimit = 5
  /// Categories above which a column gets no feature for each.
  private let fewLevelsLimit = 50
  /// Categories above which trees get rare ones joined, and categories that are kept at most.
  private let hugeLevelsLimit = 1000
  private let keptLevelsLimit = 30_000

  mutating func sort(_ name: String, _ summary: ColumnSummary, isConstant: Bool) {
    let isPixel = capabilities.contains(.readsPixels) && [.number, .integer, .boolean].contains(summary.kind)
    if isConstant, !isPixel {
      let what = summary.presentCount == 0 ? "holds no value" : "holds one value only"
      leave(name, "\(what) in \(rowCount) rows")
    } else if !isPixel, let reason = DropIds.reason(name, summary) {
      leave(name, reason)
    } else {
      switch summary.kind {
      case .number, .integer, .boolean:
        numbers.append(name)
        if summary.missingCount > 0 { missingNumbers.append(name) }
      case .timestamp: dates.append(name)
      case .text: sortText(name, summary)
      case .category: sortCategory(name, summary)
      case .vector: if !capabilities.contains(.handlesVectors) { leave(name, "is a vector") }
      }
    }
  }

  private mutating func leave(_ name: String, _ reason: String) {
    dropped.append(name)
    sentences.append("'\(name)' \(reason): left out.")
  }

  private mutating func sortText(_ name: String, _ summary: ColumnSummary) {
    if !capabilities.contains(.handlesVectors) {
      leave(name, "is free text, which this algorithm cannot take")
    } else if summary.wordsPerCell < 6, isPieced(summary) {
      pieces.append(name)
    } else {
      texts.append(name)
    }
  }

  private mutating func sortCategory(_ name: String, _ summary: ColumnSummary) {
    if isPieced(summary), capabilities.contains(.handlesVectors) {
      pieces.append(name)
    } else if capabilities.contains(.handlesCategories) {
      if summary.distinctCount > hugeLevelsLimit { hugeLevels.append(name) }
    } else if summary.distinctCount <= fewLevelsLimit, takesIndicators || capabilities.contains(.handlesVectors) {
      fewLevels.append(name)
    } else {
      manyLevels.append(name)
    }
  }

  /// Whether cells are mostly different but made of pieces that repeat, such as names, addresses or part numbers.
  private func isPieced(_ summary: ColumnSummary) -> Bool {
    summary.distinctCount > fewLevelsLimit && summary.distinctCount * 3 > summary.presentCount
      && (summary.wordsPerCell >= 1.5 || summary.mixedShare > 0.3)
  }

  // MARK: Steps

  func plan() -> PreparationPlan {
    var plan = PreparationPlan(steps: [], sentences: sentences)
    if !dropped.isEmpty { plan.steps.append(Drop(columns: dropped)) }
    addDates(&plan)
    addTexts(&plan)
    addCategories(&plan)
    addNumbers(&plan)
    if takesIndicators, !fewLevels.isEmpty {
      // After the scale: a rare category at unit variance would outweigh everything else in a distance.
      plan.steps.append(OneHot(columns: fewLevels, layout: .columns))
    }
    if numbers.isEmpty, dates.isEmpty, texts.isEmpty, pieces.isEmpty, plan.steps.count <= 1, fewLevels.isEmpty,
      manyLevels.isEmpty, !dropped.isEmpty, !capabilities.contains(.handlesCategories)
    {
      plan.sentences.append("No column is left to learn from.")
    }
    return plan
  }

  private func addDates(_ plan: inout PreparationPlan) {
    guard !dates.isEmpty else { return }
    let isPaired = (2...Self.pairedDatesLimit).contains(dates.count)
    if isPaired {
      plan.steps.append(TimeBetween(columns: dates))
      plan.sentences.append("\(Self.list(dates)): seconds between them added.")
    }
    // A distance over the parts of several near timestamps would be of little else.
    let parted = takesIndicators && isPaired ? [dates[0]] : dates
    plan.steps.append(DateParts(columns: parted))
    plan.sentences.append("\(Self.list(parted)): taken apart into year, month, weekday, time of day and days passed.")
    let rest = dates.filter { !parted.contains($0) }
    guard !rest.isEmpty else { return }
    plan.steps.append(Drop(columns: rest))
    plan.sentences.append("\(Self.list(rest)): kept as the seconds between alone, which say the rest.")
  }

  private func addTexts(_ plan: inout PreparationPlan) {
    let all = texts + pieces
    guard !all.isEmpty else { return }
    let isForTrees = capabilities.contains(.handlesCategories)
    plan.steps.append(TextStatistics(columns: all))
    if !texts.isEmpty {
      plan.steps.append(
        TextFeatures { step in
          step.columns = texts
          step.words = isForTrees ? 1 : 2
          step.characters = isForTrees ? 0 : 5
          step.minimumRows = isForTrees ? max(3, rowCount / 500) : 2
          step.maximumFeatures = isForTrees ? 300 : 50_000
        })
      let what = isForTrees ? "up to 300 words" : "words, pairs of words and runs of 3 to 5 characters"
      plan.sentences.append("\(Self.list(texts)): text turned into weights of \(what), and its length and make-up.")
    }
    if !pieces.isEmpty {
      plan.steps.append(
        TextFeatures { step in
          step.columns = pieces
          step.words = 1
          step.splitNumbers = true
          step.weighting = .presence
          step.minimumRows = max(5, rowCount / 100)
          step.maximumFeatures = 100
        })
      plan.sentences.append(
        "\(Self.list(pieces)): cells mostly differ but are made of pieces; the frequent pieces become features.")
    }
  }

  private func addCategories(_ plan: inout PreparationPlan) {
    if !hugeLevels.isEmpty {
      plan.steps.append(GroupRare(columns: hugeLevels, minimumCount: 5, maximumLevels: keptLevelsLimit))
      plan.sentences.append(
        "\(Self.list(hugeLevels)): more than \(hugeLevelsLimit) categories; those in fewer than 5 rows are joined.")
    }
    if !fewLevels.isEmpty {
      let least = rowCount >= 1000 ? 10 : 3
      plan.steps.append(GroupRare(columns: fewLevels, minimumCount: least))
      if !takesIndicators { plan.steps.append(OneHot(columns: fewLevels)) }
      plan.sentences.append(
        "\(Self.list(fewLevels)): one feature for each category; those in fewer than \(least) rows are joined.")
    }
    guard !manyLevels.isEmpty else { return }
    if isSupervised {
      plan.steps.append(TargetEncode(columns: manyLevels))
      plan.sentences.append(
        "\(Self.list(manyLevels)): replaced by the mean target of each category, measured out of fold.")
    } else {
      plan.steps.append(Ordinal(columns: manyLevels, order: .frequency))
      plan.sentences.append("\(Self.list(manyLevels)): categories numbered by how frequent they are.")
    }
  }

  private func addNumbers(_ plan: inout PreparationPlan) {
    let hasMade = !dates.isEmpty || !texts.isEmpty || !pieces.isEmpty || !manyLevels.isEmpty
    guard !numbers.isEmpty || hasMade else { return }
    let spread = texts.isEmpty ? 1 : Self.spreadBesideText
    // Where distances count, marks of missing cells come after the scale: at unit variance a rare one outweighs all.
    if takesIndicators { plan.steps.append(Scale(spread: spread)) }
    if !capabilities.contains(.handlesMissing) {
      // Without a truth to tell them otherwise, distances would take a rare mark for the most telling column.
      plan.steps.append(Impute(indicator: isSupervised))
      if !missingNumbers.isEmpty {
        let marked = isSupervised ? ", and marked" : ""
        plan.sentences.append("\(Self.list(missingNumbers)): missing cells filled with the median\(marked).")
      }
    }
    if !capabilities.contains(.scaleInvariant) {
      if !takesIndicators { plan.steps.append(Scale(spread: spread)) }
      plan.sentences.append("Numbers: brought to mean 0 and standard deviation \(NumberText.shortest(spread)).")
    }
  }

  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(6).map { "'\($0)'" }.joined(separator: ", ")
    return names.count > 6 ? "\(shown) and \(names.count - 6) more" : shown
  }
}
