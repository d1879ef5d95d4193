package import Basics

/// A number and the interval it lies in with 95 % confidence, where there is one.
package struct Measured: Sendable, Hashable {
  /// The estimate.
  package var value: Double
  /// Lower end of the interval.
  package var low: Double?
  /// Upper end of the interval.
  package var high: Double?

  /// Makes a measured number.
  package init(_ value: Double, low: Double? = nil, high: Double? = nil) {
    self.value = value
    self.low = low
    self.high = high
  }
}

/// How things stand with something; shown by word and shape, never by colour alone.
package enum Standing: String, Sendable, Hashable, CaseIterable {
  /// As wanted.
  case good
  /// Somebody should look.
  case attention
  /// Somebody must act.
  case bad
  /// Nothing is known yet.
  case unknown
}

/// Something a check or monitor says, and what to type about it.
package struct FindingLine: Sendable {
  /// How serious it is.
  package var standing: Standing
  /// What is the case, one sentence.
  package var title: String
  /// The numbers behind it.
  package var evidence: String
  /// What acts on it, ready to type; `nil` when there is nothing to do.
  package var command: String?
  /// The model it is about.
  package var model: String?
  /// When it was found.
  package var at: Timestamp

  /// Makes a finding.
  package init(
    _ standing: Standing, _ title: String, evidence: String, command: String?, model: String?, at: Timestamp
  ) {
    self.standing = standing
    self.title = title
    self.evidence = evidence
    self.command = command
    self.model = model
    self.at = at
  }
}

/// One check of a gate.
package struct GateCheckLine: Sendable {
  /// Name, such as `roc_auc`.
  package var name: String
  /// Whether it was met.
  package var passed: Bool
  /// What was measured.
  package var value: Double?
  /// What was asked for, such as `≥ 0.9`.
  package var limit: String
  /// The reason in words.
  package var why: String

  /// Makes a check.
  package init(name: String, passed: Bool, value: Double?, limit: String, why: String) {
    self.name = name
    self.passed = passed
    self.value = value
    self.limit = limit
    self.why = why
  }
}

/// Requests of one minute.
package struct TrafficMinute: Sendable {
  /// Start of the minute.
  package var at: Timestamp
  /// Requests answered, errors included.
  package var requestCount: Int
  /// Requests answered with an error.
  package var errorCount: Int

  /// Makes a minute.
  package init(at: Timestamp, requestCount: Int, errorCount: Int = 0) {
    self.at = at
    self.requestCount = requestCount
    self.errorCount = errorCount
  }
}

/// What a served model has been asked lately.
package struct TrafficView: Sendable {
  /// Minute after minute, oldest first.
  package var minutes: [TrafficMinute]
  /// Time that half of the requests do not exceed, in seconds.
  package var p50Seconds: Double?
  /// Time that 99 of 100 requests do not exceed, in seconds.
  package var p99Seconds: Double?

  /// Makes a summary.
  package init(minutes: [TrafficMinute] = [], p50Seconds: Double? = nil, p99Seconds: Double? = nil) {
    self.minutes = minutes
    self.p50Seconds = p50Seconds
    self.p99Seconds = p99Seconds
  }

  /// Requests in all minutes.
  package var requestCount: Int { minutes.reduce(0) { $0 + $1.requestCount } }
  /// Errors in all minutes.
  package var errorCount: Int { minutes.reduce(0) { $0 + $1.errorCount } }
}

/// One part of a distribution, in training and in the window.
package struct HistogramBin: Sendable {
  /// Range or category, such as `20 – 30` or `Private`.
  package var label: String
  /// Share of the training rows, `0 ... 1`.
  package var reference: Double
  /// Share of the window's rows, `0 ... 1`.
  package var window: Double

  /// Makes a bin.
  package init(_ label: String, reference: Double, window: Double) {
    self.label = label
    self.reference = reference
    self.window = window
  }
}

/// How far one column has moved from training.
package struct DriftColumnLine: Sendable {
  /// Name of the column.
  package var name: String
  /// Kind, such as `number` or `category`.
  package var kind: String
  /// Name of the distance.
  package var distance: String
  /// The distance with its interval.
  package var measured: Measured
  /// The distance beyond which it counts as drift.
  package var threshold: Double
  /// The verdict.
  package var drifted: Bool
  /// Share of the change in predictions that it explains, `0 ... 1`; `nil` where unknown.
  package var impact: Double?
  /// Distribution in training and in the window.
  package var bins: [HistogramBin]

  /// Makes a line.
  package init(
    name: String, kind: String, distance: String, measured: Measured, threshold: Double, drifted: Bool,
    impact: Double? = nil, bins: [HistogramBin] = []
  ) {
    self.name = name
    self.kind = kind
    self.distance = distance
    self.measured = measured
    self.threshold = threshold
    self.drifted = drifted
    self.impact = impact
    self.bins = bins
  }
}

/// Quality on rows whose truth has come back, one window of time.
package struct RealisedPoint: Sendable {
  /// Start of the window.
  package var at: Timestamp
  /// The metric on the window's labelled rows.
  package var measured: Measured
  /// Labelled rows.
  package var rowCount: Int

  /// Makes a point.
  package init(at: Timestamp, measured: Measured, rowCount: Int) {
    self.at = at
    self.measured = measured
    self.rowCount = rowCount
  }
}

/// Something that was done, by whom.
package struct EventLine: Sendable {
  /// When.
  package var at: Timestamp
  /// Who.
  package var actor: String
  /// What, one sentence.
  package var text: String
  /// How it stands out in a story.
  package var standing: Standing

  /// Makes a line.
  package init(at: Timestamp, actor: String, text: String, standing: Standing = .unknown) {
    self.at = at
    self.actor = actor
    self.text = text
    self.standing = standing
  }
}

/// One run.
package struct RunLine: Sendable {
  /// Name of the run.
  package var id: String
  /// The model it trained.
  package var model: String
  /// When it began.
  package var at: Timestamp
  /// How long it took, in seconds; `nil` while it runs.
  package var seconds: Double?
  /// The algorithm it chose.
  package var algorithm: String?
  /// Name of the metric.
  package var metric: String
  /// The metric on the sealed test.
  package var test: Measured?
  /// How it ended, in words.
  package var outcome: String
  /// How it ended.
  package var standing: Standing

  /// Makes a line.
  package init(
    id: String, model: String, at: Timestamp, seconds: Double?, algorithm: String?, metric: String, test: Measured?,
    outcome: String, standing: Standing
  ) {
    self.id = id
    self.model = model
    self.at = at
    self.seconds = seconds
    self.algorithm = algorithm
    self.metric = metric
    self.test = test
    self.outcome = outcome
    self.standing = standing
  }
}
