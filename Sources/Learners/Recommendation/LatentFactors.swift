import Basics

/// A point for each user and item; what goes together lies in one direction.
struct LatentFactors: Sendable, Hashable {
  /// Numbers a point has.
  let width: Int
  /// Row-major `[users, width]`.
  var users: [Double]
  /// Row-major `[items, width]`.
  var items: [Double]

  func product(_ user: Int, _ item: Int) -> Double {
    var sum = 0.0
    for k in 0..<width { sum += users[user * width + k] * items[item * width + k] }
    return sum
  }

  func user(_ user: Int) -> [Double] { Array(users[(user * width)..<((user + 1) * width)]) }

  /// Products of a user's point with every item.
  func scores(_ point: [Double]) -> [Double] {
    (0..<(items.count / max(1, width))).map { item in
      var sum = 0.0
      for k in 0..<width { sum += point[k] * items[item * width + k] }
      return sum
    }
  }

  /// The point of someone who has `basket`, by the normal equations of Hu et al. 2008 (equation 4).
  func folded(_ basket: [Int], confidence: Double, penalty: Double) -> [Double] {
    var system = LatentFactors.gram(items, width)
    for k in 0..<width { system[k * width + k] += penalty }
    var right = [Double](repeating: 0, count: width)
    for item in basket {
      let base = item * width
      for a in 0..<width {
        right[a] += (1 + confidence) * items[base + a]
        for b in 0...a { system[a * width + b] += confidence * items[base + a] * items[base + b] }
      }
    }
    return Cholesky.solve(system, right)
  }

  /// Sum of outer products of all points, `[width, width]`, full.
  static func gram(_ points: [Double], _ width: Int) -> [Double] {
    var out = [Double](repeating: 0, count: width * width)
    var sums = out.mutableSpan
    let points = points.span
    for start in stride(from: 0, to: points.count, by: width) {
      for a in 0..<width {
        let x = points[start + a]
        for b in 0..<width { sums[a * width + b] += x * points[start + b] }
      }
    }
    return out
  }

  func write(to archive: inout ArchiveWriter) {
    archive.set("width", .integer(Int64(width)))
    archive.add("user_factors", floats: users.map(Float.init))
    archive.add("item_factors", floats: items.map(Float.init))
  }

  init(width: Int, users: [Double], items: [Double]) {
    self.width = width
    // What is kept is what is stored: 4 bytes a number.
    self.users = users.map { Double(Float($0)) }
    self.items = items.map { Double(Float($0)) }
  }

  init(from archive: ArchiveReader, userCount: Int, itemCount: Int) throws {
    width = try archive.integer("width")
    users = try archive.floats("user_factors").map(Double.init)
    items = try archive.floats("item_factors").map(Double.init)
    guard (1...4096).contains(width), users.count == userCount * width, items.count == itemCount * width,
      users.allSatisfy(\.isFinite), items.allSatisfy(\.isFinite)
    else { throw archive.corrupt("holds factors that do not fit together") }
  }
}
