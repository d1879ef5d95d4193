import Basics

/// All of EASE's weights in the form of the inverse they come from: exact, and as small as the smaller side.
///
/// Scores of a basket `x`: `x − (x·P) / diag P`, where `P` is either kept itself (one row an item), or given by
/// `P = (I − Xᵀ·K·X) / penalty` with `K` kept (one row a user) and `X` the histories.
struct EaseInverse: Sendable, Hashable {
  /// Whether rows are users (`K`) or items (`P`).
  let isByUser: Bool
  let penalty: Double
  /// Items that take part, ascending.
  let members: [Int32]
  /// Lower triangle, row after row.
  let triangle: [Float]
  /// `diag P`, one for each member.
  let diagonal: [Double]

  init(isByUser: Bool, penalty: Double, members: [Int32], matrix: [Double], count: Int, diagonal: [Double]) {
    (self.isByUser, self.penalty, self.members, self.diagonal) = (isByUser, penalty, members, diagonal)
    var triangle: [Float] = []
    triangle.reserveCapacity(count * (count + 1) / 2)
    for row in 0..<count { for column in 0...row { triangle.append(Float(matrix[row * count + column])) } }
    self.triangle = triangle
  }

  /// Adds what `basket` (ascending items) says to the scores of all items; `history` are the users' items,
  /// compressed.
  func add(_ basket: [Int], history: (offsets: [Int], seen: [Int32]), to scores: inout [Double]) {
    let place = places(scores.count)
    let had = basket.filter { place[$0] >= 0 }
    var product = [Double](repeating: 0, count: members.count)
    if isByUser {
      let shared = overlaps(had, history, scores.count)
      let mixed = multiplied(shared)
      for user in mixed.indices {
        for pair in history.offsets[user]..<history.offsets[user + 1] where place[Int(history.seen[pair])] >= 0 {
          product[Int(place[Int(history.seen[pair])])] -= mixed[user] / penalty
        }
      }
      for item in had { product[Int(place[item])] += 1 / penalty }
    } else {
      for item in had { addRow(Int(place[item]), to: &product) }
    }
    for (index, member) in members.enumerated() { scores[Int(member)] -= product[index] / diagonal[index] }
    for item in had { scores[item] += 1 }
  }

  private func places(_ itemCount: Int) -> [Int32] {
    var out = [Int32](repeating: -1, count: itemCount)
    for (index, member) in members.enumerated() { out[Int(member)] = Int32(index) }
    return out
  }

  /// How many of `items` each user had.
  private func overlaps(_ items: [Int], _ history: (offsets: [Int], seen: [Int32]), _ itemCount: Int) -> [Double] {
    var isHad = [Bool](repeating: false, count: itemCount)
    for item in items { isHad[item] = true }
    return (0..<(history.offsets.count - 1)).map { user in
      Double(history.seen[history.offsets[user]..<history.offsets[user + 1]].count { isHad[Int($0)] })
    }
  }

  /// Row `index` of the symmetric matrix.
  private func addRow(_ index: Int, to sums: inout [Double]) {
    var place = index * (index + 1) / 2
    for column in 0...index {
      sums[column] += Double(triangle[place])
      place += 1
    }
    place = place - 1
    for row in (index + 1)..<max(index + 1, sums.count) {
      place += row
      sums[row] += Double(triangle[place])
    }
  }

  /// The symmetric matrix times a vector.
  private func multiplied(_ vector: [Double]) -> [Double] {
    var out = [Double](repeating: 0, count: vector.count)
    var place = 0
    for row in vector.indices {
      var sum = 0.0
      for column in 0..<row {
        let value = Double(triangle[place])
        sum += value * vector[column]
        out[column] += value * vector[row]
        place += 1
      }
      out[row] += sum + Double(triangle[place]) * vector[row]
      place += 1
    }
    return out
  }

  func write(to archive: inout ArchiveWriter) {
    archive.set("is_by_user", .boolean(isByUser))
    archive.set("penalty", .number(penalty))
    archive.add("members", int32s: members)
    archive.add("triangle", floats: triangle)
    archive.add("diagonal", doubles: diagonal)
  }

  init(from archive: ArchiveReader, userCount: Int, itemCount: Int) throws {
    guard case .boolean(let isByUser) = try archive.value("is_by_user") else {
      throw archive.corrupt("does not say what its inverse is of")
    }
    self.isByUser = isByUser
    penalty = try archive.double("penalty")
    members = try archive.int32s("members")
    triangle = try archive.floats("triangle")
    diagonal = try archive.doubles("diagonal")
    let count = isByUser ? userCount : members.count
    guard penalty.isFinite, penalty > 0, diagonal.count == members.count, triangle.count == count * (count + 1) / 2,
      members.allSatisfy({ $0 >= 0 && $0 < itemCount }), zip(members, members.dropFirst()).allSatisfy({ $0 < $1 }),
      triangle.allSatisfy(\.isFinite), diagonal.allSatisfy({ $0.isFinite && $0 > 0 })
    else { throw archive.corrupt("holds an inverse that does not fit together") }
  }
}
