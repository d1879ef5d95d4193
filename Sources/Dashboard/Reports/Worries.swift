import Basics

/// What in the documents asks for attention, gravest first.
struct Worries {
  let source: ReportSource

  /// One thing to look at.
  struct Worry {
    let standing: Standing
    let what: String
    let why: String

    /// The standing as a word.
    var word: String {
      switch standing {
      case .bad: "Act on this"
      case .attention: "Look at this"
      default: "For information"
      }
    }
  }

  /// A calibration error whose interval lies above this is worth a look.
  static let calibrationLimit = 0.05
  /// A gap between groups whose interval lies above this is worth a look.
  static let gapLimit = 0.1
  /// A column with a larger share of the importance carries the model alone.
  static let shareLimit = 0.5

  /// All of them, without repeats.
  var all: [Worry] {
    var seen = Set<String>()
    let found = (checks + verdict + findings + slices + groups + proxies + calibration + coverage + leaning)
      .filter { seen.insert($0.what).inserted }
    return [.bad, .attention, .unknown].flatMap { standing in found.filter { $0.standing == standing } }
  }

  private var checks: [Worry] {
    source.report.part("gate").list("checks").filter { $0.part("passed").boolValue == false }.map {
      Worry(
        standing: .bad, what: $0.text("why") ?? "A check failed.",
        why: "Check of the gate: \(Figures.words($0.text("name") ?? "unnamed"))")
    }
  }

  private var findings: [Worry] {
    source.report.list("findings").compactMap { finding in
      let severity = finding.text("severity")
      guard let message = finding.text("message"), severity != "info" else { return nil }
      let standing: Standing = severity == "warning" ? .attention : .bad
      return Worry(standing: standing, what: message, why: finding.text("command").map { "To act: \($0)" } ?? "")
    }
  }

  private var verdict: [Worry] {
    let verdict = source.report.part("verdict")
    guard let kind = verdict.text("kind"), kind != "balanced", let sentence = verdict.text("sentence") else {
      return []
    }
    return [Worry(standing: .attention, what: sentence, why: verdict.text("advice") ?? "")]
  }

  private var slices: [Worry] {
    let slices = source.analysis.list("slices")
    let shown = slices.prefix(3).map { slice in
      Worry(
        standing: .attention, what: "Clearly worse where \(SlicesSection.name(slice)).",
        why: "\(source.metric) \(Figures.precise(slice.measured("metric"))) on "
          + "\(Figures.count(slice.count("rows") ?? 0, "row")); "
          + "a row costs \(Figures.precise(slice.measured("effect"))) more than elsewhere")
    }
    guard slices.count > 3 else { return shown }
    return shown + [Worry(standing: .unknown, what: "\(slices.count - 3) more slices are clearly worse.", why: "")]
  }

  private var groups: [Worry] {
    source.analysis.part("fairness").list("audits").flatMap { audit in
      let by = audit.texts("attributes").joined(separator: " and ")
      return audit.list("disparities").compactMap { gap -> Worry? in
        guard let measure = gap.text("measure"), FairnessFigures.gapMeasures.contains(measure),
          let difference = gap.measured("difference"), let low = difference.low, low > Self.gapLimit
        else { return nil }
        return Worry(
          standing: .attention, what: "Groups of '\(by)' are treated differently: \(Figures.words(measure)).",
          why: "Gap \(Figures.precise(difference)), lowest for \(gap.text("lowest") ?? "–"), "
            + "highest for \(gap.text("highest") ?? "–")")
      }
    }
  }

  private var proxies: [Worry] {
    source.analysis.part("fairness").members("proxies").flatMap { attribute, proxies in
      (proxies.arrayValue ?? []).filter { $0.part("strong").boolValue == true }.map { proxy in
        Worry(
          standing: .attention, what: "'\(proxy.text("column") ?? "–")' gives '\(attribute)' away.",
          why: "It tells the groups apart with roc auc \(Figures.precise(proxy.number("roc_auc"))), "
            + "so leaving '\(attribute)' out does not keep the model from using it")
      }
    }
  }

  private var calibration: [Worry] {
    let calibration = source.analysis.part("calibration")
    guard let error = calibration.measured("expected_calibration_error"), let low = error.low,
      low > Self.calibrationLimit
    else { return [] }
    return [
      Worry(
        standing: .attention, what: "Probabilities are off by \(Figures.percent(error.value)) on average.",
        why: "Expected calibration error \(Figures.precise(error)); see calibration before using them as chances")
    ]
  }

  private var coverage: [Worry] {
    let conformal = source.analysis.part("conformal")
    guard let nominal = conformal.number("nominal") else { return [] }
    let all = [("", conformal.measured("coverage"))]
    let byClass = conformal.members("by_class").map { (" of class '\($0.0)'", $0.1.measured) }
    return (all + byClass).compactMap { name, coverage in
      guard let coverage, let high = coverage.high, high < nominal else { return nil }
      return Worry(
        standing: .attention, what: "Prediction sets hold the truth too rarely for rows\(name).",
        why:
          "\(Figures.percent(coverage.value)) (\(TrustPlots.percents(coverage) ?? "–")) of them, promised were \(Figures.percent(nominal))"
      )
    }
  }

  private var leaning: [Worry] {
    guard
      let first = source.analysis.list("importance").max(by: { ($0.number("share") ?? 0) < ($1.number("share") ?? 0) }),
      let share = first.number("share"), share > Self.shareLimit, let column = first.text("column")
    else { return [] }
    return [
      Worry(
        standing: .unknown, what: "The model leans on '\(column)'.",
        why: "\(Figures.percent(share)) of the importance; when that column fails, so does the model")
    ]
  }
}
