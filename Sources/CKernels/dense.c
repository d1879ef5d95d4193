#include <string.h>

#include "ck_dense.h"
#include "ck_isa.h"

#define NAME(x) x##_baseline
#define VW 2
#include "dense.inc"
#undef NAME
#undef VW

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define NAME(x) x##_avx2
#define VW 4
#include "dense.inc"
#undef NAME
#undef VW
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"))), apply_to = function)
#define NAME(x) x##_avx512
#define VW 8
#include "dense.inc"
#undef NAME
#undef VW
#pragma clang attribute pop
#define VARIANTS(f) {f##_baseline, f##_avx2, f##_avx512}
#else
#define VARIANTS(f) {f##_baseline, f##_baseline, f##_baseline}
#endif

void ck_update(
    double *c, size_t c_stride, const double *a, size_t a_stride, const double *b, size_t b_stride, size_t rows,
    size_t columns, size_t depth) {
  static void (*const f[])(
      double *, size_t, const double *, size_t, const double *, size_t, size_t, size_t, size_t) = VARIANTS(update);
  if (depth > CK_UPDATE_DEPTH) return;
  f[ck_isa_fixed()](c, c_stride, a, a_stride, b, b_stride, rows, columns, depth);
}
