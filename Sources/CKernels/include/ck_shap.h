// Shapley values of trees. The Shapley weight |S|! (d − |S| − 1)! / d! is the integral over 0 ... 1 of
// t^|S| (1 − t)^(d − |S| − 1), so the value of feature i in one leaf is
//   leaf · (o_i − z_i) · ∫ Π_{j ≠ i} (o_j t + z_j (1 − t)) dt
// with o_j whether the row, z_j which share of the other rows, passes all tests of feature j on the leaf's path. The
// integrand is a polynomial: Gauss–Legendre quadrature with d / 2 points is exact.
#ifndef CK_SHAP_H
#define CK_SHAP_H

#include <stddef.h>
#include <stdint.h>

/// A node of one tree, parents first; the first is the root.
typedef struct {
  double threshold;     ///< inner node: numbers at most this go left
  double ratio;         ///< its share of rows that pass all tests of its feature so far, over that share before this test
  int32_t parent;       ///< -1 for the root
  int32_t before;       ///< nearest node above whose parent tests the same feature as this one's; -1 for none
  int32_t out;          ///< output column of the parent's feature
  int32_t leaf;         ///< leaf number; -1 for an inner node
  int32_t feature;      ///< inner node: what is tested
  int32_t set;          ///< inner node: first word of a category set; -1 for numbers
  uint8_t is_left;      ///< it is its parent's left child
  uint8_t missing_left; ///< inner node: missing goes left
  uint8_t slot;         ///< bit of the parent's feature among those on the path
  uint8_t bit_count;    ///< features on the path from the root to here
} ck_shap_node;

/// One tree with what it is evaluated by: for each node 4 runs of `points` numbers, namely what its feature's factor is
/// multiplied by when a row passes (1), when it fails here (2), and `(o − z) / factor` for o = 0 (3) and o = 1 (4).
typedef struct {
  const ck_shap_node *nodes;
  size_t count;
  const double *factors;
  const double *weights; ///< of the quadrature, `points` of them, a multiple of 4
  size_t points;
  const uint32_t *words;
  const double *leaves;
  size_t leaf_width;
} ck_shap_tree;

/// Adds the path-dependent values of rows: `out[row * row_stride + k * output_stride + column]` for leaf value `k`.
/// `values[feature * value_stride + row]`; `scratch` has room for 2 * count * points numbers, `flags` for 2 * count.
void ck_shap_paths(const ck_shap_tree *tree, const double *values, size_t value_stride, size_t rows, double *out, size_t row_stride,
                   size_t output_stride, double *scratch, uint8_t *flags);

/// Which features of each leaf's path a row passes: `masks[place * rows + row]` with the leaf's place among the
/// leaves in the order of nodes, bit `slot` of every feature on the path.
/// `scratch` has room for `count` words.
void ck_shap_masks(const ck_shap_tree *tree, const double *values, size_t value_stride, size_t rows, uint64_t *masks, uint64_t *scratch);

/// Adds the interventional values of one leaf. `columns[slot]` are output columns; `weights[64 * a + b]` is
/// a! b! / (a + b + 1)!; `keys` and `counts` are the background's distinct masks; `table` and `places` have room for
/// `capacity` (a power of two above twice the rows), `shares` for 64 numbers a row.
void ck_shap_leaf(uint64_t full, const int32_t *columns, int features, const uint64_t *keys, const double *counts, size_t keys_count,
                  const double *weights, const double *leaf, size_t leaf_width, const uint64_t *masks, size_t rows, double *out,
                  size_t row_stride, size_t output_stride, uint64_t *table, int32_t *places, size_t capacity, double *shares);

/// Distinct masks of `rows` and how often each stands, in order of appearance; returns how many.
size_t ck_shap_distinct(const uint64_t *masks, size_t rows, uint64_t *keys, double *counts, uint64_t *table, int32_t *places, size_t capacity);

#endif
