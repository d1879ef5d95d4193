/// Hashes that never change between runs, machines or releases: splits and folds depend on them.
public enum StableHash {
  /// Finaliser of SplitMix64: a bijection of 64 bits with full avalanche.
  @inlinable public static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// 64-bit FNV-1a of the UTF-8 bytes, then `mix`.
  public static func hash(_ text: String) -> UInt64 {
    var state: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return mix(state)
  }

  /// Hash of a number; `-0` equals `0`.
  public static func hash(_ number: Double) -> UInt64 {
    mix((number == 0 ? 0 : number).bitPattern ^ 0x5851_F42D_4C95_7F2D)
  }

  /// Order-sensitive combination.
  @inlinable public static func combine(_ a: UInt64, _ b: UInt64) -> UInt64 {
    mix(a &+ 0x9E37_79B9_7F4A_7C15 &+ (b << 6) &+ (b >> 2) ^ b &* 0xFF51_AFD7_ED55_8CCD)
  }

  /// Hash as a fraction of `[0, 1)`, for splits.
  public static func fraction(_ hash: UInt64) -> Double { Double(hash >> 11) * 0x1p-53 }
}
