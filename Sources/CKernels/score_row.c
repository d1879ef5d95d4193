#pragma STDC FP_CONTRACT OFF
#include "ck_isa.h"
#include "ck_trees.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define ROW_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx2,bmi,bmi2,lzcnt,popcnt")))
#define INLINE static inline __attribute__((always_inline)) ROW_TARGET

// `pivots` are bounds 15, 31, ... 255: the 16 bounds after the last pivot below decide.
INLINE uint8_t rank(double x, const double *pivots, const double *bounds) {
  const __m512d v = _mm512_set1_pd(x);
  const unsigned coarse = (unsigned)__builtin_popcount((unsigned)_mm512_cmp_pd_mask(_mm512_loadu_pd(pivots), v, _CMP_LT_OQ) |
                                                       (unsigned)_mm512_cmp_pd_mask(_mm512_loadu_pd(pivots + 8), v, _CMP_LT_OQ) << 8);
  const double *fine = bounds + 16 * (coarse & 15);
  const unsigned below = (unsigned)__builtin_popcount((unsigned)_mm512_cmp_pd_mask(_mm512_loadu_pd(fine), v, _CMP_LT_OQ) |
                                                      (unsigned)_mm512_cmp_pd_mask(_mm512_loadu_pd(fine + 8), v, _CMP_LT_OQ) << 8);
  return x != x ? 0 : (uint8_t)(1 + 16 * coarse + below);
}

INLINE void encode(const ck_row_plan *plan, const double *values, uint8_t *codes) {
  for (size_t c = 0; c < plan->column_count; c++) {
    const uint32_t source = plan->sources[c];
    if (plan->kinds[c] == 0) codes[c] = rank(values[source], plan->pivots + 16 * (size_t)plan->offsets[c], plan->bounds + 256 * (size_t)plan->offsets[c]);
    else if (plan->kinds[c] == 1) codes[c] = (uint8_t)(codes[source] - 1);
    else codes[c] = plan->bytes[plan->offsets[c] + (uint32_t)values[source]];
  }
}

INLINE __m512i step(__m512i low, __m512i high, const uint8_t *node, __m512i leaf, const int is_wide) {
  const __m512i column = _mm512_load_si512(node);
  const __m512i code = is_wide ? _mm512_permutex2var_epi8(low, column, high) : _mm512_permutexvar_epi8(column, low);
  const __mmask64 right = _mm512_cmpgt_epu8_mask(code, _mm512_load_si512(node + CK_ROW_LANES));
  const __mmask64 moves = _mm512_mask_cmpeq_epu8_mask(right, leaf, _mm512_load_si512(node + 2 * CK_ROW_LANES));
  return _mm512_mask_mov_epi8(leaf, moves, _mm512_load_si512(node + 3 * CK_ROW_LANES));
}

// Lanes are trees: the same walk as that of batches, node by node of all trees at once.
INLINE void walk(const ck_row_plan *plan, const uint8_t *codes, double *scores, const int is_wide) {
  const __m512i low = _mm512_load_si512(codes), high = _mm512_load_si512(codes + 64);
  const uint8_t *node = plan->nodes;
  uint8_t leaf[CK_ROW_LANES] __attribute__((aligned(64)));
  double sum = scores[0];
  size_t k = 0;
  for (size_t first = 0; first < plan->tree_count; first += CK_ROW_LANES) {
    __m512i a = _mm512_setzero_si512(), b = a;
    for (uint32_t left = plan->node_counts[first / CK_ROW_LANES]; left > 0; left--, node += 4 * CK_ROW_LANES) {
      a = step(low, high, node, a, is_wide);
      b = step(low, high, node + 64, b, is_wide);
    }
    _mm512_store_si512(leaf, a);
    _mm512_store_si512(leaf + 64, b);
    const size_t rest = plan->tree_count - first, count = rest < CK_ROW_LANES ? rest : CK_ROW_LANES;
    const uint32_t *leaves = plan->first_leaves + first;
    if (plan->width == 1) {
      for (size_t t = 0; t < count; t++) sum += plan->leaves[leaves[t] + leaf[t]];
      continue;
    }
    for (size_t t = 0; t < count; t++) {
      scores[k] += plan->leaves[leaves[t] + leaf[t]];
      if (++k == plan->width) k = 0;
    }
  }
  if (plan->width == 1) scores[0] = sum;
}

ROW_TARGET static void score_row(const ck_row_plan *plan, const double *values, double *scores) {
  uint8_t codes[128] __attribute__((aligned(64)));
  encode(plan, values, codes);
  if (plan->column_count > 64) walk(plan, codes, scores, 1);
  else walk(plan, codes, scores, 0);
}

int ck_score_row_available(void) {
  __builtin_cpu_init();
  return ck_isa() == CK_ISA_AVX512 && __builtin_cpu_supports("avx512vbmi");
}

void ck_score_row(const ck_row_plan *plan, const double *values, double *scores) { score_row(plan, values, scores); }
#else
int ck_score_row_available(void) { return 0; }
void ck_score_row(const ck_row_plan *plan, const double *values, double *scores) {
  (void)plan;
  (void)values;
  (void)scores;
}
#endif
