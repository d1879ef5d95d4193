import CKernels

/// Instruction sets that kernels have variants for.
///
/// Tree kernels give the same bits on each. The best set present is used; the environment variable `APUS_ISA`
/// (`baseline`, `avx2`, `avx512`) lowers it.
package enum InstructionSet: Int32, Sendable, CaseIterable {
  case baseline = 0
  case avx2 = 1
  case avx512 = 2

  /// The set in use.
  package static var current: InstructionSet { InstructionSet(rawValue: ck_isa()) ?? .baseline }

  /// Sets this machine has.
  package static var available: [InstructionSet] { allCases.filter { $0.rawValue <= ck_isa_best() } }

  /// Uses `set` from now on where the machine has it. For tests that run every variant.
  package static func use(_ set: InstructionSet) { _ = ck_isa_use(set.rawValue) }
}
