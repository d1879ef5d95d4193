// Past 600 lines: one hot loop; helpers in a file of their own would not be inlined into it.
#pragma STDC FP_CONTRACT OFF
#include "ck_forest.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define AHEAD 16

// w: weights, k: rows; a pair of sums is (weights, weights times target).
typedef double pair __attribute__((vector_size(16)));
typedef double loose_pair __attribute__((vector_size(16), aligned(8)));
#define PAIR(stats, row) (*(const loose_pair *)((stats) + 2 * (size_t)(row)))

typedef struct {
  const uint8_t *codes;
  size_t stride;
  const double *stats;     // pairs by position
  const double *target;
  const uint16_t *classes;
  const uint32_t *counts;
} view;

typedef struct {
  double score;
  int32_t feature;
  int next_code;           // of numbers: the code that begins the right side; 256 where missing cells alone are there
  uint8_t code, missing_left, is_category, saw_missing;
  int8_t share;
  uint64_t set[4];
} choice;

typedef struct {
  size_t start, count;
  int32_t depth, parent;
  uint8_t is_left;
} job;

typedef struct {
  const ck_forest_table *table;
  const ck_forest_settings *settings;
  ck_forest_tree *tree;
  uint64_t state;
  double root_weight;
  pair cells[CK_FOREST_BINS];
  uint32_t rows_in[CK_FOREST_BINS];
  uint32_t starts[CK_FOREST_BINS + 1];
  double local_stats[2 * CK_FOREST_LOCAL];
  double local_target[CK_FOREST_LOCAL];
  uint16_t local_classes[CK_FOREST_LOCAL];
  uint32_t local_counts[CK_FOREST_LOCAL];
} grower;

INLINE uint64_t mixed(uint64_t z) {
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}
INLINE uint64_t next(uint64_t *state) { return mixed(*state += 0x9E3779B97F4A7C15u); }
INLINE uint64_t below(uint64_t *state, uint64_t bound) { return (uint64_t)((unsigned __int128)next(state) * bound >> 64); }
INLINE double uniform(uint64_t *state) { return (double)(next(state) >> 11) * 0x1p-53; }

void ck_forest_draw(uint64_t seed, size_t draws, size_t row_count, uint32_t *counts) {
  uint64_t state = seed;
  for (size_t i = 0; i < draws; i++) counts[below(&state, row_count)]++;
}

INLINE double sides(double wl, double sl, double wr, double sr) { return (sl * sl * wr + sr * sr * wl) / (wl * wr); }

// MARK: one feature

// Order of the present codes of a category feature: by mean target, or by the share of the node's largest class.
static int by_ratio(const uint8_t *codes, const double *ratios, int count, uint8_t *order) {
  for (int i = 0; i < count; i++) {
    uint8_t code = codes[i];
    int j = i;
    for (; j > 0 && ratios[order[j - 1]] > ratios[code]; j--) order[j] = order[j - 1];
    order[j] = code;
  }
  return count;
}

// What the root knows of the codes of a category feature.
INLINE const double *effects(const grower *g, int32_t feature) {
  return g->tree->effects ? g->tree->effects + CK_FOREST_BINS * (size_t)feature : NULL;
}

// Mean of a sum, drawn by ten rows' worth towards what is known without them.
INLINE double drawn(pair sum, double known) { return (sum[1] + 10 * known) / (sum[0] + 10); }

// Where codes lie: what orders categories, or the values of numbers.
INLINE const double *places(const grower *g, int32_t feature, const double *ratios) {
  if (g->table->is_category[feature]) return g->table->is_category[feature] == CK_FOREST_ORDERED_ONCE ? effects(g, feature) : ratios;
  return g->table->points + CK_FOREST_BINS * (size_t)feature;
}

// Random cuts go by what categories do to the target or, half of the time, by the order of their names: trees that all
// know the target would be too much alike.
INLINE int is_dealt(grower *g) { return (int)(next(&g->state) >> 63); }
INLINE const double *by_level(const uint8_t *codes, int count, double *ratios) {
  for (int k = 0; k < count; k++) ratios[codes[k]] = codes[k];
  return ratios;
}

INLINE int largest_class(const double *weights, int count) {
  int largest = 0;
  for (int k = 1; k < count; k++) if (weights[k] > weights[largest]) largest = k;
  return largest;
}

INLINE int present(const uint64_t *mask, uint8_t *codes) {
  int count = 0;
  for (int word = 0; word < 4; word++)
    for (uint64_t bits = mask[word]; bits; bits &= bits - 1) codes[count++] = (uint8_t)(64 * word + __builtin_ctzll(bits));
  return count;
}

static void keep(choice *best, double score, int32_t feature, int code, int next_code, int missing_left, int saw_missing) {
  best->score = score;
  best->feature = feature;
  best->code = next_code > 255 ? 255 : (uint8_t)code;
  best->next_code = next_code;
  best->missing_left = (uint8_t)missing_left;
  best->saw_missing = (uint8_t)saw_missing;
  best->is_category = 0;
  best->share = -1;
}

static void keep_set(choice *best, double score, int32_t feature, const uint8_t *order, int count) {
  best->score = score;
  best->feature = feature;
  best->is_category = 1;
  best->share = -1;
  memset(best->set, 0, sizeof best->set);
  for (int i = 0; i < count; i++) best->set[order[i] >> 6] |= (uint64_t)1 << (order[i] & 63);
}

// Position after which a random cut ends the left side: present codes are `codes[first ..< count]`, in the order of
// their `points`. Says where the cut lies in `cut`.
static int random_cut(grower *g, const double *points, const uint8_t *codes, int first, int count, double *cut) {
  double low = points[codes[first]], high = points[codes[count - 1]];
  *cut = low + (high - low) * uniform(&g->state);
  int i = first;
  while (i < count - 2 && points[codes[i + 1]] <= *cut) i++;
  return i;
}

// Moves a cut between the codes that a node has to where it lies among those that all rows have.
static void place_cut(choice *best, const double *points, double cut, int code, int next_code) {
  while (code + 1 < next_code && points[code + 1] <= cut) code++;
  double gap = points[code + 1] - points[code];
  best->code = (uint8_t)code;
  best->share = gap > 0 ? (int8_t)((cut - points[code]) / gap * CK_FOREST_SHARES) : 0;
  if (best->share < 0) best->share = 0;
  if (best->share >= CK_FOREST_SHARES) best->share = CK_FOREST_SHARES - 1;
}

// The cut found best lies halfway between the values that it parts.
static void place_halfway(const grower *g, choice *best) {
  if (best->feature < 0 || best->is_category || best->share >= 0 || best->next_code > 255) return;
  const double *points = g->table->points + CK_FOREST_BINS * (size_t)best->feature;
  const double low = points[best->code], high = points[best->next_code];
  place_cut(best, points, low + (high - low) / 2, best->code, best->next_code);
}

typedef struct {
  size_t rows;     // of the node, repetitions included
  pair total;
  int needs_rows;  // rows a side must be counted
} sums;

INLINE int is_allowed(const grower *g, const sums *node, uint64_t left_rows, double left_weight, double right_weight) {
  if (!(left_weight > 0) || !(right_weight > 0)) return 0;
  if (!node->needs_rows) return 1;
  uint64_t least = (uint64_t)g->settings->minimum_leaf;
  return left_rows >= least && node->rows - left_rows >= least;
}

// Best cut of a number without missing values and without limits; leaves the cells empty.
INLINE void scan_plain(pair *cells, const uint8_t *codes, int n, const sums *node, int32_t feature, choice *best) {
  const double total_w = node->total[0], total_s = node->total[1];
  double largest = best->score;
  int chosen = -1;
  pair left = {0, 0};
  for (int k = 0; k < n - 1; k++) {
    left += cells[codes[k]];
    cells[codes[k]] = (pair){0, 0};
    const double wl = left[0], sl = left[1], wr = total_w - wl, sr = total_s - sl;
    const double score = sides(wl, sl, wr, sr);
    if (score > largest && wr > 0) {
      largest = score;
      chosen = k;
    }
  }
  cells[codes[n - 1]] = (pair){0, 0};
  if (chosen >= 0) keep(best, largest, feature, codes[chosen], codes[chosen + 1], 0, 0);
}

// Best split of one feature by pairs of sums; returns whether it has two codes at least.
static int scan_values(grower *g, const view *v, const uint32_t *rows, size_t count, int32_t feature, const sums *node, choice *best) {
  const uint8_t *const column = v->codes + (size_t)feature * v->stride;
  const double *const stats = v->stats;
  pair *const cells = g->cells;
  uint8_t codes[CK_FOREST_BINS], order[CK_FOREST_BINS];
  int n = 0;
  size_t i = 0;
  if (count >= CK_FOREST_BINS) {
    for (; i + AHEAD < count; i++) {
      __builtin_prefetch(column + rows[i + AHEAD]);
      __builtin_prefetch(stats + 2 * (size_t)rows[i + AHEAD]);
      cells[column[rows[i]]] += PAIR(stats, rows[i]);
    }
    for (; i < count; i++) cells[column[rows[i]]] += PAIR(stats, rows[i]);
    for (int code = 0; code < CK_FOREST_BINS; code++) {
      codes[n] = (uint8_t)code;
      n += cells[code][0] > 0;
    }
  } else {
    uint64_t mask[4] = {0};
    for (; i < count; i++) {
      const uint8_t code = column[rows[i]];
      mask[code >> 6] |= (uint64_t)1 << (code & 63);
      cells[code] += PAIR(stats, rows[i]);
    }
    n = present(mask, codes);
  }
  if (node->needs_rows)
    for (i = 0; i < count; i++) g->rows_in[column[rows[i]]] += v->counts[rows[i]];
  const double total_w = node->total[0], total_s = node->total[1];
  if (n > 1 && codes[0] != 0 && !node->needs_rows && !g->settings->is_random && !g->table->is_category[feature]) {
    scan_plain(cells, codes, n, node, feature, best);
    return 1;
  }
  if (n > 1) {
    const int is_category = g->table->is_category[feature];
    const int is_random = g->settings->is_random;
    const uint8_t *sequence = codes;
    int first = 0, from = 0, to = n - 1;
    double ratios[CK_FOREST_BINS];
    const double *known = effects(g, feature);
    const double *points = places(g, feature, ratios);
    if (is_category) {
      const double mean = total_s / total_w;
      for (int k = 0; k < n; k++) ratios[codes[k]] = drawn(cells[codes[k]], mean + known[codes[k]]);
      if (is_random && is_dealt(g)) points = by_level(codes, n, ratios);
      by_ratio(codes, points, n, order);
      sequence = order;
    } else if (codes[0] == 0) {
      first = 1;
    }
    const int sides_of_missing = first ? 2 : 1;
    double cut = 0;
    if (is_random && n - first > 1) {
      from = random_cut(g, points, sequence, first, n, &cut);
      to = from + 1;
    } else if (!is_category && first) {
      from = first;
      to = n;  // the last cut parts missing from all others
    }
    const int coin = is_random && first ? (int)(next(&g->state) >> 63) : -1;
    for (int side = 0; side < sides_of_missing; side++) {
      if (coin >= 0 && side != coin && n - first > 1) continue;
      pair left = side ? cells[0] : (pair){0, 0};
      uint64_t left_rows = side && node->needs_rows ? g->rows_in[0] : 0;
      for (int k = first; k < to; k++) {
        left += cells[sequence[k]];
        if (node->needs_rows) left_rows += g->rows_in[sequence[k]];
        if (k < from) continue;
        double wr = total_w - left[0];
        if (side && k == n - 1) break;
        if (!is_allowed(g, node, left_rows, left[0], wr)) continue;
        double score = sides(left[0], left[1], wr, total_s - left[1]);
        if (!(score > best->score)) continue;
        if (is_category) keep_set(best, score, feature, sequence, k + 1);
        else keep(best, score, feature, sequence[k], k + 1 < n ? sequence[k + 1] : 256, side, first);
        if (!is_category && is_random && k + 1 < n) place_cut(best, points, cut, sequence[k], sequence[k + 1]);
      }
    }
  }
  for (int k = 0; k < n; k++) {
    cells[codes[k]] = (pair){0, 0};
    g->rows_in[codes[k]] = 0;
  }
  return n > 1;
}

// The same by class: rows are gone through in the order of their codes, squares of class weights kept up to date.
static int scan_classes(grower *g, const view *v, const uint32_t *rows, size_t count, int32_t feature, const sums *node, choice *best) {
  const uint8_t *column = v->codes + (size_t)feature * v->stride;
  const int class_count = g->table->class_count;
  double *whole = g->tree->sums, *left = whole + class_count;
  uint64_t mask[4] = {0};
  for (size_t i = 0; i < count; i++) {
    if (i + AHEAD < count) __builtin_prefetch(column + rows[i + AHEAD]);
    uint8_t code = column[rows[i]];
    mask[code >> 6] |= (uint64_t)1 << (code & 63);
    g->rows_in[code]++;
  }
  uint8_t codes[CK_FOREST_BINS], order[CK_FOREST_BINS];
  int n = present(mask, codes);
  if (n < 2) {
    g->rows_in[codes[0]] = 0;
    return 0;
  }
  const int is_category = g->table->is_category[feature], is_random = g->settings->is_random;
  const uint8_t *sequence = codes;
  int first = 0, from = 0, to = n - 1;
  uint32_t start = 0;
  for (int k = 0; k < n; k++) {
    g->starts[codes[k]] = start;
    start += g->rows_in[codes[k]];
  }
  uint32_t *sorted = g->tree->spare;
  for (size_t i = 0; i < count; i++) sorted[g->starts[column[rows[i]]]++] = rows[i];
  for (int k = 0; k < n; k++) g->starts[codes[k]] -= g->rows_in[codes[k]];
  double ratios[CK_FOREST_BINS];
  const double *known = effects(g, feature);
  const double *points = places(g, feature, ratios);
  if (is_category) {
    int largest = largest_class(whole, class_count);
    const double mean = whole[largest] / node->total[0];
    for (int k = 0; k < n; k++) {
      double own = 0, all = 0;
      for (uint32_t i = g->starts[codes[k]], end = i + g->rows_in[codes[k]]; i < end; i++) {
        double w = v->stats[2 * (size_t)sorted[i]];
        all += w;
        if (v->classes[sorted[i]] == largest) own += w;
      }
      ratios[codes[k]] = drawn((pair){all, own}, mean + known[codes[k]]);
    }
    if (is_random && is_dealt(g)) points = by_level(codes, n, ratios);
    by_ratio(codes, points, n, order);
    sequence = order;
  } else if (codes[0] == 0) {
    first = 1;
  }
  double cut = 0;
  if (is_random && n - first > 1) {
    from = random_cut(g, points, sequence, first, n, &cut);
    to = from + 1;
  } else if (!is_category && first) {
    from = first;
    to = n;
  }
  const int coin = is_random && first ? (int)(next(&g->state) >> 63) : -1;
  double whole_squares = 0;
  for (int k = 0; k < class_count; k++) whole_squares += whole[k] * whole[k];
  for (int side = 0; side < (first ? 2 : 1); side++) {
    if (coin >= 0 && side != coin && n - first > 1) continue;
    memset(left, 0, sizeof(double) * (size_t)class_count);
    double lw = 0, l2 = 0, r2 = whole_squares;
    uint64_t left_rows = 0;
    for (int k = side ? -1 : first; k < to; k++) {
      if (k == 0 && first) continue;
      int code = k < 0 ? 0 : sequence[k];
      for (uint32_t i = g->starts[code], end = i + g->rows_in[code]; i < end; i++) {
        double w = v->stats[2 * (size_t)sorted[i]];
        int c = v->classes[sorted[i]];
        l2 += w * (2 * left[c] + w);
        r2 -= w * (2 * (whole[c] - left[c]) - w);
        left[c] += w;
        lw += w;
        if (node->needs_rows) left_rows += v->counts[sorted[i]];
      }
      if (k < from || k < 0) continue;
      if (side && k == n - 1) break;
      double wr = node->total[0] - lw;
      if (!is_allowed(g, node, left_rows, lw, wr)) continue;
      double score = l2 / lw + r2 / wr;
      if (!(score > best->score)) continue;
      if (is_category) keep_set(best, score, feature, sequence, k + 1);
      else keep(best, score, feature, sequence[k], k + 1 < n ? sequence[k + 1] : 256, side, first);
      if (!is_category && is_random && k + 1 < n) place_cut(best, points, cut, sequence[k], sequence[k + 1]);
    }
  }
  for (int k = 0; k < n; k++) g->rows_in[codes[k]] = 0;
  return 1;
}

// MARK: one node

static int is_pure(const view *v, const uint32_t *rows, size_t count) {
  if (v->classes) {
    for (size_t i = 1; i < count; i++) if (v->classes[rows[i]] != v->classes[rows[0]]) return 0;
    return 1;
  }
  for (size_t i = 1; i < count; i++) if (v->target[rows[i]] != v->target[rows[0]]) return 0;
  return 1;
}

static void total(const grower *g, const view *v, const uint32_t *rows, size_t count, sums *node) {
  pair sum = {0, 0};
  uint64_t n = 0;
  double *whole = g->tree->sums;
  if (v->classes) memset(whole, 0, sizeof(double) * (size_t)g->table->class_count);
  for (size_t i = 0; i < count; i++) {
    const pair stat = PAIR(v->stats, rows[i]);
    sum += stat;
    if (v->classes) whole[v->classes[rows[i]]] += stat[0];
    n += v->counts[rows[i]];
  }
  node->total = sum;
  node->rows = n;
}

static choice best_split(grower *g, const view *v, const uint32_t *rows, size_t count, const sums *node) {
  choice best = {.score = -1, .feature = -1};
  int32_t *features = g->tree->features;
  const int32_t feature_count = g->table->feature_count;
  int varied = 0;
  for (int32_t i = 0; i < feature_count && (i < g->settings->tried || !varied || best.feature < 0); i++) {
    int32_t j = i + (int32_t)below(&g->state, (uint64_t)(feature_count - i));
    int32_t feature = features[j];
    features[j] = features[i];
    features[i] = feature;
    varied |= v->classes ? scan_classes(g, v, rows, count, feature, node, &best) : scan_values(g, v, rows, count, feature, node, &best);
  }
  place_halfway(g, &best);
  return best;
}

static int32_t add_leaf(grower *g, const view *v, const uint32_t *rows, size_t count, const sums *node) {
  ck_forest_tree *tree = g->tree;
  int64_t leaf = tree->leaf_count++;
  tree->cover[leaf] = node->total[0];
  const int class_count = g->table->class_count;
  const double extra = g->settings->smoothing;
  if (v->classes) {
    const double *whole = tree->sums, *prior = whole + 2 * class_count;
    double *out = tree->leaves + leaf * class_count;
    for (int k = 0; k < class_count; k++) out[k] = (whole[k] + extra * prior[k]) / (node->total[0] + extra);
    return (int32_t)~leaf;
  }
  double sum = 0, w = 0;
  for (size_t i = 0; i < count; i++) {
    double own = v->stats[2 * (size_t)rows[i]];
    sum += own * v->target[rows[i]];
    w += own;
  }
  double value = is_pure(v, rows, count) ? v->target[rows[0]] : sum / w;
  if (class_count == 2) value = (value * w + extra * tree->sums[0]) / (w + extra);
  tree->leaves[leaf] = value;
  return (int32_t)~leaf;
}

INLINE int goes_left(const choice *c, uint8_t code) {
  if (c->is_category) return c->set[code >> 6] >> (code & 63) & 1;
  uint8_t shift = !c->missing_left;
  return (uint8_t)(code - shift) <= (uint8_t)(c->code - shift);
}

static size_t part(const choice *c, const view *v, uint32_t *rows, size_t count, uint32_t *spare) {
  const uint8_t *column = v->codes + (size_t)c->feature * v->stride;
  size_t l = 0, r = 0;
  if (c->is_category) {
    for (size_t i = 0; i < count; i++) {
      uint32_t row = rows[i];
      size_t left = (size_t)goes_left(c, column[row]);
      rows[l] = row;
      spare[r] = row;
      l += left;
      r += !left;
    }
  } else {
    const uint8_t shift = !c->missing_left, last = (uint8_t)(c->code - shift);
    for (size_t i = 0; i < count; i++) {
      uint32_t row = rows[i];
      size_t left = (uint8_t)(column[row] - shift) <= last;
      rows[l] = row;
      spare[r] = row;
      l += left;
      r += !left;
    }
  }
  memcpy(rows + l, spare, r * sizeof *rows);
  return l;
}

// What the node did not see goes to the heavier side.
static void settle_unseen(choice *c, const view *v, const uint32_t *rows, size_t count, size_t left) {
  const uint8_t *column = v->codes + (size_t)c->feature * v->stride;
  const int larger = 2 * left > count;
  if (!c->is_category) {
    if (!c->saw_missing) c->missing_left = (uint8_t)larger;
    return;
  }
  if (!larger) return;
  uint64_t seen[4] = {0};
  for (size_t i = 0; i < count; i++) seen[column[rows[i]] >> 6] |= (uint64_t)1 << (column[rows[i]] & 63);
  for (int word = 0; word < 4; word++) c->set[word] |= ~seen[word];
}

static int32_t add_node(grower *g, const choice *c, double gain) {
  ck_forest_tree *tree = g->tree;
  ck_forest_node *node = tree->nodes + tree->node_count;
  *node = (ck_forest_node){.feature = c->feature, .set = -1, .code = c->code, .missing_left = c->missing_left, .share = c->share, .gain = gain};
  if (c->is_category) {
    node->set = (int32_t)tree->set_count;
    memcpy(tree->sets + tree->set_count, c->set, sizeof c->set);
    tree->set_count += 8;
    node->missing_left = (uint8_t)(c->set[0] & 1);
  }
  return (int32_t)tree->node_count++;
}

static double own_score(const grower *g, const view *v, const sums *node) {
  if (!v->classes) return node->total[1] * node->total[1] / node->total[0];
  double squares = 0;
  for (int k = 0; k < g->table->class_count; k++) squares += g->tree->sums[k] * g->tree->sums[k];
  return squares / node->total[0];
}

// Copies the codes of a small node's rows side by side, so that all below it stays in the nearest cache.
static view localised(grower *g, const view *v, uint32_t *rows, size_t count) {
  uint8_t *codes = g->tree->local;
  const int32_t feature_count = g->table->feature_count;
  for (size_t i = 0; i < count; i++) {
    if (i + AHEAD < count) __builtin_prefetch(g->table->lines + rows[i + AHEAD] * g->table->line_size);
    const uint8_t *line = g->table->lines + rows[i] * g->table->line_size;
    for (int32_t f = 0; f < feature_count; f++) codes[(size_t)f * CK_FOREST_STRIDE + i] = line[f];
  }
  for (size_t i = 0; i < count; i++) {
    memcpy(g->local_stats + 2 * i, v->stats + 2 * (size_t)rows[i], 2 * sizeof(double));
    g->local_counts[i] = v->counts[rows[i]];
    if (v->classes) g->local_classes[i] = v->classes[rows[i]];
    else g->local_target[i] = v->target[rows[i]];
  }
  for (size_t i = 0; i < count; i++) rows[i] = (uint32_t)i;
  return (view){codes, CK_FOREST_STRIDE, g->local_stats, g->local_target, v->classes ? g->local_classes : NULL, g->local_counts};
}

// MARK: one tree

static void link(grower *g, const job *j, int32_t child) {
  if (j->parent < 0) return;
  ck_forest_node *parent = g->tree->nodes + j->parent;
  if (j->is_left) parent->left = child;
  else parent->right = child;
}

static int32_t split(grower *g, const view *v, const job *j, sums *node, choice *c) {
  uint32_t *rows = g->tree->rows + j->start;
  const ck_forest_settings *s = g->settings;
  total(g, v, rows, j->count, node);
  node->needs_rows = s->minimum_leaf > 1;
  const int is_small = (int64_t)node->rows < s->minimum_split || (int64_t)node->rows < 2 * s->minimum_leaf;
  if (j->count < 2 || is_small || (s->maximum_depth && j->depth >= s->maximum_depth) || is_pure(v, rows, j->count)) return -1;
  *c = best_split(g, v, rows, j->count, node);
  return c->feature;
}

// Grows all below `root`. The larger side waits, so the stack stays short.
static void grow(grower *g, const view *v, job root, int is_local) {
  job stack[72];
  int waiting = 0;
  stack[waiting++] = root;
  while (waiting) {
    job j = stack[--waiting];
    uint32_t *rows = g->tree->rows + j.start;
    if (!is_local && g->tree->local && j.count <= CK_FOREST_LOCAL) {
      view near = localised(g, v, rows, j.count);
      grow(g, &near, j, 1);
      continue;
    }
    sums node;
    choice c;
    if (split(g, v, &j, &node, &c) < 0) {
      link(g, &j, add_leaf(g, v, rows, j.count, &node));
      continue;
    }
    double gain = c.score - own_score(g, v, &node);
    size_t left = part(&c, v, rows, j.count, g->tree->spare);
    settle_unseen(&c, v, rows, j.count, left);
    int32_t index = add_node(g, &c, gain > 0 ? gain : 0);
    link(g, &j, index);
    job a = {j.start, left, j.depth + 1, index, 1}, b = {j.start + left, j.count - left, j.depth + 1, index, 0};
    int a_waits = a.count > b.count;
    stack[waiting++] = a_waits ? a : b;
    stack[waiting++] = a_waits ? b : a;
  }
}

// How far the mean target, or share of the largest class, of each code lies from that of all drawn rows; codes with few
// rows are drawn towards it.
static void find_effects(grower *g, size_t count, int32_t feature) {
  const ck_forest_table *table = g->table;
  const ck_forest_tree *tree = g->tree;
  const uint8_t *column = table->codes + (size_t)feature * table->row_count;
  const int largest = table->classes ? largest_class(tree->sums + 2 * table->class_count, table->class_count) : 0;
  double *own = tree->effects + CK_FOREST_BINS * (size_t)feature;
  pair all = {0, 0};
  memset(g->cells, 0, sizeof g->cells);
  for (size_t i = 0; i < count; i++) {
    const size_t row = tree->rows[i];
    pair stat = PAIR(tree->stats, row);
    if (table->classes) stat[1] = table->classes[row] == largest ? stat[0] : 0;
    g->cells[column[row]] += stat;
    all += stat;
  }
  const double mean = all[1] / all[0];
  for (int code = 0; code < CK_FOREST_BINS; code++) own[code] = drawn(g->cells[code], mean) - mean;
  memset(g->cells, 0, sizeof g->cells);
}

void ck_forest_grow(const ck_forest_table *table, const ck_forest_settings *settings, ck_forest_tree *tree) {
  grower g;
  memset(&g, 0, sizeof g);
  g.table = table;
  g.settings = settings;
  g.tree = tree;
  g.state = tree->seed;
  tree->node_count = tree->leaf_count = tree->set_count = 0;
  size_t count = 0;
  double *prior = tree->sums + 2 * table->class_count;
  memset(tree->sums, 0, sizeof(double) * (size_t)(4 * table->class_count + 8));
  double weight = 0, positive = 0;
  for (size_t row = 0; row < table->row_count; row++) {
    tree->rows[count] = (uint32_t)row;
    if (!tree->counts[row]) continue;
    count++;
    double w = tree->counts[row] * (table->weights ? table->weights[row] : 1);
    tree->stats[2 * row] = w;
    tree->stats[2 * row + 1] = table->classes ? 0 : w * table->scaled[row];
    weight += w;
    if (table->classes) prior[table->classes[row]] += w;
    else positive += w * table->target[row];
  }
  for (int k = 0; table->classes && k < table->class_count; k++) prior[k] /= weight;
  if (!table->classes) tree->sums[0] = positive / weight;
  for (int32_t f = 0; f < table->feature_count; f++) tree->features[f] = f;
  for (int32_t f = 0; f < table->feature_count; f++)
    if (table->is_category[f]) find_effects(&g, count, f);
  view v = {table->codes, table->row_count, tree->stats, table->target, table->classes, tree->counts};
  grow(&g, &v, (job){0, count, 0, -1, 0}, 0);
}

void ck_forest_route(const ck_forest_table *table, const ck_forest_tree *tree, const uint32_t *rows, size_t first, size_t last, int32_t *leaves) {
  for (size_t i = first; i < last; i++) {
    const uint8_t *line = table->lines + rows[i] * table->line_size;
    int32_t at = tree->node_count ? 0 : -1;
    while (at >= 0) {
      const ck_forest_node *node = tree->nodes + at;
      uint8_t code = line[node->feature];
      uint8_t shift = !node->missing_left;
      int left = node->set < 0 ? (uint8_t)(code - shift) <= (uint8_t)(node->code - shift) : tree->sets[node->set + (code >> 5)] >> (code & 31) & 1;
      at = left ? node->left : node->right;
    }
    leaves[i] = ~at;
  }
}
