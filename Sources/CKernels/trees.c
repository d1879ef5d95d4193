#pragma STDC FP_CONTRACT OFF
#include "ck_trees.h"

#include <math.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define AHEAD 24

INLINE uint32_t row_of(uint64_t entry) { return (uint32_t)entry; }
INLINE int64_t cell_of(uint64_t entry) { return (int64_t)((uint64_t)((int64_t)entry >> 48) << 32) + (int64_t)((entry >> 32) & 0xFFFF); }
INLINE double gradient_of(int64_t cell) { return (double)(int32_t)(cell >> 32); }
INLINE double hessian_of(int64_t cell) { return (double)(int32_t)cell; }

int ck_row_size(int bytes) {
  int size = 1;
  while (size < bytes && size < 64) size *= 2;
  return size;
}

// MARK: histograms

INLINE void add_row(const uint8_t *row, const int width, int64_t cell, int64_t *cells, const size_t stride) {
  uint64_t low = 0, high = 0;
  if (width > 8) {
    memcpy(&low, row, 8);
    memcpy(&high, row + 8, 8);
  } else {
    memcpy(&low, row, width > 4 ? 8 : width > 2 ? 4 : width > 1 ? 2 : 1);
  }
#pragma clang loop unroll(full)
  for (int j = 0; j < width; j++) {
    size_t code = (j < 8 ? low >> (8 * j) : high >> (8 * (j & 7))) & 255;
    cells[(size_t)j * stride + code] += cell;
  }
}

INLINE void add_rows(const uint8_t *rows, const int width, const size_t size, const uint64_t *entries, size_t count, int64_t *cells, const size_t stride) {
  size_t i = 0;
  for (; i + AHEAD < count; i++) {
    __builtin_prefetch(rows + row_of(entries[i + AHEAD]) * size);
    add_row(rows + row_of(entries[i]) * size, width, cell_of(entries[i]), cells, stride);
  }
  for (; i < count; i++) add_row(rows + row_of(entries[i]) * size, width, cell_of(entries[i]), cells, stride);
}

// One function per width, for full (256 cells) and for shorter features.
#define WIDTH(w)                                                                                                     \
  static void rows_##w(const uint8_t *rows, size_t size, const uint64_t *entries, size_t count, int64_t *cells, size_t stride) { \
    if (stride == 256)                                                                                               \
      add_rows(rows, w, size, entries, count, cells, 256);                                                                 \
    else                                                                                                             \
      add_rows(rows, w, size, entries, count, cells, stride);                                                              \
  }
WIDTH(1) WIDTH(2) WIDTH(3) WIDTH(4) WIDTH(5) WIDTH(6) WIDTH(7) WIDTH(8)
WIDTH(9) WIDTH(10) WIDTH(11) WIDTH(12) WIDTH(13) WIDTH(14) WIDTH(15) WIDTH(16)

void ck_histogram(const uint8_t *rows, size_t size, int width, const uint64_t *entries, size_t count, int64_t *cells, size_t stride) {
  static void (*const f[])(const uint8_t *, size_t, const uint64_t *, size_t, int64_t *, size_t) = {
      rows_1, rows_2, rows_3, rows_4, rows_5, rows_6, rows_7, rows_8, rows_9, rows_10, rows_11, rows_12, rows_13, rows_14, rows_15, rows_16};
  f[width - 1](rows, size, entries, count, cells, stride);
}

void ck_histogram_wide(const uint16_t *codes, const uint64_t *entries, size_t count, int64_t *cells) {
  size_t i = 0;
  for (; i + AHEAD < count; i++) {
    __builtin_prefetch(codes + row_of(entries[i + AHEAD]));
    cells[codes[row_of(entries[i])]] += cell_of(entries[i]);
  }
  for (; i < count; i++) cells[codes[row_of(entries[i])]] += cell_of(entries[i]);
}

// MARK: rows

// Both sides are written at every step; `right` and `left` each keep only what belongs there.
#define PARTITION(name, type)                                                                                              \
  size_t name(const type *codes, const uint8_t *table, const uint64_t *entries, size_t count, uint64_t *left, uint64_t *right) { \
    size_t l = 0, i = 0;                                                                                                   \
    for (; i + AHEAD < count; i++) {                                                                                       \
      __builtin_prefetch(codes + row_of(entries[i + AHEAD]));                                                              \
      uint64_t entry = entries[i];                                                                                         \
      size_t goes = table[codes[row_of(entry)]];                                                                           \
      left[l] = entry;                                                                                                     \
      right[i - l] = entry;                                                                                                \
      l += goes;                                                                                                           \
    }                                                                                                                      \
    for (; i < count; i++) {                                                                                               \
      uint64_t entry = entries[i];                                                                                         \
      size_t goes = table[codes[row_of(entry)]];                                                                           \
      left[l] = entry;                                                                                                     \
      right[i - l] = entry;                                                                                                \
      l += goes;                                                                                                           \
    }                                                                                                                      \
    return l;                                                                                                              \
  }
PARTITION(ck_partition_scalar, uint8_t)
PARTITION(ck_partition_wide_scalar, uint16_t)

void ck_scores_add(double *scores, size_t stride, const uint64_t *entries, size_t count, double value) {
  size_t i = 0;
  for (; i + AHEAD < count; i++) {
    __builtin_prefetch(scores + row_of(entries[i + AHEAD]) * stride, 1);
    scores[row_of(entries[i]) * stride] += value;
  }
  for (; i < count; i++) scores[row_of(entries[i]) * stride] += value;
}

void ck_look_up(const uint32_t *codes, size_t count, const uint8_t *table, uint32_t size, uint8_t *out) {
  for (size_t i = 0; i < count; i++) out[i] = table[codes[i] < size ? codes[i] : size - 1];
}

void ck_route(const ck_node *nodes, int32_t root, const uint8_t *tables, const uint8_t *narrow, const uint16_t *wide, size_t row_count,
              const uint32_t *rows, size_t first, size_t last, const double *leaves, double *scores, size_t stride) {
  for (size_t i = first; i < last; i++) {
    size_t row = rows ? rows[i] : i;
    int32_t at = root;
    while (at >= 0) {
      const ck_node *node = nodes + at;
      uint32_t column = node->column;
      uint32_t code = column & CK_WIDE ? wide[(size_t)(column ^ CK_WIDE) * row_count + row] : narrow[(size_t)column * row_count + row];
      at = tables[node->table + code] ? node->left : node->right;
    }
    scores[row * stride] += leaves[~at];
  }
}

void ck_interleave(const uint8_t *const *columns, int width, size_t first, size_t last, uint8_t *rows, size_t size) {
  for (size_t start = first; start < last; start += 256) {
    size_t end = start + 256 < last ? start + 256 : last;
    for (int j = 0; j < width; j++) {
      const uint8_t *column = columns[j];
      for (size_t i = start; i < end; i++) rows[i * size + (size_t)j] = column[i];
    }
  }
}

// MARK: categories

static void sort_words(uint64_t *words, uint64_t *scratch, int count) {
  if (count <= 48) {
    for (int i = 1; i < count; i++) {
      uint64_t word = words[i];
      int j = i;
      for (; j > 0 && words[j - 1] > word; j--) words[j] = words[j - 1];
      words[j] = word;
    }
    return;
  }
  // The low 32 bits are codes, already ascending: four stable passes over the high 32 suffice.
  for (int shift = 32; shift < 64; shift += 8) {
    int start[257] = {0};
    for (int i = 0; i < count; i++) start[(words[i] >> shift & 255) + 1]++;
    for (int d = 0; d < 256; d++) start[d + 1] += start[d];
    for (int i = 0; i < count; i++) scratch[start[words[i] >> shift & 255]++] = words[i];
    memcpy(words, scratch, (size_t)count * sizeof(uint64_t));
  }
}

INLINE double side_score(double g, double h, double l1, double l2) {
  double t = fabs(g) - l1;
  return t > 0 ? t * t / (h + l2) : 0;
}

// Value of a leaf, and what it scores: -(2 T w + (h + l2) w^2), T the gradient shrunk by l1.
INLINE double bounded_value(double g, double h, const ck_scan *scan, double l2) {
  double t = fabs(g) - scan->l1;
  double w = t > 0 ? copysign(t, -g) / (h + l2) : 0;
  return w < scan->lower ? scan->lower : w > scan->upper ? scan->upper : w;
}

INLINE double bounded_score(double g, double h, const ck_scan *scan, double l2, double w) {
  double t = fabs(g) - scan->l1;
  return -w * (2 * (t > 0 ? copysign(t, g) : 0) + (h + l2) * w);
}

INLINE double bounded_split(int64_t left, const ck_scan *scan, double l2, int direction) {
  int64_t right = scan->total - left;
  double gl = gradient_of(left), hl = hessian_of(left), gr = gradient_of(right), hr = hessian_of(right);
  double a = bounded_value(gl, hl, scan, l2), b = bounded_value(gr, hr, scan, l2);
  if (direction * (b - a) < 0) return 0;
  return bounded_score(gl, hl, scan, l2, a) + bounded_score(gr, hr, scan, l2, b) - scan->own;
}

INLINE double split_score(int64_t left, const ck_scan *scan, double l2) {
  if (scan->is_bounded) return bounded_split(left, scan, l2, 0);
  int64_t right = scan->total - left;
  return side_score(gradient_of(left), hessian_of(left), scan->l1, l2) + side_score(gradient_of(right), hessian_of(right), scan->l1, l2);
}

void ck_scan_bounded(const int64_t *cells, int bins, const ck_scan *scan, int direction, ck_split *best) {
  const double total = hessian_of(scan->total);
  *best = (ck_split){0, 0, 0, 0};
  for (int side = 0; side < (cells[0] ? 2 : 1); side++) {
    int64_t left = side ? cells[0] : 0;
    for (int bin = 1; bin <= bins; bin++) {
      left += cells[bin];
      double h = hessian_of(left);
      if (h < scan->minimum_hessian || total - h < scan->minimum_hessian) continue;
      double gain = bounded_split(left, scan, scan->l2, direction);
      if (gain > best->gain) *best = (ck_split){gain, left, bin, side ? CK_MISSING_LEFT : 0};
    }
  }
}

// Categories with enough rows, by gradient over smoothed hessian.
static int sorted_categories(const int64_t *cells, int count, const ck_scan *scan, uint64_t *keys) {
  int used = 0;
  for (int code = 0; code < count; code++) {
    double h = hessian_of(cells[code]);
    if (h <= 0 || h * scan->rows_per_hessian + 0.5 < scan->category_least) continue;
    float ratio = (float)(gradient_of(cells[code]) / (h + scan->category_smoothing));
    ratio += 0.0f;
    uint32_t bits;
    memcpy(&bits, &ratio, 4);
    bits = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
    keys[used++] = (uint64_t)bits << 32 | (uint32_t)code;
  }
  sort_words(keys, keys + count, used);
  return used;
}

static void scan_sorted(const int64_t *cells, const uint64_t *keys, int used, int flags, const ck_scan *scan, ck_split *best) {
  const double l2 = scan->l2 + scan->category_l2;
  const double total = hessian_of(scan->total);
  int most = (used + 1) / 2;
  if (most > scan->category_limit) most = scan->category_limit;
  int64_t left = 0;
  double group = 0;
  for (int i = 0; i < most; i++) {
    int code = (int)(uint32_t)keys[flags & CK_FROM_TOP ? used - 1 - i : i];
    left += cells[code];
    double h = hessian_of(left), rest = total - h;
    group += hessian_of(cells[code]) * scan->rows_per_hessian;
    if (rest < scan->minimum_hessian || rest * scan->rows_per_hessian + 0.5 < scan->category_rows) return;
    if (h < scan->minimum_hessian || group + 0.5 < scan->category_rows) continue;
    group = 0;
    double gain = split_score(left, scan, l2);
    if (gain > best->gain) *best = (ck_split){gain, left, i + 1, flags};
  }
}

void ck_scan_categories(const int64_t *cells, int count, const ck_scan *scan, uint64_t *keys, ck_split *best) {
  *best = (ck_split){0, 0, 0, 0};
  if (count - 2 <= scan->one_vs_rest_limit) {
    const double total = hessian_of(scan->total);
    for (int code = 0; code < count; code++) {
      double h = hessian_of(cells[code]);
      if (h < scan->minimum_hessian || total - h < scan->minimum_hessian) continue;
      double gain = split_score(cells[code], scan, scan->l2);
      if (gain > best->gain) *best = (ck_split){gain, cells[code], code, CK_ONE_VS_REST};
    }
    return;
  }
  int used = sorted_categories(cells, count, scan, keys);
  scan_sorted(cells, keys, used, 0, scan, best);
  scan_sorted(cells, keys, used, CK_FROM_TOP, scan, best);
}

void ck_category_table(const int64_t *cells, int count, const ck_scan *scan, uint64_t *keys, const ck_split *split, uint8_t *table) {
  memset(table, 0, (size_t)count);
  if (split->flags & CK_ONE_VS_REST) {
    table[split->bin] = 1;
  } else {
    int used = sorted_categories(cells, count, scan, keys);
    for (int i = 0; i < split->bin && i < used; i++) table[(uint32_t)keys[split->flags & CK_FROM_TOP ? used - 1 - i : i]] = 1;
  }
  // Nothing was seen of these: missing goes with the larger side, other categories with missing.
  uint8_t larger = 2 * hessian_of(split->left) > hessian_of(scan->total);
  if (cells[0] == 0) table[0] = larger;
  if (cells[1] == 0) table[1] = table[0];
}

// MARK: sorting

INLINE uint64_t ordered(uint64_t bits) { return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63; }
INLINE uint64_t unordered(uint64_t bits) { return bits >> 63 ? bits ^ (uint64_t)1 << 63 : ~bits; }

void ck_sort(double *values, double *scratch, size_t count) {
  enum { BITS = 11, SIZE = 1 << BITS, PASSES = 6 };
  size_t counts[PASSES][SIZE];
  memset(counts, 0, sizeof counts);
  for (size_t i = 0; i < count; i++) {
    double value = values[i] + 0.0;
    uint64_t word;
    memcpy(&word, &value, 8);
    word = ordered(word);
    memcpy(values + i, &word, 8);
    for (int pass = 0; pass < PASSES; pass++) counts[pass][word >> (BITS * pass) & (SIZE - 1)]++;
  }
  double *from = values, *to = scratch;
  for (int pass = 0; pass < PASSES; pass++) {
    size_t sum = 0, largest = 0;
    for (int d = 0; d < SIZE; d++) {
      size_t c = counts[pass][d];
      if (c > largest) largest = c;
      counts[pass][d] = sum;
      sum += c;
    }
    if (largest == count) continue;
    for (size_t i = 0; i < count; i++) {
      uint64_t word;
      memcpy(&word, from + i, 8);
      memcpy(to + counts[pass][word >> (BITS * pass) & (SIZE - 1)]++, &word, 8);
    }
    double *swap = from;
    from = to;
    to = swap;
  }
  for (size_t i = 0; i < count; i++) {
    uint64_t word;
    memcpy(&word, from + i, 8);
    word = unordered(word);
    memcpy(values + i, &word, 8);
  }
}
