import Basics

/// What a column is for, in tasks that are about more than features: who, what, when.
///
/// A column is found by the name in the settings; without one by a usual name (case, spaces and underscores do not
/// count), and users, items and moments else by being the first column of a fitting kind.
package enum ColumnRole: String, Sendable, CaseIterable {
  /// Who acts: a person, a customer, a basket.
  case user
  /// What is acted on.
  case item
  /// When.
  case time
  /// Which of several series or things a row belongs to; never guessed by kind.
  case series

  /// Usual names, lower-case letters and digits only, most telling first.
  private var usualNames: [String] {
    switch self {
    case .user: ["user", "userid", "username", "customer", "customerid", "client", "clientid", "member", "memberid"]
    case .item:
      ["item", "itemid", "movie", "movieid", "product", "productid", "stockcode", "sku", "article", "articleid"]
    case .time: ["time", "timestamp", "date", "datetime", "moment", "ts", "ds", "when", "day", "month"]
    case .series: ["series", "seriesid", "entity", "entityid", "uniqueid", "sensor", "sensorid", "device", "deviceid"]
    }
  }

  private var kinds: [ColumnKind] {
    switch self {
    case .user, .item, .series: [.category, .text, .integer]
    case .time: [.timestamp, .integer, .number]
    }
  }

  /// The column of this role, or `nil` when none was named and none fits.
  ///
  /// - Parameters:
  ///   - name: From the settings; empty: find it.
  ///   - excluded: Columns that have another role already.
  ///   - owner: Registered name of who asks, for errors.
  /// - Throws: `.schemaMismatch` when the named column is lacking or of a kind that cannot have this role.
  package func field(
    named name: String, in schema: Schema, excluding excluded: Set<String> = [], owner: String
  ) throws -> Field? {
    if !name.isEmpty {
      guard let field = schema[name] else {
        throw MLError.unknown("column", name, among: schema.names, in: owner, code: .schemaMismatch)
      }
      guard kinds.contains(field.kind), !excluded.contains(name) else {
        let accepted = kinds.map(\.rawValue).joined(separator: ", ")
        throw MLError(
          .schemaMismatch,
          "\(owner): column '\(name)' cannot be the \(rawValue); it must be of kind \(accepted) and of no other role.",
          hint: "Name another column in '\(rawValue)'.", field: name)
      }
      return field
    }
    let free = schema.fields.filter { !excluded.contains($0.name) && kinds.contains($0.kind) }
    for usual in usualNames {
      if let field = free.first(where: { Self.plain($0.name) == usual }) { return field }
    }
    switch self {
    case .user, .item: return free.first
    case .time: return free.first { $0.kind == .timestamp }
    case .series: return nil
    }
  }

  /// As `field`, for a role that must be filled.
  ///
  /// - Throws: `.schemaMismatch` as `field`, and when no column fits.
  package func requiredField(
    named name: String, in schema: Schema, excluding excluded: Set<String> = [], owner: String
  ) throws -> Field {
    if let field = try field(named: name, in: schema, excluding: excluded, owner: owner) { return field }
    throw MLError(
      .schemaMismatch, "\(owner): needs a \(rawValue) column; none of \(schema.count) columns fits.",
      hint: "Name it in '\(rawValue)'.", field: rawValue)
  }

  private static func plain(_ name: String) -> String {
    String(name.lowercased().filter { $0.isLetter || $0.isNumber })
  }
}

extension Column {
  /// Moments as microseconds since 1970 UTC: timestamps as they are, whole and other numbers as seconds; `nil` where
  /// there is none, and for columns of other kinds everywhere.
  package var moments: [Int64?] {
    let limit = 9.0e18
    switch storage {
    case .timestamp(let values): return values.indices.map { isPresent($0) ? values[$0] : nil }
    case .integer, .number:
      return (doubles ?? []).map { seconds in
        let microseconds = (seconds * 1e6).rounded()
        return abs(microseconds) < limit ? Int64(microseconds) : nil
      }
    default: return Array(repeating: nil, count: count)
    }
  }

  /// The texts of all rows, a level's text made once.
  package var texts: [String?] {
    if case .category(let codes, let levels) = storage {
      return codes.indices.map { isPresent($0) ? levels[Int(codes[$0])] : nil }
    }
    return (0..<count).map { text(at: $0) }
  }
}
