package import Basics
import Frames
package import Lifecycle
import Modeling
import Storage

/// Reads request bodies under a model's contract.
package struct ModelRowDecoder: Sendable {
  private let decoder: RowDecoder
  /// Most rows in one request.
  static let maximumRowCount = 100_000

  init(_ archive: ModelArchive) { decoder = RowDecoder(contract: archive.contract) }

  /// - Throws: `.invalidData` or `.schemaMismatch` with the field and what was expected.
  func frame(_ body: [UInt8]) throws -> Frame {
    let frame = try decoder.decode(body: body).frame
    guard frame.rowCount > 0 else {
      throw MLError(
        .invalidData, "request: must hold at least one row.", hint: #"Send {"rows": [{…}]}."#, field: "rows")
    }
    guard frame.rowCount <= Self.maximumRowCount else {
      throw MLError(
        .tooLarge, "request: must hold at most \(Self.maximumRowCount) rows; got \(frame.rowCount).",
        hint: "Send them in parts, or use apus predict for files.", field: "rows")
    }
    return frame
  }
}

/// Scores requests with the champion and logs what it said.
package struct PredictionService: Sendable {
  let models: WarmModels
  let writer: PredictionWriter
  let clock: any WallClock

  /// Scores with `models` and logs with `writer`.
  package init(models: WarmModels, writer: PredictionWriter, clock: any WallClock) {
    self.models = models
    self.writer = writer
    self.clock = clock
  }

  /// The reply to a request: `{"model", "predictions": [{"id", "prediction", "probability_<class>"…}]}`.
  ///
  /// Every id in it is in the prediction log when this returns.
  package func reply(
    model name: String, body: [UInt8], endpoint: String, explains: Bool = false, caution: Caution = Caution()
  ) async throws -> [UInt8] {
    let start = ContinuousClock.now
    let model = try models.model(name)
    let frame = try model.decoder.frame(body)
    let predictions = try model.archive.score(frame)
    let cautious = try CautiousAnswers(model.archive, caution)?.answers(frame, predictions)
    let shares = explains ? try Self.shares(model.archive, frame) : nil
    let now = clock.now()
    let codes = predictions.classCodes
    let elapsed = (ContinuousClock.now - start).components
    let perRow = Int(elapsed.attoseconds / 1_000_000_000_000 + elapsed.seconds * 1_000_000) / max(1, frame.rowCount)
    var records: [PredictionRecord] = []
    records.reserveCapacity(frame.rowCount)
    var out: [UInt8] = Array(#"{"model":"#.utf8)
    JSONValue.write(model.version.reference, into: &out)
    out += Array(#","predictions":["#.utf8)
    let keys = predictions.classes.map { "probability_\($0)" }
    for row in 0..<frame.rowCount {
      let id = PredictionID.make(at: now)
      let probabilities = Self.probabilities(predictions, row)
      if row > 0 { out.append(44) }
      Self.write(
        id, cautious?.isOpen?[row] == true ? nil : Self.outcome(predictions, row, codes), predictions, row, keys,
        probabilities, into: &out)
      if let cautious { Self.add(cautious, row, to: &out) }
      if let shares { Self.add("explanation", shares.json(row: row), to: &out) }
      records.append(
        PredictionRecord(
          id: id, model: model.version.model, version: model.version.version, endpoint: endpoint, time: now,
          features: Self.text(frame, row), prediction: Self.outcome(predictions, row, codes),
          probabilities: probabilities, latencyMicroseconds: perRow))
    }
    out += [93, 125]
    try await writer.append(records)
    return out
  }

  /// Rows of one request that are explained at most.
  static let maximumExplained = 100

  private static func shares(_ archive: ModelArchive, _ frame: Frame) throws -> RowExplanations {
    guard frame.rowCount <= maximumExplained else {
      throw MLError(
        .invalidParameter, "predict: at most \(maximumExplained) rows are explained at once; got \(frame.rowCount).",
        hint: "Send fewer rows, or leave 'explain' out.", field: "explain")
    }
    let context = LifecycleContext(workers: .serial, actor: "server")
    return try Explainer(archive, context: context).explain(frame)
  }

  /// Puts one more member into the object that `out` ends with.
  private static func add(_ name: String, _ value: JSONValue, to out: inout [UInt8]) {
    out.removeLast()
    out.append(44)
    JSONValue.write(name, into: &out)
    out.append(58)
    value.write(into: &out)
    out.append(125)
  }

  private static func add(_ answers: CautiousAnswers.Answers, _ row: Int, to out: inout [UInt8]) {
    if let low = answers.low, let high = answers.high {
      add("low", .finite(low[row]), to: &out)
      add("high", .finite(high[row]), to: &out)
    }
    if let sets = answers.sets { add("set", .array(sets[row].map { .string($0) }), to: &out) }
  }

  private static func text(_ frame: Frame, _ row: Int) -> String {
    var bytes: [UInt8] = []
    RowJSON.object(frame, row).write(into: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func probabilities(_ predictions: Predictions, _ row: Int) -> [Double] {
    guard case .probabilities(let values, let classes) = predictions.storage else { return [] }
    return Array(values[(row * classes.count)..<((row + 1) * classes.count)])
  }

  private static func outcome(_ predictions: Predictions, _ row: Int, _ codes: [Int32]) -> Outcome {
    if predictions.values != nil, predictions.decisions != nil {
      return .text(PredictionRows.anomalyNames[Int(codes[row])])
    }
    if let values = predictions.values { return .number(values[row]) }
    return .text(predictions.classes[Int(codes[row])])
  }

  private static func write(
    _ id: String, _ outcome: Outcome?, _ predictions: Predictions, _ row: Int, _ keys: [String],
    _ probabilities: [Double], into out: inout [UInt8]
  ) {
    out += Array(#"{"id":""#.utf8)
    out += Array(id.utf8)
    out += Array(#"","prediction":"#.utf8)
    switch outcome {
    case .number(let value): JSONValue.write(value, into: &out)
    case .text(let text): JSONValue.write(text, into: &out)
    case nil: JSONValue.null.write(into: &out)
    }
    if let scores = predictions.values, predictions.decisions != nil {
      out += Array(#","score":"#.utf8)
      JSONValue.write(scores[row], into: &out)
    }
    for (key, value) in zip(keys, probabilities) {
      out.append(44)
      JSONValue.write(key, into: &out)
      out.append(58)
      JSONValue.write(value, into: &out)
    }
    out.append(125)
  }
}
