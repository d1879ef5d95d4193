#include <math.h>
#include <string.h>

#include "ck_distance.h"
#include "ck_isa.h"

// Puts one row into its place among the nearest: by distance, then by number.
static inline void keep(double distance, int32_t id, size_t k, double *best, int32_t *index) {
  if (!(distance < best[k - 1] || (distance == best[k - 1] && id < index[k - 1]))) return;
  size_t place = k - 1;
  while (place > 0 && (distance < best[place - 1] || (distance == best[place - 1] && id < index[place - 1]))) {
    best[place] = best[place - 1];
    index[place] = index[place - 1];
    place--;
  }
  best[place] = distance;
  index[place] = id;
}

static void keep_tile(const double *distances, size_t first, const int32_t *ids, size_t k, double *best, int32_t *index) {
  for (size_t i = 0; i < CK_TILE; i++)
    if (distances[i] <= best[k - 1]) keep(distances[i], ids ? ids[first + i] : (int32_t)(first + i), k, best, index);
}

#define NAME(x) x##_baseline
#define VW 2
#include "ck_distance.inc"
#undef NAME
#undef VW

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2"))), apply_to = function)
#define NAME(x) x##_avx2
#define VW 4
#include "ck_distance.inc"
#undef NAME
#undef VW
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,bmi,bmi2"))), apply_to = function)
#define NAME(x) x##_avx512
#define VW 8
#include "ck_distance.inc"
#undef NAME
#undef VW
#pragma clang attribute pop
#define VARIANTS(f) {f##_baseline, f##_avx2, f##_avx512}
#else
#define VARIANTS(f) {f##_baseline, f##_baseline, f##_baseline}
#endif

typedef void (*distances_function)(int, const double *, size_t, size_t, const double *, size_t, double *, size_t);
typedef void (*scan_function)(const double *, size_t, size_t, const int32_t *, size_t, double *, int32_t *);
static const distances_function distances_by_isa[] = VARIANTS(distances);
static const scan_function scan_by_isa[] = VARIANTS(scan);

void ck_tiles(const double *rows, size_t count, size_t width, size_t stride, double *tiles) {
  for (size_t row = 0; row < (count + CK_TILE - 1) / CK_TILE * CK_TILE; row++) {
    double *tile = tiles + row / CK_TILE * width * CK_TILE + row % CK_TILE;
    for (size_t d = 0; d < width; d++) tile[d * CK_TILE] = row < count ? rows[row * stride + d] : NAN;
  }
}

void ck_distances(int metric, const double *queries, size_t query_count, size_t width, const double *tiles, size_t tile_count, double *out) {
  distances_by_isa[ck_isa_fixed()](metric, queries, query_count, width, tiles, tile_count, out, tile_count * CK_TILE);
}

enum { CHUNK = 32 };

void ck_nearest(int metric, const double *queries, size_t query_count, size_t width, const double *tiles, size_t tile_count, size_t k,
                double *best, int32_t *index) {
  double buffer[4 * CHUNK * CK_TILE];
  int isa = ck_isa_fixed();
  for (size_t t = 0; t < tile_count; t += CHUNK) {
    size_t tiles_here = tile_count - t < CHUNK ? tile_count - t : CHUNK;
    size_t pitch = tiles_here * CK_TILE;
    for (size_t q = 0; q < query_count; q += 4) {
      size_t here = query_count - q < 4 ? query_count - q : 4;
      distances_by_isa[isa](metric, queries + q * width, here, width, tiles + t * width * CK_TILE, tiles_here, buffer, pitch);
      for (size_t i = 0; i < here; i++) scan_by_isa[isa](buffer + i * pitch, pitch, t * CK_TILE, NULL, k, best + (q + i) * k, index + (q + i) * k);
    }
  }
}

// Least distance of a point to a box; a little less than the truth, so that rounding never hides a row.
static double box_distance(const ck_tree *tree, int metric, const double *query, size_t node) {
  const double *low = tree->boxes + node * 2 * tree->width, *high = low + tree->width;
  double sum = 0;
  for (size_t d = 0; d < tree->width; d++) {
    double gap = query[d] < low[d] ? low[d] - query[d] : query[d] > high[d] ? query[d] - high[d] : 0;
    sum += metric == CK_METRIC_SQUARED ? gap * gap : gap;
  }
  return sum * (1 - 1e-12);
}

typedef struct {
  size_t node;
  double distance;
} waiting;

void ck_tree_nearest(const ck_tree *tree, int metric, const double *queries, size_t query_count, size_t k, double *best, int32_t *index) {
  int isa = ck_isa_fixed();
  size_t first_leaf = ((size_t)1 << tree->depth) - 1;
  waiting stack[64];
  double buffer[CHUNK * CK_TILE];
  for (size_t q = 0; q < query_count; q++, best += k, index += k) {
    const double *query = queries + q * tree->width;
    size_t height = 0;
    stack[height++] = (waiting){0, box_distance(tree, metric, query, 0)};
    while (height) {
      waiting top = stack[--height];
      if (top.distance > best[k - 1]) continue;
      size_t node = top.node;
      while (node < first_leaf) {
        size_t near = 2 * node + 1, far = near + 1;
        double a = box_distance(tree, metric, query, near), b = box_distance(tree, metric, query, far);
        if (b < a) {
          size_t n = near;
          near = far;
          far = n;
          double d = a;
          a = b;
          b = d;
        }
        if (b <= best[k - 1]) stack[height++] = (waiting){far, b};
        node = near;
        top.distance = a;
      }
      if (top.distance > best[k - 1]) continue;
      for (size_t t = (size_t)tree->leaf_start[node - first_leaf], end = (size_t)tree->leaf_start[node - first_leaf + 1]; t < end; t += CHUNK) {
        size_t here = end - t < CHUNK ? end - t : CHUNK;
        distances_by_isa[isa](metric, query, 1, tree->width, tree->tiles + t * tree->width * CK_TILE, here, buffer, here * CK_TILE);
        scan_by_isa[isa](buffer, here * CK_TILE, t * CK_TILE, tree->ids, k, best, index);
      }
    }
  }
}

size_t ck_tree_within(const ck_tree *tree, int metric, const double *query, double radius, int32_t *index, size_t capacity) {
  int isa = ck_isa_fixed();
  size_t first_leaf = ((size_t)1 << tree->depth) - 1, stack[64], height = 0, found = 0;
  double buffer[CHUNK * CK_TILE];
  stack[height++] = 0;
  while (height) {
    size_t node = stack[--height];
    if (box_distance(tree, metric, query, node) > radius) continue;
    if (node < first_leaf) {
      stack[height++] = 2 * node + 2;
      stack[height++] = 2 * node + 1;
      continue;
    }
    for (size_t t = (size_t)tree->leaf_start[node - first_leaf], end = (size_t)tree->leaf_start[node - first_leaf + 1]; t < end; t += CHUNK) {
      size_t here = end - t < CHUNK ? end - t : CHUNK;
      distances_by_isa[isa](metric, query, 1, tree->width, tree->tiles + t * tree->width * CK_TILE, here, buffer, here * CK_TILE);
      for (size_t i = 0; i < here * CK_TILE; i++)
        if (buffer[i] <= radius) {
          if (found < capacity) index[found] = tree->ids[t * CK_TILE + i];
          found++;
        }
    }
  }
  return found;
}

double ck_cluster(const ck_cluster_rows *rows, int32_t *labels, double *sums, double *masses) {
  static double (*const f[])(const ck_cluster_rows *, int32_t *, double *, double *) = VARIANTS(cluster);
  return f[ck_isa_fixed()](rows, labels, sums, masses);
}

size_t ck_smo_update(double *g, const float *ki, const float *kj, double di, double dj, const uint8_t *up, size_t count) {
  for (size_t t = 0; t < count; t++) g[t] -= di * ki[t] + dj * kj[t];
  size_t place = count;
  double largest = -INFINITY;
  for (size_t t = 0; t < count; t++)
    if (up[t] && g[t] > largest) {
      largest = g[t];
      place = t;
    }
  return place;
}

size_t ck_smo_second(const double *g, const float *ki, const double *diagonal, double gi, double kii, const uint8_t *low, size_t count,
                     double *least) {
  size_t place = count;
  double best = 0;
  *least = INFINITY;
  for (size_t t = 0; t < count; t++) {
    if (!low[t]) continue;
    if (g[t] < *least) *least = g[t];
    double gap = gi - g[t];
    if (gap <= 0) continue;
    double curvature = kii + diagonal[t] - 2 * (double)ki[t];
    double gain = gap * gap / (curvature > 1e-12 ? curvature : 1e-12);
    if (gain > best) {
      best = gain;
      place = t;
    }
  }
  return place;
}
