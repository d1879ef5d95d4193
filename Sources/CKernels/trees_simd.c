#pragma STDC FP_CONTRACT OFF
#include <string.h>

#include "ck_isa.h"
#include "ck_trees.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Entries between a prefetch and its use.
#define FAR 64

#define NAME(x) x##_baseline
#define VW 2
#define PB 16
#include "trees_simd.inc"
#undef NAME
#undef VW
#undef PB

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"))), apply_to = function)
#define NAME(x) x##_avx2
#define VW 4
#define PB 32
#include "trees_simd.inc"
#undef NAME
#undef VW
#undef PB
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,bmi,bmi2,lzcnt,popcnt"))), apply_to = function)
#define NAME(x) x##_avx512
#define VW 8
#define PB 64
#include "trees_simd.inc"
#undef NAME
#undef VW
#undef PB
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

size_t ck_partition_scalar(const uint8_t *codes, const uint8_t *table, const uint64_t *entries, size_t count, uint64_t *left, uint64_t *right);

#if defined(__x86_64__)
// Eight entries at a time: sides are looked up one by one, entries compressed to either side. Scalar loads beat a gather here.
#define PARTITION(name, type)                                                                                                           \
  __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,bmi,bmi2,popcnt"))) static size_t name(                                \
      const type *codes, const uint8_t *table, const uint64_t *entries, size_t count, uint64_t *left, uint64_t *right) {                \
    size_t l = 0, i = 0;                                                                                                                \
    for (; i + 8 <= count; i += 8) {                                                                                                    \
      if (i + FAR + 8 <= count)                                                                                                         \
        for (size_t k = i + FAR; k < i + FAR + 8; k++) __builtin_prefetch(codes + (uint32_t)entries[k]);                                \
      unsigned goes = 0;                                                                                                                \
      for (int k = 0; k < 8; k++) goes |= (unsigned)table[codes[(uint32_t)entries[i + (size_t)k]]] << k;                                \
      __m512i entry = _mm512_loadu_si512(entries + i);                                                                                  \
      _mm512_storeu_si512(left + l, _mm512_maskz_compress_epi64((__mmask8)goes, entry));                                                \
      _mm512_storeu_si512(right + (i - l), _mm512_maskz_compress_epi64((__mmask8)~goes, entry));                                        \
      l += (size_t)__builtin_popcount(goes);                                                                                            \
    }                                                                                                                                   \
    for (; i < count; i++) {                                                                                                            \
      uint64_t entry = entries[i];                                                                                                      \
      size_t goes = table[codes[(uint32_t)entry]];                                                                                      \
      left[l] = entry;                                                                                                                  \
      right[i - l] = entry;                                                                                                             \
      l += goes;                                                                                                                        \
    }                                                                                                                                   \
    return l;                                                                                                                           \
  }
PARTITION(partition_avx512, uint8_t)
PARTITION(partition_wide_avx512, uint16_t)
#endif

size_t ck_partition_wide_scalar(const uint16_t *codes, const uint8_t *table, const uint64_t *entries, size_t count, uint64_t *left, uint64_t *right);

size_t ck_partition_wide(const uint16_t *codes, const uint8_t *table, const uint64_t *entries, size_t count, uint64_t *left, uint64_t *right) {
#if defined(__x86_64__)
  if (ck_isa() == CK_ISA_AVX512) return partition_wide_avx512(codes, table, entries, count, left, right);
#endif
  return ck_partition_wide_scalar(codes, table, entries, count, left, right);
}

void ck_derivative_range(const double *gradients, const double *hessians, size_t count, double *range) {
  static void (*const f[])(const double *, const double *, size_t, double *) = VARIANTS(derivative_range);
  f[ck_isa()](gradients, hessians, count, range);
}

size_t ck_partition(const uint8_t *codes, const uint8_t *table, const uint64_t *entries, size_t count, uint64_t *left, uint64_t *right) {
#if defined(__x86_64__)
  if (ck_isa() == CK_ISA_AVX512) return partition_avx512(codes, table, entries, count, left, right);
#endif
  return ck_partition_scalar(codes, table, entries, count, left, right);
}

void ck_exp(const double *in, size_t count, double *out) {
  static void (*const f[])(const double *, size_t, double *) = VARIANTS(exp);
  f[ck_isa()](in, count, out);
}

void ck_logistic_pairs(const double *scores, size_t count, double *out) {
  static void (*const f[])(const double *, size_t, double *) = VARIANTS(logistic_pairs);
  f[ck_isa()](scores, count, out);
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
                    double gradient_scale, double hessian_scale, uint32_t dither, uint32_t rows_before, uint64_t *entries) {
  static int64_t (*const f[])(const double *, const double *, size_t, size_t, double, double, uint32_t, uint32_t, uint64_t *) = VARIANTS(quantise_run);
  int isa = ck_isa();
  if (!rows && stride == 1)
    return f[isa](gradients + first, hessians + first, first, count, gradient_scale, hessian_scale, dither, rows_before, entries);
  int64_t sum = 0;
  for (size_t i = 0; i < count; i++) {
    size_t row = rows ? rows[i] : first + i;
    sum += f[0](gradients + row * stride, hessians + row * stride, row, 1, gradient_scale, hessian_scale, dither, rows_before, entries + i);
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

void ck_score(const ck_score_plan *plan, const uint8_t *codes, double *scores) {
  static void (*const f[])(const ck_score_plan *, const uint8_t *, double *) = VARIANTS(score);
  f[ck_isa()](plan, codes, scores);
}
