import Foundation

/// Elementary functions for targets that keep Foundation out.
public enum Mathematics {
  /// Natural logarithm.
  public static func log(_ x: Double) -> Double { Foundation.log(x) }
  /// `log(1 + x)` without loss near zero.
  public static func log1p(_ x: Double) -> Double { Foundation.log1p(x) }
  /// Exponential.
  public static func exp(_ x: Double) -> Double { Foundation.exp(x) }
  /// `exp(x) - 1` without loss near zero.
  public static func expm1(_ x: Double) -> Double { Foundation.expm1(x) }
  /// Power.
  public static func pow(_ x: Double, _ y: Double) -> Double { Foundation.pow(x, y) }
  /// Sine.
  public static func sin(_ x: Double) -> Double { Foundation.sin(x) }
  /// Cosine.
  public static func cos(_ x: Double) -> Double { Foundation.cos(x) }
  /// `significand · 2^exponent`, rounded once.
  public static func scaled(_ significand: Double, exponent: Int) -> Double {
    Foundation.scalbn(significand, Int(exponent))
  }
  /// Error function.
  public static func erf(_ x: Double) -> Double { Foundation.erf(x) }
  /// `1 - erf(x)` without loss far out.
  public static func erfc(_ x: Double) -> Double { Foundation.erfc(x) }
  /// Logarithm of the gamma function of a positive number.
  public static func logGamma(_ x: Double) -> Double { Foundation.lgamma(x) }
  /// `1 / (1 + exp(-x))` without overflow.
  public static func logistic(_ x: Double) -> Double {
    if x >= 0 { return 1 / (1 + Foundation.exp(-x)) }
    let e = Foundation.exp(x)
    return e / (1 + e)
  }
}

import Synchronization

extension Mathematics {
  private static let counter = Atomic<UInt64>(0)

  /// A number no other call in this process gets, for temporary names.
  static func uniqueCounter() -> UInt64 { counter.add(1, ordering: .relaxed).newValue }
}
