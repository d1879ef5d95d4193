// Single-precision matrix products; see Goto and van de Geijn, Anatomy of high-performance matrix multiplication, ACM TOMS 34(3), 2008.
#include "ck_gemm.h"

#include <string.h>

#include "ck_isa.h"

// A stretch of k whose panel stays in the first-level cache; rows whose block stays in the second-level one (a multiple of
// every tile but the smallest).
enum { KC = 320, ROWS = 168 };

typedef float four __attribute__((vector_size(16), aligned(4), may_alias));

// Four rows of `from`, k floats each, become four adjacent columns of `to`.
static void ck_pack_four(size_t k, const float *from, size_t step, float *to, size_t to_step) {
  size_t i = 0;
  for (; i + 4 <= k; i += 4) {
    four a = *(const four *)(from + i), b = *(const four *)(from + step + i);
    four c = *(const four *)(from + 2 * step + i), d = *(const four *)(from + 3 * step + i);
    four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    four ef = __builtin_shufflevector(a, b, 2, 6, 3, 7), gh = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    *(four *)(to + i * to_step) = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
    *(four *)(to + (i + 1) * to_step) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
    *(four *)(to + (i + 2) * to_step) = __builtin_shufflevector(ef, gh, 0, 1, 4, 5);
    *(four *)(to + (i + 3) * to_step) = __builtin_shufflevector(ef, gh, 2, 3, 6, 7);
  }
  for (; i < k; i++)
    for (size_t j = 0; j < 4; j++) to[i * to_step + j] = from[j * step + i];
}

#if defined(__x86_64__)
#define MULADD(a, b, c) ((a) * (b) + (c))
#define NAME(x) x##_baseline
#define VW 4
#define MR 4
#define NV 2
#include "ck_gemm.inc"
#undef NAME
#undef VW
#undef MR
#undef MULADD

#define MULADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2"))), apply_to = function)
#define NAME(x) x##_avx2
#define VW 8
#define MR 6
#include "ck_gemm.inc"
#undef NAME
#undef VW
#undef MR
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,bmi,bmi2"))), apply_to = function)
#define NAME(x) x##_avx512
#define VW 16
#define MR 14
#include "ck_gemm.inc"
#undef NAME
#undef VW
#undef MR
#pragma clang attribute pop
#define VARIANTS(f) {f##_baseline, f##_avx2, f##_avx512}
#else
// Thirty-two registers of four floats (NEON): 10 x 2 of them accumulate.
#define MULADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#define NAME(x) x##_baseline
#define VW 4
#define MR 10
#define NV 2
#include "ck_gemm.inc"
#define VARIANTS(f) {f##_baseline, f##_baseline, f##_baseline}
#endif

void ck_sgemm(size_t m, size_t n, size_t k, ck_matrix a, ck_matrix b, float *c, size_t c_step, int accumulate) {
  ck_sgemm_on(ck_isa_fixed(), m, n, k, a, b, c, c_step, accumulate);
}

void ck_sgemm_on(int isa, size_t m, size_t n, size_t k, ck_matrix a, ck_matrix b, float *c, size_t c_step, int accumulate) {
  static void (*const f[])(size_t, size_t, size_t, ck_matrix, ck_matrix, float *, size_t, int) = VARIANTS(gemm);
  if (k == 0 && !accumulate)
    for (size_t i = 0; i < m; i++) memset(c + i * c_step, 0, n * sizeof(float));
  if (m == 0 || n == 0 || k == 0) return;
  f[isa <= ck_isa_best() ? isa : ck_isa_best()](m, n, k, a, b, c, c_step, accumulate);
}
