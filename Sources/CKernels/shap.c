#pragma STDC FP_CONTRACT OFF
#include "ck_shap.h"
#include "ck_isa.h"

#include <string.h>

static inline __attribute__((always_inline)) int shap_goes_left(const ck_shap_tree *tree, const ck_shap_node *node, const double *values,
                                                                size_t stride, size_t row) {
  const double value = values[(size_t)node->feature * stride + row];
  if (node->set >= 0) {
    const size_t code = (size_t)value;
    return tree->words[(size_t)node->set + (code >> 5)] >> (code & 31) & 1;
  }
  return value != value ? node->missing_left : value <= node->threshold;
}

// Loads and stores without alignment.
#define GET(p) (*(const NAME(four) *)(p))
#define PUT(p, v) (*(NAME(four) *)(p) = (v))

#define NAME(x) shap_##x##_baseline
#include "shap.inc"
#undef NAME
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2"))), apply_to = function)
#define NAME(x) shap_##x##_avx2
#include "shap.inc"
#undef NAME
#pragma clang attribute pop
#define VARIANTS {shap_paths_baseline, shap_paths_avx2, shap_paths_avx2}
#else
#define VARIANTS {shap_paths_baseline, shap_paths_baseline, shap_paths_baseline}
#endif

void ck_shap_paths(const ck_shap_tree *tree, const double *values, size_t value_stride, size_t rows, double *out, size_t row_stride,
                   size_t output_stride, double *scratch, uint8_t *flags) {
  static void (*const f[])(const ck_shap_tree *, const double *, size_t, size_t, double *, size_t, size_t, double *, uint8_t *) = VARIANTS;
  f[ck_isa()](tree, values, value_stride, rows, out, row_stride, output_stride, scratch, flags);
}

void ck_shap_masks(const ck_shap_tree *tree, const double *values, size_t value_stride, size_t rows, uint64_t *masks, uint64_t *scratch) {
  for (size_t row = 0; row < rows; row++) {
    // A parent's word holds its mask; whether it goes left is worked out again for each child.
    scratch[0] = ~(uint64_t)0;
    size_t place = 0;
    for (size_t i = 0; i < tree->count; i++) {
      const ck_shap_node *node = tree->nodes + i;
      if (i) {
        const ck_shap_node *parent = tree->nodes + node->parent;
        int passes = shap_goes_left(tree, parent, values, value_stride, row) == node->is_left;
        uint64_t mask = scratch[node->parent];
        scratch[i] = passes ? mask : mask & ~((uint64_t)1 << node->slot);
      }
      if (node->leaf >= 0) {
        uint64_t full = node->bit_count >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << node->bit_count) - 1;
        masks[place++ * rows + row] = scratch[i] & full;
      }
    }
  }
}

static inline size_t place_of(uint64_t key, const uint64_t *table, const int32_t *places, size_t capacity) {
  uint64_t hash = key * 0x9E3779B97F4A7C15u;
  size_t at = (size_t)(hash >> 20) & (capacity - 1);
  while (places[at] >= 0 && table[at] != key) at = (at + 1) & (capacity - 1);
  return at;
}

size_t ck_shap_distinct(const uint64_t *masks, size_t rows, uint64_t *keys, double *counts, uint64_t *table, int32_t *places, size_t capacity) {
  size_t used = 0;
  memset(places, 0xFF, sizeof(int32_t) * capacity);
  for (size_t row = 0; row < rows; row++) {
    size_t at = place_of(masks[row], table, places, capacity);
    if (places[at] < 0) {
      table[at] = keys[used] = masks[row];
      counts[used] = 0;
      places[at] = (int32_t)used++;
    }
    counts[places[at]] += 1;
  }
  return used;
}

static void leaf_shares(uint64_t x, uint64_t full, int features, const uint64_t *keys, const double *counts, size_t keys_count,
                        const double *weights, double *shares) {
  memset(shares, 0, sizeof(double) * (size_t)features);
  for (size_t i = 0; i < keys_count; i++) {
    const uint64_t z = keys[i];
    if ((x | z) != full || x == z) continue;
    const uint64_t mine = x & ~z, others = z & ~x;
    const int a = __builtin_popcountll(mine), b = __builtin_popcountll(others);
    if (a) {
      double share = counts[i] * weights[64 * (a - 1) + b];
      for (uint64_t bits = mine; bits; bits &= bits - 1) shares[__builtin_ctzll(bits)] += share;
    }
    if (b) {
      double share = counts[i] * weights[64 * a + b - 1];
      for (uint64_t bits = others; bits; bits &= bits - 1) shares[__builtin_ctzll(bits)] -= share;
    }
  }
}

void ck_shap_leaf(uint64_t full, const int32_t *columns, int features, const uint64_t *keys, const double *counts, size_t keys_count,
                  const double *weights, const double *leaf, size_t leaf_width, const uint64_t *masks, size_t rows, double *out,
                  size_t row_stride, size_t output_stride, uint64_t *table, int32_t *places, size_t capacity, double *shares) {
  int32_t used = 0;
  memset(places, 0xFF, sizeof(int32_t) * capacity);
  for (size_t row = 0; row < rows; row++) {
    size_t at = place_of(masks[row], table, places, capacity);
    if (places[at] < 0) {
      table[at] = masks[row];
      places[at] = used++;
      leaf_shares(masks[row], full, features, keys, counts, keys_count, weights, shares + 64 * (size_t)places[at]);
    }
    const double *own = shares + 64 * (size_t)places[at];
    for (size_t k = 0; k < leaf_width; k++) {
      double *to = out + row * row_stride + k * output_stride;
      for (int j = 0; j < features; j++) to[columns[j]] += own[j] * leaf[k];
    }
  }
}
