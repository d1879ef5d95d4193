import Basics
import Frames
import Learners
import Modeling
import Testing

@Suite struct ForecastingTests {
  static let hour: Int64 = 3_600_000_000

  static func data(_ values: [Double], step: Int64 = hour, series: [String]? = nil, moments: [Int64]? = nil) throws
    -> TrainingData
  {
    let times = moments ?? values.indices.map { 1_700_000_000_000_000 + Int64($0) * step }
    var columns: [(String, Column)] = [("time", Column(.timestamp(times)))]
    if let series { columns.append(("series", Column(.text(series)))) }
    return try TrainingData(frame: Frame(columns), target: .values(values))
  }

  static func noisySeason(_ count: Int, seed: UInt64 = 4) -> [Double] {
    var random = Seed(seed).generator
    return (0..<count).map { row -> Double in
      let angle: Double = 2 * .pi * Double(row) / 12
      let season: Double = 10 * Mathematics.sin(angle)
      let trend: Double = 100 + 0.05 * Double(row)
      return trend + season + random.normal()
    }
  }

  @Test func seasonalNaiveIsExact() throws {
    var naive = SeasonalNaive()
    naive.period = 4
    let model = try naive.fit(Self.data([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), in: FitContext())
    let forecast = try model.forecast(steps: 6, coverage: 0.8)[0]
    #expect(forecast.values == [7, 8, 9, 10, 7, 8])
    #expect(forecast.moments[0] == 1_700_000_000_000_000 + 10 * Self.hour && model.step == Self.hour)
    let moments = [0, 5, 9, 10, 13, 400].map { 1_700_000_000_000_000 + Int64($0) * Self.hour }
    let said = try model.predict(Frame([("time", Column(.timestamp(moments)))])).values
    #expect(said == [1, 2, 6, 7, 10, 9])
  }

  @Test func periodIsFound() throws {
    let values = Self.noisySeason(200)
    let seasonal = try SeasonalNaive().fit(Self.data(values), in: FitContext())
    let next = try seasonal.forecast(steps: 12, coverage: 0.5)[0].values
    for (said, before) in zip(next, values.suffix(12)) { #expect(abs(said - before) < 1e-9) }
    var random = Seed(9).generator
    let noise = (0..<200).map { _ in random.normal() }
    let plain = try SeasonalNaive().fit(Self.data(noise), in: FitContext())
    #expect(try plain.forecast(steps: 3, coverage: 0.5)[0].values.allSatisfy { abs($0 - noise[199]) < 1e-9 })
  }

  @Test func monthsAreCalendarMonths() throws {
    let moments = (0..<24).map { month in
      Int64(Timestamp.days(year: 2020 + month / 12, month: month % 12 + 1, day: 1)) * 86_400_000_000
    }
    var naive = SeasonalNaive()
    naive.period = 12
    let model = try naive.fit(Self.data((0..<24).map(Double.init), moments: moments), in: FitContext())
    let next = try model.forecast(steps: 2, coverage: 0.9)[0]
    #expect(next.moments.map { Timestamp(microseconds: $0).description.prefix(10) } == ["2022-01-01", "2022-02-01"])
    #expect(next.values == [12, 13])
  }

  @Test func gapsAndRepeatedMoments() throws {
    let moments = [0, 1, 1, 2, 4, 5].map { 1_700_000_000_000_000 + Int64($0) * Self.hour }
    var naive = SeasonalNaive()
    naive.period = 1
    let last = try naive.fit(Self.data([1, 2, 4, 3, 5, 6], moments: moments), in: FitContext())
    let asked = [2, 3, 4, 5, 6].map { 1_700_000_000_000_000 + Int64($0) * Self.hour }
    let said = try last.predict(Frame([("time", Column(.timestamp(asked)))])).values ?? []
    #expect(said == [3, 3, 3, 5, 6])
    let model = try ExponentialSmoothing().fit(Self.data([1, 2, 4, 3, 5, 6], moments: moments), in: FitContext())
    #expect(try model.forecast(steps: 3, coverage: 0.5)[0].values.allSatisfy(\.isFinite))
  }

  @Test func smoothingAgreesWithStatsmodels() throws {
    let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let golden = try JSONValue(parsing: FileSystem.read("/\(folder)/Fixtures/Golden/forecasting/forecasting.json"))
    func list(_ json: JSONValue?) -> [Double] { json?.arrayValue?.compactMap(\.doubleValue) ?? [] }
    let values = list(golden["values"])
    for item in golden["cases"]?.arrayValue ?? [] {
      func number(_ key: String) -> Double { item[key]?.doubleValue ?? .nan }
      func kind(_ key: String) -> String {
        let text = item[key]?.stringValue ?? ""
        return ["add": "additive", "mul": "multiplicative"][text] ?? text
      }
      guard let form = SmoothingForm(text: "\(kind("error"))/\(kind("trend"))/\(kind("season"))") else {
        throw MLError(.internalFailure, "unknown form")
      }
      let season = list(item["start_season"])
      let model = SmoothingModel(
        form: form, period: season.count,
        parameters: [number("level"), number("slope"), number("seasonal"), number("damping")],
        start: SmoothingState(level: number("start_level"), slope: number("start_slope"), season: season))
      for (own, known) in zip(model.fitted(values), list(item["fitted"])) { #expect(abs(own - known) < 1e-5) }
      for (own, known) in zip(model.path(values, steps: 8), list(item["forecast"])) { #expect(abs(own - known) < 1e-5) }
      #expect(abs(model.logLikelihood(values) - number("log_likelihood")) < 1e-5)
      let best = SmoothingFit(values: values, form: form, period: season.count).best()
      let likelihood = best?.logLikelihood(values) ?? -.infinity
      #expect(
        likelihood > number("log_likelihood") - 2,
        "\(kind("error")) \(kind("trend")) \(kind("season")): \(likelihood)")
    }
  }

  @Test func criterionChoosesTheForm() throws {
    let season = [0.8, 1.1, 1.3, 0.8]
    var random = Seed(3).generator
    let values = (0..<96).map { row -> Double in
      let level: Double = 40 + 0.6 * Double(row)
      let noise: Double = 1 + 0.02 * random.normal()
      return level * season[row % 4] * noise
    }
    var smoothing = ExponentialSmoothing()
    smoothing.period = 4
    let model = try smoothing.fit(Self.data(values), in: FitContext())
    let next = try model.forecast(steps: 8, coverage: 0.9)[0].values
    for (step, value) in next.enumerated() {
      let truth = (40 + 0.6 * Double(96 + step)) * season[step % 4]
      #expect(abs(value - truth) < 0.05 * truth)
    }
  }

  @Test(arguments: ["exponential-smoothing", "boosted-lags", "seasonal-naive"]) func intervalsHoldWhatTheySay(
    _ name: String
  ) throws {
    func steps<E: Estimator>(_ estimator: E) throws -> [Backtest.Step] where E.Model: ForecastingModel {
      try Backtest(horizon: 12, originCount: 6, stride: 7, coverage: 0.8).run(
        estimator, on: Self.data(Self.noisySeason(300)), in: FitContext(seed: Seed(1)))
    }
    let found =
      switch name {
      case "boosted-lags": try steps(BoostedLags().withIterationCount(60))
      case "exponential-smoothing": try steps(ExponentialSmoothing())
      default: try steps(SeasonalNaive())
      }
    #expect(found.count == 13 && found[0].count == 72 && found[1].count == 6)
    #expect((0.65...0.97).contains(found[0].coverage), "\(found[0])")
    #expect(found[0].mase < (name == "seasonal-naive" ? 1.2 : 0.95), "\(found[0])")
  }

  @Test func manySeriesStayApart() throws {
    let length = 96
    var (values, names, moments) = ([Double](), [String](), [Int64]())
    for (index, name) in ["b", "a", "c"].enumerated() {
      for row in 0..<length {
        values.append(Double(index + 1) * 100 + Double(row % 6) * Double(index + 1))
        names.append(name)
        moments.append(1_700_000_000_000_000 + Int64(row) * Self.hour)
      }
    }
    let data = try Self.data(values, series: names, moments: moments)
    for estimator in [SeasonalNaive(), ExponentialSmoothing(), BoostedLags()] as [any Estimator] {
      func forecasts<E: Estimator>(_ estimator: E) throws -> [Forecast] {
        guard let model = try estimator.fit(data, in: FitContext()) as? SeriesModel else { return [] }
        return try model.forecast(steps: 6, coverage: 0.9)
      }
      let found = try forecasts(estimator)
      #expect(found.map(\.series) == ["a", "b", "c"])
      for (forecast, index) in zip(found, [2.0, 1.0, 3.0]) {
        for (step, value) in forecast.values.enumerated() {
          #expect(abs(value - index * (100 + Double(step))) < 0.6 * index, "\(type(of: estimator).card.name) \(step)")
          #expect(forecast.low[step] <= value && value <= forecast.high[step])
        }
      }
    }
  }

  @Test func directStepsHaveModelsOfTheirOwn() throws {
    var boosted = BoostedLags()
    (boosted.directSteps, boosted.iterationCount) = (3, 40)
    let model = try boosted.fit(Self.data(Self.noisySeason(150)), in: FitContext())
    let (short, long) = try (model.forecast(steps: 4, coverage: 0.9)[0], model.forecast(steps: 20, coverage: 0.9)[0])
    #expect(Array(long.values.prefix(4)) == short.values)
  }

  @Test func badRequestsAreNamed() throws {
    let model = try SeasonalNaive().fit(Self.data([1, 2, 3]), in: FitContext())
    #expect { try model.forecast(steps: 0, coverage: 0.5) } throws: { ($0 as? MLError)?.field == "steps" }
    #expect { try model.forecast(steps: 1, coverage: 1) } throws: { ($0 as? MLError)?.field == "coverage" }
  }
}
