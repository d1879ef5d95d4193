import Basics
import Frames
import Learners
import Modeling
import Testing

@Suite struct RecommendationTests {
  struct Golden {
    let json: JSONValue
    init(file: String = #filePath) throws {
      let folder = file.split(separator: "/").dropLast(2).joined(separator: "/")
      json = try JSONValue(parsing: FileSystem.read("/\(folder)/Fixtures/Golden/recommendation/recommendation.json"))
    }
    func rows(_ key: String) -> [[Double]] {
      json[key]?.arrayValue?.map { $0.arrayValue?.compactMap(\.doubleValue) ?? [] } ?? []
    }
    func number(_ key: String) -> Double { json[key]?.doubleValue ?? .nan }
    /// Pairs of user and item, names padded so that they sort as they count.
    func data(extraUsers: Int = 0) throws -> TrainingData {
      let pairs = rows("pairs")
      let frame = try Frame([
        ("customer", Column(.text(pairs.map { Self.name("u", $0[0]) }))),
        ("sku", Column(.text(pairs.map { Self.name("i", $0[1]) }))),
      ])
      return try TrainingData(frame: frame, target: .absent(rowCount: pairs.count))
    }
    static func name(_ letter: String, _ index: Double) -> String { "\(letter)\(index < 10 ? "0" : "")\(Int(index))" }
  }

  /// Scores of all items, by name, popularity's millionth among them.
  private func scores(_ list: [Recommendation]) -> [String: Double] {
    Dictionary(uniqueKeysWithValues: list.map { ($0.item, $0.score) })
  }

  private func scores(_ model: Recommender, _ user: Int) throws -> [String: Double] {
    let name = Golden.name("u", Double(user))
    return try scores(model.recommend(users: [name], count: 100, excludingSeen: false)[0])
  }

  private func requireEqual(_ own: [String: Double], _ expected: [Double]) {
    #expect(own.count == expected.count)
    for (item, known) in expected.enumerated() {
      #expect(abs((own[Golden.name("i", Double(item))] ?? .nan) - known) < 1e-5)
    }
  }

  @Test(arguments: [0, 1000]) func easeAgreesWithDenseAlgebra(_ neighborCount: Int) throws {
    let golden = try Golden()
    var ease = Ease()
    (ease.penalty, ease.neighborCount) = (golden.number("penalty"), neighborCount)
    let model = try ease.fit(golden.data(), in: FitContext())
    #expect(model.userColumn == "customer" && model.itemColumn == "sku")
    for (user, expected) in golden.rows("ease_scores").enumerated() {
      try requireEqual(scores(model, user), expected)
    }
    let basket = try scores(model.recommend(basket: ["i04", "i01"], count: 100))
    let expected = golden.json["ease_basket"]?.arrayValue?.compactMap(\.doubleValue) ?? []
    #expect(basket.count == 7)
    for (item, known) in expected.enumerated() where item != 1 && item != 4 {
      #expect(abs((basket[Golden.name("i", Double(item))] ?? .nan) - known) < 1e-5)
    }
  }

  /// With one item fewer than users the items' matrix is inverted, with users fewer than items the users' matrix.
  @Test func easeIsTheSameFromEitherSide() throws {
    let golden = try Golden()
    let whole = try golden.data()
    let users = (0..<whole.frame.rowCount).filter {
      (try? whole.frame.column("customer").text(at: $0) ?? "") ?? "" < "u07"
    }
    let few = try whole.gathered(users)
    var ease = Ease()
    ease.penalty = 3
    let dual = try ease.fit(few, in: FitContext())
    // Two baskets that no one shares anything with leave all other weights as they are, but make users outnumber items.
    var names = (0..<few.frame.rowCount).map { row in
      ((try? few.frame.column("customer").text(at: row)) ?? nil, (try? few.frame.column("sku").text(at: row)) ?? nil)
    }
    for extra in 0..<9 { names.append(("z\(extra)", "lone")) }
    let frame = try Frame([
      ("customer", Column(categories: names.map(\.0))), ("sku", Column(categories: names.map(\.1))),
    ])
    let primal = try ease.fit(TrainingData(frame: frame, target: .absent(rowCount: names.count)), in: FitContext())
    for user in 0..<7 {
      let (a, b) = try (scores(dual, user), scores(primal, user))
      for (item, score) in a { #expect(abs(score - (b[item] ?? .nan)) < 1e-5) }
    }
  }

  @Test func similarityAgreesWithDenseAlgebra() throws {
    let golden = try Golden()
    var similarity = ItemSimilarity()
    similarity.shrinkage = golden.number("shrinkage")
    let model = try similarity.fit(golden.data(), in: FitContext())
    for (user, expected) in golden.rows("similarity_scores").enumerated() {
      try requireEqual(scores(model, user), expected)
    }
  }

  @Test func rulesCountPairs() throws {
    let baskets = [["bread", "butter"], ["bread", "butter", "jam"], ["bread"], ["jam"], ["bread", "butter"]]
    let pairs = baskets.enumerated().flatMap { index, items in items.map { ("basket\(index)", $0) } }
    let frame = try Frame([
      ("user", Column(.text(pairs.map(\.0)))), ("item", Column(.text(pairs.map(\.1)))),
    ])
    let data = try TrainingData(frame: frame, target: .absent(rowCount: pairs.count))
    var rules = AssociationRules()
    rules.minimumBasketCount = 2
    let found = try rules.rules(of: data, in: FitContext())
    #expect(found.map { "\($0.antecedent)>\($0.consequent)" } == ["butter>bread", "bread>butter"])
    #expect(found[0].confidence == 1 && found[0].support == 0.6 && abs(found[0].lift - 1.25) < 1e-12)
    #expect(abs(found[1].confidence - 0.75) < 1e-12)
    let model = try rules.fit(data, in: FitContext())
    #expect(try model.recommend(basket: ["butter", "never seen"], count: 1).map(\.item) == ["bread"])
  }

  @Test func strangersGetWhatIsPopular() throws {
    let golden = try Golden()
    let data = try golden.data()
    let popular = try Popularity().fit(data, in: FitContext()).recommend(
      users: ["nobody"], count: 3, excludingSeen: true)
    #expect(popular[0].count == 3 && popular[0][0].score >= popular[0][1].score)
    for estimator in [Ease(), ItemSimilarity(), ImplicitALS(), AssociationRules()] as [any Estimator] {
      func list<E: Estimator>(_ estimator: E) throws -> [String] {
        guard let model = try estimator.fit(data, in: FitContext()) as? Recommender else { return [] }
        return try model.recommend(users: ["nobody"], count: 3, excludingSeen: true)[0].map(\.item)
      }
      #expect(try list(estimator) == popular[0].map(\.item))
    }
  }

  @Test func seenItemsAreLeftOut() throws {
    let golden = try Golden()
    let model = try Ease().fit(golden.data(), in: FitContext())
    let seen = Set(golden.rows("pairs").filter { $0[0] == 2 }.map { Golden.name("i", $0[1]) })
    let without = try model.recommend(users: ["u02"], count: 100, excludingSeen: true)[0].map(\.item)
    let with = try model.recommend(users: ["u02"], count: 100, excludingSeen: false)[0].map(\.item)
    #expect(seen.isDisjoint(with: without) && with.count == 9 && without.count == 9 - seen.count)
    #expect(throws: MLError.self) { try model.recommend(users: ["u02"], count: -1, excludingSeen: true) }
  }

  /// Two tastes: what half of the users like the other half do not.
  @Test func factorsFindTastes() throws {
    var random = Seed(5).generator
    var rows: [(String, String, Double)] = []
    for user in 0..<40 {
      for item in 0..<30 where random.uniform() < 0.5 {
        let fits = (user % 2 == 0) == (item % 2 == 0)
        rows.append(("u\(user)", "i\(item)", (fits ? 4.5 : 1.5) + 0.3 * random.normal()))
      }
    }
    let frame = try Frame([
      ("user", Column(.text(rows.map(\.0)))), ("item", Column(.text(rows.map(\.1)))),
    ])
    let data = try TrainingData(frame: frame, target: .values(rows.map(\.2)))
    let model = try ExplicitALS().fit(data, in: FitContext(seed: Seed(2)))
    let ask = try Frame([
      ("user", Column(.text(["u0", "u0", "u1", "u1"]))), ("item", Column(.text(["i4", "i5", "i4", "i5"]))),
    ])
    let said = try model.predict(ask).values ?? []
    #expect(said[0] > 4 && said[1] < 2 && said[2] < 2 && said[3] > 4)
    let liked = try TrainingData(
      frame: frame.gathered(rows.indices.filter { rows[$0].2 > 3 }),
      target: .absent(rowCount: rows.count { $0.2 > 3 }))
    let implicit = try ImplicitALS().fit(liked, in: FitContext(seed: Seed(2)))
    let best = try implicit.recommend(users: ["u0"], count: 5, excludingSeen: true)[0]
    #expect(best.allSatisfy { (Int($0.item.dropFirst()) ?? 1) % 2 == 0 })
    let folded = try implicit.recommend(basket: ["i1", "i3"], count: 5)
    #expect(folded.allSatisfy { (Int($0.item.dropFirst()) ?? 0) % 2 == 1 })
  }

  @Test func explicitNeedsRatings() throws {
    let data = try Golden().data()
    #expect { try ExplicitALS().fit(data, in: FitContext()) } throws: { ($0 as? MLError)?.code == .invalidData }
    var named = Ease()
    named.user = "custmer"
    #expect { try named.fit(data, in: FitContext()) } throws: { ($0 as? MLError)?.hint == "Did you mean 'customer'?" }
  }
}
