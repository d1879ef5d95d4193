import Basics
import Evaluation
import Modeling
import Tuning

extension CandidateSearch {
  /// A mixture among `SearchExtent.excluded`.
  static let mixture = -1

  /// Algorithms that cannot promise what is asked.
  ///
  /// - Throws: `.invalidParameter` when one of them was asked for.
  func excludedAlgorithms() throws -> [String] {
    try terms.excluded(
      table.reading.task, named: training.algorithms, isPlanned: preparation.steps == nil, context.registry)
  }

  /// The value of a trial, or why its candidate cannot be chosen. The baseline stays: it is what others must beat.
  func admitted(
    _ outcome: TrialOutcome, _ candidate: Candidate, _ judged: JudgedCandidate, isBaseline: Bool
  ) -> Swift.Result<Double?, any Error> {
    guard !isBaseline,
      let breach = terms.breach(rowMicroseconds: judged.rowMicroseconds, sizeBytes: judged.sizeBytes)
    else { return .success(outcome.value) }
    return .failure(MLError(.invalidParameter, "\(candidate.algorithm) \(breach)."))
  }

  /// What is kept of the judged candidates; those that `extent` excludes cannot be.
  ///
  /// - Throws: `.invalidData` when no candidate has a defined metric, `.invalidParameter` when none keeps the limits.
  func decided(_ judged: [JudgedCandidate], _ folds: FoldRounds, _ extent: SearchExtent) throws -> Result {
    var marked = judged
    for index in extent.excluded where marked.indices.contains(index) {
      marked[index].result.failure = "\(judged[index].candidate.algorithm) breaks a limit once fitted on all rows."
    }
    let judged = marked
    let results = judged.map(\.result)
    let first = try Selection.choose(results, metric: metric, baseline: 0)
    let depth = results[first.index].folds.count
    let complete = results.indices.filter { $0 != 0 && results[$0].isEligible && results[$0].folds.count == depth }
    if terms.hasLimits, complete.isEmpty, results.dropFirst().contains(where: { $0.failure != nil }) {
      throw unreachable(judged)
    }
    let selection = first.moved(
      towards: terms.preference, results, costs: costs(judged, complete), metric: metric, baseline: 0)
    let heldOut =
      folds.isChronological || depth < folds.firstRoundCount ? OutOfFold.heldOut(judged[selection.index].parts) : nil
    let known = heldOut.map { table.training.gathered($0) } ?? table.training
    let rowCount = table.training.rowCount
    let outOfFold = try ([selection.index] + complete.filter { $0 != selection.index }).map { index in
      (index: index, outOfFold: try OutOfFold.assemble(judged[index].parts, rowCount: rowCount, kept: heldOut))
    }
    let mayMix = terms.preference == .accuracy && !extent.excluded.contains(Self.mixture)
    let members = try CommitteeSelection(
      predictions: mayMix ? outOfFold : Array(outOfFold.prefix(1)), target: known.target, weights: known.weights,
      metric: metric, seed: context.seed, workers: context.workers, allows: { terms.breach(of: $0, judged) == nil }
    ).members(start: selection.index, standardError: results[selection.index].standardError)
    let parts = members.compactMap { member in outOfFold.first { $0.index == member.index }?.outOfFold }
    var sentence = selection.why
    if members.count > 1 {
      sentence +=
        " A mixture of \(members.count) candidates is better still on rows they had not seen; it is what is kept."
    }
    return Result(
      judged: judged, chosen: selection.index, sentence: sentence,
      outOfFold: try Committee.mean(parts, members.map(\.weight)), heldOut: heldOut, folds: folds,
      classWeight: training.classWeight, members: members, rows: table.training, extent: extent,
      excluded: try excludedAlgorithms())
  }

  /// What candidates reach and cost.
  func costs(_ judged: [JudgedCandidate], _ places: [Int]) -> [CandidateCost] {
    places.compactMap { index in
      judged[index].result.mean.map {
        CandidateCost(
          index: index, value: $0, rowMicroseconds: judged[index].rowMicroseconds, sizeBytes: judged[index].sizeBytes)
      }
    }
  }

  private func unreachable(_ judged: [JudgedCandidate]) -> MLError {
    let quickest = judged.dropFirst().compactMap(\.rowMicroseconds).min()
    let smallest = judged.dropFirst().compactMap(\.sizeBytes).min()
    var reached: [String] = []
    if terms.constraints.rowMicroseconds != nil, let quickest {
      reached.append("the quickest takes \(TrainingConstraints.text(microseconds: quickest)) a row")
    }
    if terms.constraints.sizeBytes != nil, let smallest {
      reached.append("the smallest makes \(TrainingConstraints.text(bytes: smallest + terms.overheadBytes))")
    }
    let first = judged.dropFirst().lazy.compactMap(\.result.failure).first ?? ""
    return MLError(
      .invalidParameter,
      "train: none of \(judged.count - 1) candidates keeps the limits"
        + (reached.isEmpty ? ". First failure: \(first)" : "; \(reached.joined(separator: ", "))."),
      hint: "Allow more, or name quicker algorithms with --algorithm.", field: "constraints")
  }
}

extension TrainingTerms {
  /// Why these candidates cannot answer together; `nil` when they can: time and bytes add up.
  func breach(of members: Set<Int>, _ judged: [JudgedCandidate]) -> String? {
    breach(
      rowMicroseconds: members.sorted().reduce(0) { $0 + (judged[$1].rowMicroseconds ?? 0) },
      sizeBytes: members.reduce(0) { $0 + (judged[$1].sizeBytes ?? 0) })
  }
}
