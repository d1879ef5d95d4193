#ifndef CK_DISTANCE_H
#define CK_DISTANCE_H

#include <stddef.h>
#include <stdint.h>

/// How far rows are from each other: 1 - dot product, squared Euclidean, sum of absolute differences.
enum { CK_METRIC_COSINE = 0, CK_METRIC_SQUARED = 1, CK_METRIC_MANHATTAN = 2 };

/// Rows of one tile. Tile `t` holds, for each column, the values of rows `8 t ..< 8 t + 8`; rows that are lacking are NaN.
enum { CK_TILE = 8 };

/// Packs row-major `rows` (`stride` numbers apart, `width` of them used) into tiles.
void ck_tiles(const double *rows, size_t count, size_t width, size_t stride, double *tiles);

/// Distances of `queries` (row-major, `width` apart) to every row of the tiles: `out[q * 8 * tile_count + row]`. The bits
/// of a distance depend on its two rows only.
void ck_distances(int metric, const double *queries, size_t query_count, size_t width, const double *tiles, size_t tile_count, double *out);

/// Puts the nearest `k` rows of each query into `best` and `index` (`[query_count, k]`, ascending by distance, then row).
/// Unused places must hold +infinity and INT32_MAX.
void ck_nearest(int metric, const double *queries, size_t query_count, size_t width, const double *tiles, size_t tile_count, size_t k,
                double *best, int32_t *index);

/// A k-d tree: a complete binary tree of boxes (`[node][low, high][width]`), leaf `l` owns tiles `leaf_start[l] ..<
/// leaf_start[l + 1]`, `ids` names the row in each place.
typedef struct {
  const double *boxes;
  const double *tiles;
  const int32_t *ids;
  const int32_t *leaf_start;
  size_t depth;
  size_t width;
} ck_tree;

/// As `ck_nearest`, by a tree.
void ck_tree_nearest(const ck_tree *tree, int metric, const double *queries, size_t query_count, size_t k, double *best, int32_t *index);

/// Rows no farther than `radius` from one query; writes at most `capacity` and returns how many there are.
size_t ck_tree_within(const ck_tree *tree, int metric, const double *query, double radius, int32_t *index, size_t capacity);

/// One pass of Lloyd's algorithm over rows (`stride` apart, a multiple of 4): nearest center of each row, sums of rows and
/// of weights of each center.
typedef struct {
  const double *rows;
  size_t count, width, stride;
  const double *weights;
  /// `-2 c`, `[width][padded]`, and squared lengths `[padded]`, +infinity past the last; `padded` a multiple of 16.
  const double *centers;
  const double *lengths;
  size_t padded;
} ck_cluster_rows;

/// `labels` `[count]`; adds to `sums` `[center][stride]` and `masses` `[center]` (NULL: labels only). Returns the weighted
/// sum of `|c|^2 - 2 x c` over rows.
double ck_cluster(const ck_cluster_rows *rows, int32_t *labels, double *sums, double *masses);

/// Sequential minimal optimisation: `g -= di * ki + dj * kj`, then the place with the largest `g` among those with
/// `up != 0` (count when there is none).
size_t ck_smo_update(double *g, const float *ki, const float *kj, double di, double dj, const uint8_t *up, size_t count);

/// Second choice of the working set: the place among `low != 0` that lowers the objective most; `*least` gets the least
/// `g` among them. `diagonal` holds the kernel of each row with itself.
size_t ck_smo_second(const double *g, const float *ki, const double *diagonal, double gi, double kii, const uint8_t *low, size_t count,
                     double *least);

#endif
