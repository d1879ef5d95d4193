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
  double category_smoothing; ///< added to a category's hessian in its sort key; least rows of a category that is sorted
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

/// Adds entries to the histograms of one block: feature `j` of a row is byte `j` of its `row_size` bytes, its cells start at `j * stride`.
void ck_histogram(const uint8_t *rows, int width, const uint64_t *entries, size_t count, int64_t *cells, size_t stride);

/// Bytes a row takes in a block of `width` features: 1, 2, 4, 8 or 16.
int ck_block_row_size(int width);

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

/// Row-major bytes of `width` columns: `rows[i * row_size + j] = columns[j][i]` for rows `first ..< last`.
void ck_interleave(const uint8_t *const *columns, int width, size_t first, size_t last, uint8_t *rows);

/// `scores[row * stride] += value` for every entry.
void ck_scores_add(double *scores, size_t stride, const uint64_t *entries, size_t count, double value);

/// Runs rows `first ..< last` (or `rows[first ..< last]`) of binned columns through one tree and adds the leaf values.
void ck_route(const ck_node *nodes, int32_t root, const uint8_t *tables, const uint8_t *narrow, const uint16_t *wide, size_t row_count,
              const uint32_t *rows, size_t first, size_t last, const double *leaves, double *scores, size_t stride);

/// Derivatives of the logistic objective: target 0 or 1.
void ck_logistic(const double *scores, const double *target, size_t count, double *gradients, double *hessians);

/// `out[i] = exp(in[i])` to about one unit in the last place; `in` may be `out`.
void ck_exp(const double *in, size_t count, double *out);

/// Sorts numbers without NaN; `scratch` has room for `count`.
void ck_sort(double *values, double *scratch, size_t count);

/// One tree prepared for scoring. Its leaves are numbered from left to right; a row starts with a set of all leaves, and
/// each node it passes on the right removes the leaves on that node's left: the first leaf left over is the row's.
typedef struct {
  uint32_t first_node;
  uint32_t node_count;
  uint32_t first_leaf;
  uint32_t plane_count; ///< bytes of a leaf set: (leaves + 7) / 8, at most 32
} ck_score_tree;

/// One node prepared for scoring. Codes above the threshold go right.
typedef struct {
  uint32_t column;
  uint32_t threshold;   ///< the byte, four times
  uint32_t first_plane; ///< first byte of the leaf set that the node can change
  uint32_t plane_count; ///< how many bytes it can change
  uint32_t first_mask;  ///< bits that stay when a row goes right: each byte four times, in `masks`
} ck_score_node;

enum { CK_SCORE_ROWS = 64 };

/// Adds the leaf values of all trees, in order, to the scores of 64 rows: tree `t` to `scores[row * width + t % width]`.
/// `codes` holds 64 bytes a column.
void ck_score(const ck_score_tree *trees, size_t count, const ck_score_node *nodes, const uint32_t *masks, const double *leaves,
              const uint8_t *codes, double *scores, size_t width);

#endif
