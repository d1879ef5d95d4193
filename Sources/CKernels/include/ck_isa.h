#ifndef CK_ISA_H
#define CK_ISA_H

#include <stddef.h>

/// Instruction sets with kernels of their own; the result of every integer or tree kernel is the same on each.
enum { CK_ISA_BASELINE = 0, CK_ISA_AVX2 = 1, CK_ISA_AVX512 = 2, CK_ISA_COUNT = 3 };

/// The set in use: the best one this machine has, or what `APUS_ISA` (baseline, avx2, avx512) names if present here.
int ck_isa(void);

/// The best set this machine has.
int ck_isa_best(void);

/// The set `ck_isa` begins with, whatever `ck_isa_use` says later: for kernels whose last bits differ between sets, which one
/// process must not mix.
int ck_isa_fixed(void);

/// Uses `isa` from now on if this machine has it; returns the set in use. For tests that run every variant.
int ck_isa_use(int isa);

/// Zeroed memory for large arrays: 64-byte aligned, huge pages where the system offers them; NULL when there is none.
void *ck_allocate(size_t size);

/// Frees what `ck_allocate` gave.
void ck_free(void *memory);

#endif
