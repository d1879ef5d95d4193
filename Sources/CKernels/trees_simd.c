#pragma STDC FP_CONTRACT OFF
#include <string.h>

#include "ck_isa.h"
#include "ck_trees.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define NAME(x) x##_baseline
#define VW 2
#include "trees_simd.inc"
#undef NAME
#undef VW

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"))), apply_to = function)
#define NAME(x) x##_avx2
#define VW 4
#include "trees_simd.inc"
#undef NAME
#undef VW
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,bmi,bmi2,lzcnt,popcnt,prefer-256-bit"))), apply_to = function)
#define NAME(x) x##_avx512
#define VW 8
#include "trees_simd.inc"
#undef NAME
#undef VW
#pragma clang attribute pop
#define VARIANTS(f) {f##_baseline, f##_avx2, f##_avx512}
#else
#define VARIANTS(f) {f##_baseline, f##_baseline, f##_baseline}
#endif


void ck_cells_subtract(int64_t *cells, const int64_t *other, size_t count) {
  static void (*const f[])(int64_t *, const int64_t *, size_t) = VARIANTS(subtract);
  f[ck_isa()](cells, other, count);
}

void ck_cells_add(int64_t *cells, const int64_t *other, size_t count) {
  static void (*const f[])(int64_t *, const int64_t *, size_t) = VARIANTS(add);
  f[ck_isa()](cells, other, count);
}

void ck_exp(const double *in, size_t count, double *out) {
  static void (*const f[])(const double *, size_t, double *) = VARIANTS(exp);
  f[ck_isa()](in, count, out);
}

void ck_logistic(const double *scores, const double *target, size_t count, double *gradients, double *hessians) {
  static void (*const f[])(const double *, const double *, size_t, double *, double *) = VARIANTS(logistic);
  f[ck_isa()](scores, target, count, gradients, hessians);
}

void ck_bin(const double *values, size_t count, const double *bounds, uint8_t *codes) {
  static void (*const f[])(const double *, size_t, const double *, uint8_t *) = VARIANTS(bin);
  f[ck_isa()](values, count, bounds, codes);
}

int64_t ck_quantise(const double *gradients, const double *hessians, size_t stride, const uint32_t *rows, size_t first, size_t count,
                    double gradient_scale, double hessian_scale, uint32_t dither, uint64_t *entries) {
  static int64_t (*const f[])(const double *, const double *, size_t, size_t, double, double, uint32_t, uint64_t *) = VARIANTS(quantise_run);
  int isa = ck_isa();
  if (!rows && stride == 1)
    return f[isa](gradients + first, hessians + first, first, count, gradient_scale, hessian_scale, dither, entries);
  int64_t sum = 0;
  for (size_t i = 0; i < count; i++) {
    size_t row = rows ? rows[i] : first + i;
    sum += f[0](gradients + row * stride, hessians + row * stride, row, 1, gradient_scale, hessian_scale, dither, entries + i);
  }
  return sum;
}

void ck_scan_numbers(const int64_t *cells, int bins, const ck_scan *scan, ck_split *best) {
  static double (*const f[])(const int64_t *, int, int64_t, const ck_scan *, double *) = VARIANTS(gains);
  int64_t prefix[264];
  double gains[264];
  int64_t sum = 0;
  for (int i = 0; i < bins; i++) prefix[i] = sum += cells[i + 1];
  for (int i = bins; i % 8; i++) prefix[i] = sum;
  best->gain = 0;
  best->left = 0;
  best->bin = 0;
  best->flags = 0;
  int isa = ck_isa();
  for (int side = 0; side < (cells[0] ? 2 : 1); side++) {
    int64_t extra = side ? cells[0] : 0;
    double largest = f[isa](prefix, bins, extra, scan, gains);
    if (!(largest > best->gain)) continue;
    int i = 0;
    while (gains[i] != largest) i++;
    best->gain = largest;
    best->left = prefix[i] + extra;
    best->bin = (i < bins ? i : bins - 1) + 1;
    best->flags = side ? CK_MISSING_LEFT : 0;
  }
}
