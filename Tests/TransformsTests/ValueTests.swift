import Basics
import Frames
import Modeling
import Testing
import Transforms

@Suite struct ValueTests {
  private let context = FitContext(seed: Seed(5))

  private func numbers() throws -> (Frame, JSONValue) {
    let json = try golden("transforms")
    let values = json["numbers"]?.arrayValue?.map { $0.doubleValue ?? .nan } ?? []
    return (try Frame([("x", Column(numbers: values))]), json)
  }

  @Test(arguments: [Impute.Strategy.median, .mean, .mostFrequent])
  func imputeAgrees(_ strategy: Impute.Strategy) throws {
    let (frame, json) = try numbers()
    let (_, made) = try Impute(strategy: strategy, indicator: true).fitTransform(frame, target: nil, in: context)
    let filling = try #require(json[strategy.rawValue]?.doubleValue)
    #expect(abs((try made.column("x").doubles ?? [])[1] - filling) <= 1e-12 * abs(filling))
    #expect(try made.column("x_missing").doubles == [0, 1, 0, 0, 0, 0, 1, 0, 0, 0])
  }

  @Test func scalesAgree() throws {
    let (frame, json) = try numbers()
    for (method, key) in [(Scale.Method.standard, "standard"), (.robust, "robust")] {
      let (_, made) = try Scale(method: method).fitTransform(frame, target: nil, in: context)
      let values = try (made.column("x").doubles ?? []).filter { !$0.isNaN }
      let expected = json[key]?["values"]?.doubles ?? []
      #expect(values.count == expected.count)
      for (a, b) in zip(values, expected) { #expect(abs(a - b) <= 1e-12 * max(1, abs(b))) }
    }
  }

  @Test func scaleOfManyRowsIsExact() throws {
    let values = (0..<9001).map { Double(($0 * 7919) % 9001) - 4500 }
    let frame = try Frame([("x", Column(.number(values)))])
    let (_, robust) = try Scale(method: .robust).fitTransform(frame, target: nil, in: context)
    #expect(try robust.column("x").doubles == values.map { $0 / 4500 })
    let (_, rank) = try Scale(method: .quantile).fitTransform(frame, target: nil, in: context)
    let ranks = try rank.column("x").doubles ?? []
    #expect(zip(ranks, values).allSatisfy { abs($0 - ($1 + 4500) / 9000) < 1e-12 })
  }

  /// Ranks are found by counting digits: many equal values, a gap after the middle one, and both signs.
  @Test(arguments: [0, 1, 2, 3]) func medianOfManyRowsIsExact(_ which: Int) throws {
    var values = (0..<20_001).map { row -> Double in
      switch which {
      case 0: Double((row * 7919) % 20_001) - 10_000.5
      case 1: Double(1900 + (row * 31) % 121)
      case 2: row % 2 == 0 ? -3 : 1e9 + Double(row)
      default: Double(row % 3) * 0x1p-1040
      }
    }
    for _ in 0..<2 {
      let frame = try Frame([("x", Column(numbers: values + [.nan]))])
      let (_, made) = try Impute().fitTransform(frame, target: nil, in: context)
      let sorted = values.sorted()
      let middle = (sorted[(values.count - 1) / 2], sorted[values.count / 2])
      #expect(try made.column("x").doubles?.last == middle.0 + (middle.1 - middle.0) * 0.5)
      values.removeLast()
    }
  }

  @Test func constantAndInfiniteStayFinite() throws {
    let frame = try Frame([("k", Column(.number([2, 2, 2]))), ("i", Column(.number([1, .infinity, 3])))])
    let (_, made) = try Scale().fitTransform(frame, target: nil, in: context)
    #expect(try made.column("k").doubles == [0, 0, 0])
    #expect(try made.column("i").doubles == [-1, 1, 1])
  }

  @Test func oneHotKnowsMissingAndUnseen() throws {
    let train = try Frame([("c", Column(categories: ["b", nil, "a", "b"]))])
    let fitted = try OneHot().fit(train, target: nil, in: context)
    #expect(fitted.output["c"]?.categories == ["c=a", "c=b", "c is missing"])
    let later = try Frame([("c", Column(categories: ["z", "b", nil, "a"]))])
    let made = try fitted.transform(later)
    #expect(try rows(made.column("c")) == [[:], [1: 1], [2: 1], [0: 1]])
    for row in 0..<4 { #expect(try fitted.transform(later.gathered([row])) == made.gathered([row])) }
  }

  @Test func oneHotAsColumns() throws {
    let train = try Frame([("n", Column(.number([1, 2, 3, 4]))), ("c", Column(categories: ["b", nil, "a", "b"]))])
    let fitted = try OneHot(columns: ["c"], layout: .columns).fit(train, target: nil, in: context)
    let later = try Frame([("n", Column(.number([1, 2, 3]))), ("c", Column(categories: ["z", "b", nil]))])
    let made = try fitted.transform(later)
    #expect(made.schema.names == ["n", "c=a", "c=b", "c is missing"])
    #expect(made.columns.dropFirst().map(\.kind) == [.boolean, .boolean, .boolean])
    #expect(made.columns.dropFirst().map(\.doubles) == [[0, 0, 0], [0, 1, 0], [0, 0, 1]])
    for row in 0..<3 { #expect(try fitted.transform(later.gathered([row])) == made.gathered([row])) }
    let taken = try train.setting(Field("c=a", .number), Column(.number([0, 0, 0, 0])))
    #expect(throws: MLError.self) {
      try OneHot(columns: ["c"], layout: .columns).fit(taken, target: nil, in: context)
    }
  }

  @Test func secondsBetweenTimestamps() throws {
    let second: Int64 = 1_000_000
    let frame = try Frame([
      ("start", Column(.timestamp([0, 10 * second, 5 * second]))),
      ("end", Column(.timestamp([90 * second, 0, 0]), validity: Validity([true, true, false]))),
    ])
    let (fitted, made) = try TimeBetween().fitTransform(frame, target: nil, in: context)
    #expect(made.schema.names == ["start", "end", "start_to_end_seconds"])
    let gaps = try made.column("start_to_end_seconds")
    #expect(gaps.doubles?.prefix(2) == [90, -10] && !gaps.isPresent(2))
    #expect(try fitted.transform(frame.gathered([1])) == made.gathered([1]))
  }

  @Test func ordinalOrders() throws {
    let train = try Frame([("c", Column(categories: ["b", "c", "b", nil], levels: ["c", "b", "a"]))])
    let later = try Frame([("c", Column(categories: ["c", "b", nil, "q"]))])
    func codes(_ order: Ordinal.Order) throws -> [String] {
      let made = try Ordinal(order: order).fit(train, target: nil, in: context).transform(later)
      return try (made.column("c").doubles ?? []).map { "\($0)" }
    }
    #expect(try codes(.name) == ["1.0", "0.0", "nan", "-1.0"])
    #expect(try codes(.schema) == ["0.0", "1.0", "nan", "-1.0"])
    #expect(try codes(.frequency) == ["1.0", "0.0", "nan", "-1.0"])
  }

  @Test func rareLevelsJoin() throws {
    let train = try Frame([("c", Column(categories: ["a", "a", "b", "c", nil, "a", "b"]))])
    let fitted = try GroupRare(minimumCount: 2).fit(train, target: nil, in: context)
    let later = try Frame([("c", Column(categories: ["c", "b", "new", nil]))])
    let made = try fitted.transform(later).column("c")
    #expect((0..<4).map { made.text(at: $0) } == ["(other)", "b", "(other)", nil])
    let kept = try GroupRare(minimumCount: 1).fit(train, target: nil, in: context).transform(later).column("c")
    #expect(kept.text(at: 2) == "new")
  }

  @Test func datesComeApart() throws {
    let day = Timestamp(iso8601: "2024-02-29T06:30:00Z"), next = Timestamp(iso8601: "2025-03-02T18:00:00Z")
    let times = try [#require(day).microseconds, #require(next).microseconds]
    let frame = try Frame([("t", Column(.timestamp(times + [0]), validity: Validity([true, true, false])))])
    let (_, made) = try DateParts().fitTransform(frame, target: nil, in: context)
    func part(_ name: String) throws -> [Double] { Array((try made.column("t_\(name)").doubles ?? []).prefix(2)) }
    #expect(try part("year") == [2024, 2025])
    #expect(try part("month") == [2, 3])
    #expect(try part("day") == [29, 2])
    #expect(try part("weekday") == [4, 7])
    #expect(try part("hour") == [6, 18])
    #expect(try part("days")[0] == 0)
    #expect(try abs(part("days")[1] - (367 + 11.5 / 24)) < 1e-9)
    #expect(try abs(part("time_sin")[0] - 0.9914448613738104) < 1e-12)
    #expect(try made.column("t_year").missingCount == 1)
  }

  @Test(arguments: ["words", "unigrams", "characters"]) func textFeaturesAgree(_ which: String) throws {
    let json = try golden("transforms")
    let step = TextFeatures { step in
      switch which {
      case "words": (step.words, step.minimumWordLength, step.minimumRows) = (2, 2, 2)
      case "unigrams": (step.words, step.sublinear, step.minimumRows) = (1, false, 1)
      default: (step.words, step.characters, step.shortestCharacters) = (0, 4, 2)
      }
    }
    let frame = try Frame([("t", Column(.text(json["texts"]?.strings ?? [])))])
    let (fitted, made) = try step.fitTransform(frame, target: nil, in: context)
    let expected = try #require(json[which])
    // Swift lowers every sigma alike; Python knows the one that ends a word.
    let terms = expected["terms"]?.strings.map { $0.replacing("ς", with: "σ") }
    #expect(fitted.output["t"]?.categories == terms)
    guard case .vector(let matrix) = try made.column("t").storage else { return }
    #expect(matrix.offsets == expected["offsets"]?.integers)
    #expect(matrix.indices.map(Int.init) == expected["indices"]?.integers)
    for (a, b) in zip(matrix.values, expected["values"]?.doubles ?? []) { #expect(abs(a - b) < 1e-12) }
  }

  @Test func textLimitsKeepTheMostFrequent() throws {
    let texts = ["a b c", "a b d", "a b c", "a e d", "f g"]
    let frame = try Frame([("t", Column(.text(texts)))])
    let step = TextFeatures { ($0.words, $0.maximumFeatures, $0.maximumShare) = (1, 2, 0.7) }
    #expect(try step.fit(frame, target: nil, in: context).output["t"]?.categories == ["b", "c"])
    let pieces = TextFeatures { ($0.words, $0.splitNumbers, $0.minimumRows) = (2, true, 1) }
    let codes = try Frame([("t", Column(.text(["C85x"])))])
    #expect(
      try pieces.fit(codes, target: nil, in: context).output["t"]?.categories == ["85", "85 x", "c", "c 85", "x"])
  }

  /// Blocks and batches of rows must not show: the same texts weigh the same wherever they stand.
  @Test func textFeaturesDoNotDependOnBatches() throws {
    let words = (0..<700).map { "w\($0 * 7919 % 977)x" } + ["Ärger", "ΣΑΣ", "c85x", ""]
    let texts = (0..<5000).map { row in
      (0..<(row % 40)).map { words[(row * 31 + $0 * $0) % words.count] }.joined(separator: row % 3 == 0 ? "\t " : ", ")
    }
    let frame = try Frame([("t", Column(.text(texts)))])
    let step = TextFeatures { ($0.words, $0.characters, $0.minimumRows, $0.maximumFeatures) = (2, 4, 2, 3000) }
    let (fitted, made) = try step.fitTransform(frame, target: nil, in: context)
    #expect(try fitted.transform(frame) == made)
    for row in [0, 1, 39, 1023, 1024, 2500, 4999] {
      #expect(try fitted.transform(frame.gathered([row])).columns == made.gathered([row]).columns)
    }
    let reversed = frame.gathered(Array((0..<texts.count).reversed()))
    #expect(try step.fit(reversed, target: nil, in: context).output == fitted.output)
    let later = try Configuration.decode(
      FittedTextFeatures.self, from: Configuration.encode(fitted))
    #expect(try later.transform(frame) == made)
  }

  @Test func textStatisticsMeasure() throws {
    let frame = try Frame([("t", Column(.text(["WIN £100 now!", ""])))])
    let (_, made) = try TextStatistics().fitTransform(frame, target: nil, in: context)
    #expect(try made.column("t_length").doubles == [13, 0])
    #expect(try made.column("t_words").doubles == [3, 0])
    #expect(try made.column("t_digits").doubles == [3.0 / 13, 0])
    #expect(try made.column("t_capitals").doubles == [3.0 / 13, 0])
    #expect(try made.column("t_punctuation").doubles == [2.0 / 13, 0])
  }

  @Test func uselessColumnsLeave() throws {
    let rows = 60
    let none = Validity(repeating: false, count: rows)
    let frame = try Frame([
      ("constant", Column(.number([Double](repeating: 4, count: rows)))),
      ("nothing", Column(.text([String](repeating: "", count: rows)), validity: none)),
      ("row", Column(.integer((0..<rows).map { Int64(rows - $0) }))),
      ("user_id", Column(.integer((0..<rows).map { Int64($0 * 977 % 1009) }))),
      ("amount", Column(.integer((0..<rows).map { Int64($0 * 977 % 1009) }))),
      ("code", Column(categories: (0..<rows).map { "k\($0 * 31)" })),
      ("kind", Column(categories: (0..<rows).map { "k\($0 % 7)" })),
    ])
    let constants = try DropConstant().fit(frame, target: nil, in: context)
    #expect(constants.input.names == ["constant", "nothing"])
    #expect(try DropIds().fit(frame, target: nil, in: context).input.names == ["row", "user_id", "code"])
    #expect(try constants.transform(frame.removing(["nothing"])).schema["constant"] == nil)
  }
}
