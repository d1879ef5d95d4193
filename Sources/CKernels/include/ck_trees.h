// Kernels of histogram tree training and tree scoring. Sums are integers, floating point is never contracted: every
// instruction set gives the same bits.
#ifndef CK_TREES_H
#define CK_TREES_H

#include <stddef.h>
#include <stdint.h>

// An entry is one row on its way through a tree: gradient (signed 16) | hessian (unsigned 16) | row (32), high to low.
// A cell is a pair of sums: gradient (signed, high 32) and hessian (not negative, low 32).

/// How a leaf is scanned for its best split, in quantised units.
typedef struct {
  int64_t total;             ///< cell of the whole leaf
  double l1;                 ///< absolute penalty on a leaf's value
  double l2;                 ///< square penalty on a leaf's value
  double minimum_hessian;    ///< least hessian on either side
  double rows_per_hessian;   ///< rows of the leaf / hessian of the leaf
  double category_smoothing; ///< added to a category's hessian in its sort key
  double category_least;     ///< least rows of a category that is sorted
  double category_l2;        ///< added to l2 in sorted category splits
  double category_rows;      ///< least rows in a group of categories
  int32_t category_limit;    ///< most categories on the listed side
  int32_t one_vs_rest_limit; ///< up to so many categories, one against the rest
  int32_t is_bounded;        ///< whether the leaf's values are held to `lower ... upper` and gains are counted above `own`
  double lower;              ///< least value of a leaf
  double upper;              ///< largest value of a leaf
  double own;                ///< score of the leaf itself with its bounded value
} ck_scan;

/// The best split of one feature.
typedef struct {
  double gain;  ///< score of both sides, quantised units; 0 when there is no split
  int64_t left; ///< cell of the left side
  int32_t bin;  ///< numbers: last code on the left; categories: how many sorted categories (or which one) are on the left
  int32_t flags;
} ck_split;

enum { CK_MISSING_LEFT = 1, CK_FROM_TOP = 2, CK_ONE_VS_REST = 4 };

/// One inner node over binned columns. A child >= 0 is a node, a child < 0 is the complement of a leaf.
typedef struct {
  uint32_t column; ///< narrow column, or wide column + CK_WIDE
  uint32_t table;  ///< offset of the byte table `code -> goes left`
  int32_t left;
  int32_t right;
} ck_node;

#define CK_WIDE 0x80000000u

/// Adds entries to the histograms of `width` features (1 ... 16): feature `j` of a row is byte `j` of its `size` bytes, its
/// cells start at `j * stride`. The memory of a row is readable for 16 bytes, or for `ck_row_size(width)` where that is less.
void ck_histogram(const uint8_t *rows, size_t size, int width, const uint64_t *entries, size_t count, int64_t *cells, size_t stride);

/// The power of two that holds so many bytes, 64 at most.
int ck_row_size(int bytes);

/// Adds entries to the histogram of one wide feature.
void ck_histogram_wide(const uint16_t *codes, const uint64_t *entries, size_t count, int64_t *cells);

/// `cells -= other`.
void ck_cells_subtract(int64_t *cells, const int64_t *other, size_t count);

/// `cells += other`.
void ck_cells_add(int64_t *cells, const int64_t *other, size_t count);

/// Stable partition: entries whose code's table byte (0 or 1; 256 of them) is 1 go to `left` (may be `entries`), others to
/// `right`. Both need room for `count`. Returns how many went left.
size_t ck_partition(const uint8_t *codes, const uint8_t *table, const uint64_t *entries, size_t count, uint64_t *left, uint64_t *right);
/// The same for two-byte codes; the table has a byte for each of them.
size_t ck_partition_wide(const uint16_t *codes, const uint8_t *table, const uint64_t *entries, size_t count, uint64_t *left, uint64_t *right);

/// Largest absolute gradient, largest and least hessian of `count` rows, into `range[0 ... 2]`.
void ck_derivative_range(const double *gradients, const double *hessians, size_t count, double *range);

/// Best split of a numeric feature: cell 0 is missing, cells 1 ... bins are values in ascending order (bins <= 255).
void ck_scan_numbers(const int64_t *cells, int bins, const ck_scan *scan, ck_split *best);

/// The same for a bounded scan, where the right value must not be below (direction 1) or above (-1) the left one.
void ck_scan_bounded(const int64_t *cells, int bins, const ck_scan *scan, int direction, ck_split *best);

/// Best split of a category feature with codes 0 ..< count; `keys` has room for 2 * count words.
void ck_scan_categories(const int64_t *cells, int count, const ck_scan *scan, uint64_t *keys, ck_split *best);

/// Byte table (1 = left) of a category split that `ck_scan_categories` found on the same cells.
void ck_category_table(const int64_t *cells, int count, const ck_scan *scan, uint64_t *keys, const ck_split *split, uint8_t *table);

/// Entries of `count` rows from derivatives. With `rows` the i-th entry is of `rows[i]`, else of `first + i`; the
/// derivatives are read at `row * stride`. `hessian_scale` 0 means hessian 1 each. A `dither` of 0 rounds to nearest,
/// else each value is rounded up with the probability of its fraction, by a hash of row (plus `rows_before`) and `dither`. Returns the summed cell.
int64_t ck_quantise(const double *gradients, const double *hessians, size_t stride, const uint32_t *rows, size_t first, size_t count,
                    double gradient_scale, double hessian_scale, uint32_t dither, uint32_t rows_before, uint64_t *entries);

/// Codes of numbers: 0 for NaN, else 1 + how many of the 256 ascending `bounds` (padded with infinity) are below.
void ck_bin(const double *values, size_t count, const double *bounds, uint8_t *codes);

/// Row-major bytes of `width` columns: `rows[i * size + j] = columns[j][i]` for rows `first ..< last`.
void ck_interleave(const uint8_t *const *columns, int width, size_t first, size_t last, uint8_t *rows, size_t size);

/// `scores[row * stride] += value` for every entry.
void ck_scores_add(double *scores, size_t stride, const uint64_t *entries, size_t count, double value);

/// Runs rows `first ..< last` (or `rows[first ..< last]`) of binned columns through one tree and adds the leaf values.
void ck_route(const ck_node *nodes, int32_t root, const uint8_t *tables, const uint8_t *narrow, const uint16_t *wide, size_t row_count,
              const uint32_t *rows, size_t first, size_t last, const double *leaves, double *scores, size_t stride);

/// Derivatives of the logistic objective: target 0 or 1.
void ck_logistic(const double *scores, const double *target, size_t count, double *gradients, double *hessians);

/// Probabilities of both classes from log-odds: `out[2 * i + 1] = 1 / (1 + exp(-scores[i]))`, `out[2 * i]` the rest.
void ck_logistic_pairs(const double *scores, size_t count, double *out);

/// `out[i] = exp(in[i])` to about one unit in the last place; `in` may be `out`.
void ck_exp(const double *in, size_t count, double *out);

/// Sorts numbers without NaN; `scratch` has room for `count`.
void ck_sort(double *values, double *scratch, size_t count);

/// One node prepared for scoring: rows whose code is above the threshold go right. Leaves are numbered from left to right in
/// their tree; each byte stands four times.
typedef struct {
  uint32_t column;
  uint32_t threshold;
  uint32_t left;  ///< first leaf below the node
  uint32_t right; ///< first leaf on its right
} ck_score_node;

/// One tree prepared for scoring.
typedef struct {
  uint32_t node_count;
  uint32_t first_leaf;
  uint32_t leaf_count; ///< 256 at most
} ck_score_tree;

/// What is scored.
typedef struct {
  const ck_score_tree *trees;
  const ck_score_node *nodes; ///< tree by tree; a node before those below it, left before right
  const double *leaves;       ///< readable for 32 from each tree's first
  size_t tree_count;
  size_t width;               ///< scores a row has
  size_t first;               ///< score the first tree adds to; the next adds to the next, and after the last to the first again
} ck_score_plan;

enum { CK_SCORE_ROWS = 256 };

/// Adds the leaf values of all trees, in order, to the scores of 256 rows: `scores[k * 256 + row]`. `codes` holds 256 bytes a
/// column.
void ck_score(const ck_score_plan *plan, const uint8_t *codes, double *scores);

/// `out[i]` is the byte at `codes[i]`; codes beyond the table read its last byte.
void ck_look_up(const uint32_t *codes, size_t count, const uint8_t *table, uint32_t size, uint8_t *out);

enum { CK_ROW_LANES = 128 };

/// The same for one row at a time: lanes are trees, 128 at a time.
typedef struct {
  const uint8_t *nodes;         ///< of every 128 trees, position by position: 128 bytes each of column, threshold, left, right; 64-byte aligned
  const uint32_t *node_counts;  ///< positions of every 128 trees; a tree with fewer has thresholds of 255 there
  const uint32_t *first_leaves; ///< of each tree
  const double *leaves;
  size_t tree_count;
  size_t width;
  const uint32_t *sources;   ///< of each column of codes: feature, or column it derives from
  const uint8_t *kinds;      ///< of each column: 0 number, 1 missing on the right (of an earlier column), 2 category
  const uint32_t *offsets;   ///< of each column: number of its 256 bounds, or first of its category bytes
  const double *bounds;      ///< 256 a column of numbers, ascending, padded with infinity
  const double *pivots;      ///< every 16th of them: 16 a column of numbers
  const uint8_t *bytes;
  size_t column_count;       ///< 128 at most
} ck_row_plan;

/// Whether this machine, with the instruction set in use, has `ck_score_row`.
int ck_score_row_available(void);

/// Adds the leaf values of all trees, in order, to the scores of one row. Only where it is available.
void ck_score_row(const ck_row_plan *plan, const double *values, double *scores);

#endif
