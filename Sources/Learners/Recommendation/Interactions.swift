import Basics
import Frames
import Modeling

/// Who had what, one entry a pair of user and item, users and items in order of their names.
///
/// Rows of one pair are joined: weights add up, ratings are averaged by weight. Rows of weight 0, without a user or
/// without an item are left out. Nothing depends on row order.
struct Interactions: Sendable {
  let userField: Field
  let itemField: Field
  let users: [String]
  let items: [String]
  /// Pairs of user `u` are `offsets[u] ..< offsets[u + 1]`, items ascending.
  let offsets: [Int]
  let columns: [Int32]
  let weights: [Double]
  /// Mean rating of each pair; empty for implicit data.
  let ratings: [Double]

  var isExplicit: Bool { !ratings.isEmpty }

  init(_ data: TrainingData, user: String, item: String, owner: String) throws {
    let schema = data.frame.schema
    userField = try ColumnRole.user.requiredField(
      named: user, in: schema, excluding: item.isEmpty ? [] : [item], owner: owner)
    itemField = try ColumnRole.item.requiredField(
      named: item, in: schema, excluding: [userField.name], owner: owner)
    let given: [Double]
    switch data.target {
    case .values(let values): given = values
    case .classes where data.target.isAbsent: given = []
    case .classes:
      throw MLError(
        .invalidData, "\(owner): target must be ratings or absent; got classes.",
        hint: "Store ratings as numbers, or leave the target out when every row counts as one.")
    }
    guard given.allSatisfy({ abs($0) <= Self.largestRating }) else {
      throw MLError(.invalidData, "\(owner): ratings must lie within ±1e30; their squares overflow.")
    }
    let (userRows, users) = Self.indexed(try data.frame.column(userField.name))
    let (itemRows, items) = Self.indexed(try data.frame.column(itemField.name))
    var pairs: [(key: UInt64, row: Int)] = []
    pairs.reserveCapacity(userRows.count)
    for row in userRows.indices where userRows[row] >= 0 && itemRows[row] >= 0 && data.weights?[row] != 0 {
      pairs.append((UInt64(userRows[row]) << 32 | UInt64(itemRows[row]), row))
    }
    guard !pairs.isEmpty else {
      throw MLError(.invalidData, "\(owner): needs at least one row with a user and an item; got none.")
    }
    pairs.sort { $0.key == $1.key ? $0.row < $1.row : $0.key < $1.key }
    let joined = Self.joined(pairs, weights: data.weights, ratings: given)
    (self.users, self.items) = (users, items)
    (columns, weights, ratings) = (joined.columns, joined.weights, joined.ratings)
    var offsets = [Int](repeating: 0, count: users.count + 1)
    for user in joined.rows { offsets[Int(user) + 1] += 1 }
    for user in users.indices { offsets[user + 1] += offsets[user] }
    self.offsets = offsets
  }

  static let largestRating = 1e30

  private static func joined(
    _ pairs: [(key: UInt64, row: Int)], weights: [Double]?, ratings: [Double]
  ) -> (rows: [Int32], columns: [Int32], weights: [Double], ratings: [Double]) {
    var out: (rows: [Int32], columns: [Int32], weights: [Double], ratings: [Double]) = ([], [], [], [])
    var last: UInt64?
    for (key, row) in pairs {
      let weight = weights?[row] ?? 1
      if key == last {
        let place = out.weights.count - 1
        out.weights[place] += weight
        if !ratings.isEmpty { out.ratings[place] += (ratings[row] - out.ratings[place]) * weight / out.weights[place] }
        continue
      }
      last = key
      out.rows.append(Int32(key >> 32))
      out.columns.append(Int32(truncatingIfNeeded: key))
      out.weights.append(weight)
      if !ratings.isEmpty { out.ratings.append(ratings[row]) }
    }
    return out
  }

  /// Position of each row's text among the sorted distinct texts, -1 for a missing one.
  private static func indexed(_ column: Column) -> (rows: [Int], names: [String]) {
    var codes: [String: Int] = [:]
    var names: [String] = []
    let rows = column.texts.map { text -> Int in
      guard let text else { return -1 }
      if let code = codes[text] { return code }
      codes[text] = names.count
      names.append(text)
      return names.count - 1
    }
    let order = names.indices.sorted { names[$0] < names[$1] }
    var rank = [Int](repeating: 0, count: names.count)
    for (position, code) in order.enumerated() { rank[code] = position }
    return (rows.map { $0 < 0 ? -1 : rank[$0] }, order.map { names[$0] })
  }

  /// The same pairs by item: for each item its users, ascending, and the place of each pair.
  func byItem() -> (offsets: [Int], users: [Int32], places: [Int]) {
    var offsets = [Int](repeating: 0, count: items.count + 1)
    for item in columns { offsets[Int(item) + 1] += 1 }
    for item in items.indices { offsets[item + 1] += offsets[item] }
    var next = offsets
    var out = [Int32](repeating: 0, count: columns.count)
    var places = [Int](repeating: 0, count: columns.count)
    for user in users.indices {
      for place in self.places(of: user) {
        let item = Int(columns[place])
        out[next[item]] = Int32(user)
        places[next[item]] = place
        next[item] += 1
      }
    }
    return (offsets, out, places)
  }

  func places(of user: Int) -> Range<Int> { offsets[user]..<offsets[user + 1] }

  /// Weight of all rows of each item.
  func itemWeights() -> [Double] {
    var sums = [Double](repeating: 0, count: items.count)
    for (item, weight) in zip(columns, weights) { sums[Int(item)] += weight }
    return sums
  }
}
