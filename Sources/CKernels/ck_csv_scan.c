// Where the separators are: 64 bytes at a time, once an instruction set, chosen at run time.
#include "ck_csv_internal.h"

#include <stdlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static inline uint64_t portable_mask(const uint8_t *p, uint8_t byte) {
  uint64_t out = 0, pattern = 0x0101010101010101u * byte;
  for (int i = 0; i < 8; i++) {
    uint64_t x = ck_load8(p + 8 * i) ^ pattern;
    uint64_t zero = ~(((x & 0x7f7f7f7f7f7f7f7fu) + 0x7f7f7f7f7f7f7f7fu) | x | 0x7f7f7f7f7f7f7f7fu);
    out |= (((zero >> 7) * 0x0102040810204080u) >> 56) << (8 * i);
  }
  return out;
}
#define NAME(x) portable_##x
#include "ck_csv_scan.inc"
#undef NAME

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,popcnt,bmi,bmi2"))), apply_to = function)
static inline uint64_t avx2_mask(const uint8_t *p, uint8_t byte) {
  __m256i v = _mm256_set1_epi8((char)byte);
  uint32_t a = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)p), v));
  uint32_t b = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(p + 32)), v));
  return (uint64_t)a | (uint64_t)b << 32;
}
#define NAME(x) avx2_##x
#include "ck_csv_scan.inc"
#undef NAME
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx2,popcnt,bmi,bmi2"))), apply_to = function)
static inline uint64_t avx512_mask(const uint8_t *p, uint8_t byte) {
  return _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(p), _mm512_set1_epi8((char)byte));
}
#define NAME(x) avx512_##x
#include "ck_csv_scan.inc"
#undef NAME
#pragma clang attribute pop

static int best_isa(void) {
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("bmi2")) return 2;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) return 1;
  return 0;
}
#else
static int best_isa(void) { return 0; }
#endif

ck_scan_function ck_csv_scan_function(int isa) {
  int best = best_isa();
  if (isa < 0) isa = best;
  if (isa > best) return NULL;
#if defined(__x86_64__)
  if (isa == 2) return avx512_scan;
  if (isa == 1) return avx2_scan;
#endif
  return isa == 0 ? portable_scan : NULL;
}

ck_count_function ck_csv_count_function(void) {
#if defined(__x86_64__)
  if (best_isa() == 2) return avx512_count;
  if (best_isa() == 1) return avx2_count;
#endif
  return portable_count;
}

void ck_csv_count(const uint8_t *bytes, int64_t n, uint8_t newline, int16_t quote, ck_csv_counts *out) {
  ck_csv_count_function()(bytes, n, newline, quote, out);
}

int64_t ck_csv_separators(const uint8_t *bytes, int64_t n, uint8_t delimiter, uint8_t newline, int16_t quote, int isa,
                          uint32_t *out) {
  ck_scan_function scan = ck_csv_scan_function(isa);
  if (!scan) return -1;
  ck_scan_state state = {0, 0, 0};
  uint32_t *ends = malloc(((size_t)n + 64) * sizeof *ends);
  if (!ends) return -1;
  size_t count = scan(bytes, 0, n, n, delimiter, newline, quote, &state, out, ends);
  for (size_t i = 0; i < state.end_count; i++)
    if (bytes[out[ends[i]]] != newline) count = 0;
  free(ends);
  return (int64_t)count;
}

int64_t ck_csv_first_record_end(const uint8_t *bytes, int64_t n, uint8_t newline, int16_t quote, int quote_open) {
  int inside = quote_open;
  for (int64_t i = 0; i < n; i++) {
    if (quote >= 0 && bytes[i] == (uint8_t)quote) inside = !inside;
    if (bytes[i] == newline && !inside) return i + 1;
  }
  return -1;
}

int64_t ck_csv_last_record_end(const uint8_t *bytes, int64_t n, uint8_t newline, int16_t quote, int quote_open) {
  ck_csv_counts counts;
  ck_csv_count(bytes, n, newline, quote, &counts);
  int inside = quote_open ^ (int)(counts.quotes & 1);
  for (int64_t i = n - 1; i >= 0; i--) {
    if (bytes[i] == newline && !inside) return i + 1;
    if (quote >= 0 && bytes[i] == (uint8_t)quote) inside = !inside;
  }
  return -1;
}
