#pragma STDC FP_CONTRACT OFF
#include "ck_forest.h"
#include "ck_isa.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))

enum { LANES = 16 };

// Steps of all lanes overlap: none waits for another's memory.
INLINE void settle(const ck_walk_plan *plan, const uint16_t *codes, size_t stride, const int32_t *roots, int32_t *at, const int lanes,
                   const int has_categories) {
  const ck_walk_node *nodes = plan->nodes;
  for (int i = 0; i < lanes; i++) at[i] = roots[i];
  int32_t moved;
  do {
    moved = 0;
    for (int i = 0; i < lanes; i++) {
      const int32_t now = at[i];
      const ck_walk_node node = nodes[now];
      const uint16_t code = codes[(size_t)i * stride + node.column];
      int32_t goes = code > node.threshold;
      if (has_categories && node.child != now && plan->payload[now] >= 0)
        goes = !(plan->words[(size_t)plan->payload[now] + (code >> 5)] >> (code & 31) & 1);
      const int32_t then = node.child + goes;
      moved |= then ^ now;
      at[i] = then;
    }
  } while (moved);
}

INLINE void add(const ck_walk_plan *plan, size_t tree, const int32_t *at, int lanes, double *scores) {
  const size_t width = plan->width, own = plan->leaf_width;
  if (own == 1) {
    const size_t k = tree % width;
    for (int i = 0; i < lanes; i++) scores[(size_t)i * width + k] += plan->leaves[plan->payload[at[i]]];
    return;
  }
  for (int i = 0; i < lanes; i++) {
    const double *leaf = plan->leaves + (size_t)plan->payload[at[i]] * own;
    for (size_t k = 0; k < own; k++) scores[(size_t)i * width + k] += leaf[k];
  }
}

static void walk_rest(const ck_walk_plan *plan, const uint16_t *codes, size_t stride, size_t tree, size_t count, double *scores) {
  int32_t at[1];
  for (size_t row = 0; row < count; row++) {
    if (plan->has_categories) settle(plan, codes + row * stride, stride, plan->roots + tree, at, 1, 1);
    else settle(plan, codes + row * stride, stride, plan->roots + tree, at, 1, 0);
    add(plan, tree, at, 1, scores + row * plan->width);
  }
}

static void settle_lanes(const ck_walk_plan *plan, const uint16_t *codes, size_t stride, const int32_t *roots, int32_t *at) {
  if (plan->has_categories) settle(plan, codes, stride, roots, at, LANES, 1);
  else settle(plan, codes, stride, roots, at, LANES, 0);
}

#if defined(__x86_64__)
__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,bmi,bmi2"))) static void settle_avx512(
    const ck_walk_plan *plan, const uint16_t *codes, size_t stride, const int32_t *roots, int32_t *at) {
  const __m512i offsets = _mm512_mullo_epi32(_mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0), _mm512_set1_epi32((int)stride));
  const __m512i low16 = _mm512_set1_epi32(0xFFFF), one = _mm512_set1_epi32(1);
  // Even words of both halves, then odd words: columns and thresholds of 16 nodes, then their children.
  const __m512i even = _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
  const __m512i odd = _mm512_set_epi32(31, 29, 27, 25, 23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1);
  __m512i now = _mm512_loadu_si512(roots);
  for (;;) {
    __m512i a = _mm512_i32gather_epi64(_mm512_castsi512_si256(now), plan->nodes, 8);
    __m512i b = _mm512_i32gather_epi64(_mm512_extracti64x4_epi64(now, 1), plan->nodes, 8);
    __m512i test = _mm512_permutex2var_epi32(a, even, b), child = _mm512_permutex2var_epi32(a, odd, b);
    __m512i code = _mm512_and_si512(_mm512_i32gather_epi32(_mm512_add_epi32(offsets, _mm512_and_si512(test, low16)), codes, 2), low16);
    __mmask16 right = _mm512_cmpgt_epu32_mask(code, _mm512_srli_epi32(test, 16));
    __m512i then = _mm512_mask_add_epi32(child, right, child, one);
    if (!_mm512_cmpneq_epi32_mask(then, now)) break;
    now = then;
  }
  _mm512_storeu_si512(at, now);
}
#endif

typedef void lanes_function(const ck_walk_plan *, const uint16_t *, size_t, const int32_t *, int32_t *);

static lanes_function *chosen(const ck_walk_plan *plan, size_t stride) {
#if defined(__x86_64__)
  if (ck_isa() == CK_ISA_AVX512 && !plan->has_categories && stride < (1 << 26)) return settle_avx512;
#endif
  return settle_lanes;
}

// One row: lanes are trees.
static void walk_row(const ck_walk_plan *plan, const uint16_t *codes, size_t stride, double *scores) {
  lanes_function *lanes = chosen(plan, stride);
  int32_t at[LANES];
  size_t tree = 0;
  for (; tree + LANES <= plan->tree_count; tree += LANES) {
    lanes(plan, codes, 0, plan->roots + tree, at);
    for (int i = 0; i < LANES; i++) add(plan, tree + (size_t)i, at + i, 1, scores);
  }
  for (; tree < plan->tree_count; tree++) walk_rest(plan, codes, stride, tree, 1, scores);
}

void ck_walk(const ck_walk_plan *plan, const uint16_t *codes, size_t stride, size_t count, double *scores) {
  if (count < LANES) {
    for (size_t row = 0; row < count; row++) walk_row(plan, codes + row * stride, stride, scores + row * plan->width);
    return;
  }
  lanes_function *lanes = chosen(plan, stride);
  for (size_t tree = 0; tree < plan->tree_count; tree++) {
    size_t row = 0;
    int32_t at[LANES], roots[LANES];
    for (int i = 0; i < LANES; i++) roots[i] = plan->roots[tree];
    for (; row + LANES <= count; row += LANES) {
      lanes(plan, codes + row * stride, stride, roots, at);
      add(plan, tree, at, LANES, scores + row * plan->width);
    }
    walk_rest(plan, codes + row * stride, stride, tree, count - row, scores + row * plan->width);
  }
}

void ck_rank(const double *values, size_t rows, const double *bounds, size_t count, uint16_t *codes, size_t stride) {
  for (size_t i = 0; i < rows; i++) {
    const double x = values[i];
    const double *base = bounds;
    size_t left = count;
    while (left > 1) {
      size_t half = left / 2;
      base += base[half - 1] < x ? half : 0;
      left -= half;
    }
    size_t below = (size_t)(base - bounds) + (count && *base < x);
    codes[i * stride] = x != x ? 0 : (uint16_t)(1 + below);
  }
}
