public import Basics

/// What a person or program may do on this server.
public enum Role: String, Sendable, Hashable, CaseIterable {
  /// Reads pages, metrics and records.
  case viewer
  /// Sends feedback and labels.
  case annotator
  /// Sends rows for prediction, trains and registers.
  case builder
  /// Promotes and rolls back.
  case approver
  /// Changes rollouts, alerts and retention.
  case operator_ = "operator"
  /// Everything.
  case admin
}

/// Who asks.
public struct Principal: Sendable, Hashable {
  /// Name for the audit log.
  public var name: String
  /// What it may do.
  public var roles: Set<Role>

  /// Makes a principal.
  public init(name: String, roles: Set<Role>) {
    self.name = name
    self.roles = roles
  }

  /// The person at this machine, on a server that only this machine reaches.
  public static let local = Principal(name: "local", roles: [.admin])

  /// Whether `role` is among its roles; an admin has every role, and every role may view.
  public func has(_ role: Role) -> Bool {
    roles.contains(role) || roles.contains(.admin) || (role == .viewer && !roles.isEmpty)
  }
}

/// Who may call a route.
public enum Access: Sendable, Hashable {
  /// Anybody, without a token: health checks and the like.
  case open
  /// Whoever has the role.
  case role(Role)
}

/// How a token becomes a principal.
public struct Authentication: Sendable {
  /// The principal a token stands for; `nil` for a token that stands for nobody.
  public var principal: @Sendable (_ token: String) -> Principal?

  /// Looks tokens up by a function; it must take the same time whether or not a token is known.
  public init(_ principal: @escaping @Sendable (_ token: String) -> Principal?) { self.principal = principal }

  /// Looks tokens up in a fixed list by their SHA-256, comparing every entry in full.
  public static func tokens(_ list: [(digest: Digest, principal: Principal)]) -> Authentication {
    Authentication { token in
      let wanted = Array(Digest(of: token).hex.utf8)
      var found: Principal?
      for entry in list {
        let difference = zip(wanted, entry.digest.hex.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
        if difference == 0 { found = entry.principal }
      }
      return found
    }
  }

  /// The token of a request: `Authorization: Bearer …`, or the password of `Basic …`, which browsers ask for.
  static func token(in headers: HeaderFields) -> String? {
    guard let value = headers["authorization"] else { return nil }
    let parts = value.split(separator: " ", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    if HeaderFields.same(String(parts[0]), "Bearer") { return String(parts[1]) }
    guard HeaderFields.same(String(parts[0]), "Basic"), let bytes = Base64.decoded(parts[1]),
      let text = String(validating: bytes, as: UTF8.self), let colon = text.firstIndex(of: ":")
    else { return nil }
    return String(text[text.index(after: colon)...])
  }
}

/// Base64 (RFC 4648 § 4).
enum Base64 {
  /// The bytes behind the text; `nil` where it is not Base64.
  static func decoded(_ text: some StringProtocol) -> [UInt8]? {
    var out: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    var padding = 0
    for byte in text.utf8 {
      let value: UInt32
      switch byte {
      case 65...90: value = UInt32(byte) - 65
      case 97...122: value = UInt32(byte) - 71
      case 48...57: value = UInt32(byte) + 4
      case 43: value = 62
      case 47: value = 63
      case 61:
        padding += 1
        continue
      default: return nil
      }
      guard padding == 0 else { return nil }
      bits = bits << 6 | value
      count += 6
      if count >= 8 {
        count -= 8
        out.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    return padding <= 2 && count < 6 ? out : nil
  }
}
