public import Basics
import Frames

extension SeriesModel {
  /// Adds the series, the rule and the errors its intervals are made of.
  public func write(to archive: inout ArchiveWriter) throws {
    archive.set("schema", try Configuration.encode(schema))
    archive.set("grid", try Configuration.encode(grid))
    archive.add("names", strings: names)
    archive.add("starts", int64s: starts.map(Int64.init))
    archive.add("counts", int64s: values.map { Int64($0.count) })
    archive.add("values", doubles: values.flatMap { $0 })
    archive.add("scales", doubles: scales)
    errors.write(to: &archive)
    archive.set("period", .integer(Int64(rule.period)))
    switch rule {
    case .seasonalNaive: archive.set("rule", "seasonal-naive")
    case .smoothing(let models):
      archive.set("rule", "exponential-smoothing")
      archive.add("forms", strings: models.map(\.form.text))
      archive.add("periods", int64s: models.map { Int64($0.period) })
      archive.add("parameters", doubles: models.flatMap(\.numbers))
    case .boosted(let rule):
      archive.set("rule", "boosted-lags")
      try rule.write(to: &archive)
    }
  }

  /// Reads what `write` wrote.
  public init(from archive: ArchiveReader) throws {
    let schema = try Configuration.decode(Schema.self, from: archive.value("schema"))
    let grid = try Configuration.decode(TimeGrid.self, from: archive.value("grid"))
    guard (1...2).contains(schema.count), grid.step > 0, (0...1200).contains(grid.months) else {
      throw archive.corrupt("holds series without moments")
    }
    let names = try archive.strings("names")
    let starts = try archive.int64s("starts")
    let counts = try archive.int64s("counts")
    let all = try archive.doubles("values")
    let scales = try archive.doubles("scales")
    guard !names.isEmpty, starts.count == names.count, counts.count == names.count, scales.count == names.count,
      starts.allSatisfy({ abs($0.clamped) <= 1 << 30 }), counts.allSatisfy({ $0 > 0 && $0 <= Int64(all.count) }),
      counts.reduce(0, +) == Int64(all.count), !all.contains(where: \.isInfinite),
      scales.allSatisfy({ $0.isFinite && $0 > 0 })
    else { throw archive.corrupt("holds series that do not fit together") }
    var first = 0
    let values = counts.map { count in
      defer { first += Int(count) }
      return Array(all[first..<(first + Int(count))])
    }
    let data = SeriesData(
      fields: (schema.fields[0], schema.count > 1 ? schema.fields[1] : nil), grid: grid, names: names,
      starts: starts.map(Int.init), values: values, scales: scales)
    let period = try archive.integer("period")
    guard (1...100_000).contains(period) else { throw archive.corrupt("holds a season of no length") }
    let rule: ForecastRule
    switch try archive.string("rule") {
    case "seasonal-naive": rule = .seasonalNaive(period: period)
    case "exponential-smoothing": rule = .smoothing(try SmoothingModel.models(archive, count: names.count))
    case "boosted-lags":
      rule = .boosted(try BoostedRule(from: archive, period: period, seriesCount: names.count))
    default: throw archive.corrupt("holds an unknown kind of forecaster")
    }
    try self.init(data, rule: rule, errors: HorizonErrors(from: archive, seriesCount: names.count))
  }
}

extension Int64 {
  /// Away from the one value whose magnitude does not fit.
  fileprivate var clamped: Int64 { Swift.max(self, -Int64.max) }
}

extension SmoothingForm {
  /// `error/trend/season`.
  var text: String { "\(error.rawValue)/\(trend.rawValue)/\(season.rawValue)" }

  /// Reads what `text` says; `nil` when it names no form.
  package init?(text: String) {
    let parts = text.split(separator: "/").map(String.init)
    guard parts.count == 3, let error = Error(rawValue: parts[0]), let trend = Trend(rawValue: parts[1]),
      let season = Season(rawValue: parts[2])
    else { return nil }
    self.init(error: error, trend: trend, season: season)
  }
}

extension SmoothingModel {
  /// Parameters and start state in a row.
  fileprivate var numbers: [Double] { [level, trend, season, damping, start.level, start.slope] + start.season }

  fileprivate static func models(_ archive: ArchiveReader, count: Int) throws -> [SmoothingModel] {
    let forms = try archive.strings("forms").compactMap(SmoothingForm.init(text:))
    let periods = try archive.int64s("periods")
    let numbers = try archive.doubles("parameters")
    guard forms.count == count, periods.count == count, periods.allSatisfy({ (1...100_000).contains($0) }),
      periods.reduce(0, { $0 + $1 + 6 }) == Int64(numbers.count), numbers.allSatisfy(\.isFinite)
    else { throw archive.corrupt("holds smoothing models that do not fit together") }
    var first = 0
    return zip(forms, periods).map { form, period in
      let part = Array(numbers[first..<(first + 6 + Int(period))])
      first += part.count
      return SmoothingModel(
        form: form, period: Int(period), parameters: Array(part[..<4]),
        start: SmoothingState(level: part[4], slope: part[5], season: Array(part[6...])))
    }
  }
}
