// Growth of one full-depth tree over binned columns, and routing of rows through it. Floating-point sums run in row
// order and are never contracted: every machine gives the same bits.
#ifndef CK_FOREST_H
#define CK_FOREST_H

#include <stddef.h>
#include <stdint.h>

/// Who orders the codes of a category feature: each node anew, or the root for the whole tree.
enum { CK_FOREST_ORDERED_BY_NODE = 1, CK_FOREST_ORDERED_ONCE = 2 };

/// What all trees of a forest learn from.
typedef struct {
  const uint8_t *codes;        ///< code of feature `f` in row `r`: `codes[f * row_count + r]`
  const uint8_t *lines;        ///< the same row by row: `lines[r * line_size + f]`
  size_t line_size;
  size_t row_count;
  int32_t feature_count;
  const uint8_t *is_category;  ///< of each feature: 0 for numbers, else CK_FOREST_ORDERED_...
  const double *points;        ///< 256 a feature: the value of each bin
  const double *target;        ///< numbers as they are, or 0 and 1
  const double *scaled;        ///< the same, centred and of moderate size
  const uint16_t *classes;     ///< class of each row for more than two classes, else NULL
  int32_t class_count;
  const double *weights;       ///< of each row, or NULL: 1 each
} ck_forest_table;

/// How trees grow.
typedef struct {
  int32_t tried;         ///< features looked at per split
  int32_t maximum_depth; ///< 0 is no limit
  int64_t minimum_leaf;  ///< rows on either side of a split
  int64_t minimum_split; ///< rows of a node that is split
  int32_t is_random;     ///< one random cut a feature instead of the best
  double smoothing;      ///< rows' worth of the root's class shares added to each leaf's
} ck_forest_settings;

/// A node of a grown tree. A child >= 0 is a node after its parent, a child < 0 is the complement of a leaf.
typedef struct {
  int32_t feature;
  int32_t left;
  int32_t right;
  int32_t set;          ///< first of 8 words of the codes that go left; -1 for numbers
  uint8_t code;         ///< numbers: last code on the left
  uint8_t missing_left; ///< code 0 goes left
  int8_t share;         ///< how far between the bins on either side, in CK_FOREST_SHARES; -1: none
  double gain;          ///< weighted decrease of impurity
} ck_forest_node;

/// Memory of one growing tree and the tree itself; see `ck_forest_grow` for sizes.
typedef struct {
  const uint32_t *counts; ///< how often each row was drawn
  uint32_t *rows;         ///< row_count
  uint32_t *spare;        ///< row_count
  double *stats;          ///< 2 * row_count
  int32_t *features;      ///< feature_count
  uint8_t *local;         ///< CK_FOREST_STRIDE * feature_count, or NULL: never copied
  double *sums;           ///< 4 * class_count + 8
  ck_forest_node *nodes;  ///< row_count
  double *leaves;         ///< row_count * leaf width
  double *cover;          ///< row_count: weight of each leaf
  uint32_t *sets;         ///< 8 * row_count where there are categories
  double *effects;        ///< 256 * feature_count where there are categories
  int64_t node_count;
  int64_t leaf_count;
  int64_t set_count;
  uint64_t seed;
} ck_forest_tree;

// The stride keeps the columns of a small node apart in the cache.
enum { CK_FOREST_LOCAL = 2048, CK_FOREST_STRIDE = 2048 + 64, CK_FOREST_BINS = 256, CK_FOREST_SHARES = 64 };

/// Draws `draws` of `row_count` rows with replacement: adds to `counts`.
void ck_forest_draw(uint64_t seed, size_t draws, size_t row_count, uint32_t *counts);

/// Grows one tree over the rows with a count. The leaf width is `class_count` where there are classes, else 1.
void ck_forest_grow(const ck_forest_table *table, const ck_forest_settings *settings, ck_forest_tree *tree);

/// Leaf of rows `first ..< last` of those in `rows`.
void ck_forest_route(const ck_forest_table *table, const ck_forest_tree *tree, const uint32_t *rows, size_t first, size_t last, int32_t *leaves);

/// A node prepared for walking: rows whose code in `column` is above `threshold` go to `child + 1`, others to `child`.
/// A leaf is its own child and has the threshold 65535.
typedef struct {
  uint16_t column;
  uint16_t threshold;
  int32_t child;
} ck_walk_node;

/// What is walked.
typedef struct {
  const ck_walk_node *nodes;
  const int32_t *payload;    ///< of a leaf: its number; of a category node: first word of its set; -1 for others
  const uint32_t *words;     ///< set bits go left
  const int32_t *roots;
  size_t tree_count;
  const double *leaves;
  size_t leaf_width;         ///< numbers a leaf has
  size_t width;              ///< scores a row has; tree `t` adds to score `t % width` where the leaf width is 1
  int32_t has_categories;
} ck_walk_plan;

/// Adds the leaves of all trees, in order, to the scores of `count` rows whose codes stand in rows of `stride`.
/// The codes are readable for two bytes past their end.
void ck_walk(const ck_walk_plan *plan, const uint16_t *codes, size_t stride, size_t count, double *scores);

/// `codes[i * stride]` = 0 for NaN, else 1 + how many of the `count` ascending `bounds` are below `values[i]`.
void ck_rank(const double *values, size_t rows, const double *bounds, size_t count, uint16_t *codes, size_t stride);

#endif
