// Texts by their bytes: radix sort of 8 bytes at a time, merge sort for small groups and deep common prefixes.
#include "ck_csv_internal.h"

#include <stdlib.h>

typedef struct {
  uint64_t key;
  int32_t text;
} item;

typedef struct {
  const uint8_t *bytes;
  const int64_t *ends;
} texts;

static inline int64_t start_of(const texts *t, int32_t i) { return i == 0 ? 0 : t->ends[i - 1]; }

static uint64_t key_at(const texts *t, int32_t i, int64_t depth) {
  int64_t from = start_of(t, i) + depth, left = t->ends[i] - from;
  if (left <= 0) return 0;
  uint8_t padded[8] = {0};
  memcpy(padded, t->bytes + from, left < 8 ? (size_t)left : 8);
  return __builtin_bswap64(ck_load8(padded));
}

static int precedes(const texts *t, int32_t a, int32_t b, int64_t depth) {
  int64_t from_a = start_of(t, a), from_b = start_of(t, b);
  int64_t n_a = t->ends[a] - from_a, n_b = t->ends[b] - from_b;
  int64_t common = (n_a < n_b ? n_a : n_b) - depth;
  int order = common > 0 ? memcmp(t->bytes + from_a + depth, t->bytes + from_b + depth, (size_t)common) : 0;
  return order != 0 ? order < 0 : n_a < n_b;
}

static void merge_sort(const texts *t, item *a, item *spare, int64_t n, int64_t depth) {
  if (n <= 8) {
    for (int64_t i = 1; i < n; i++) {
      item x = a[i];
      int64_t j = i;
      for (; j > 0 && precedes(t, x.text, a[j - 1].text, depth); j--) a[j] = a[j - 1];
      a[j] = x;
    }
    return;
  }
  int64_t half = n / 2;
  merge_sort(t, a, spare, half, depth);
  merge_sort(t, a + half, spare, n - half, depth);
  memcpy(spare, a, (size_t)half * sizeof *a);
  int64_t i = 0, j = half, k = 0;
  while (i < half) a[k++] = j < n && precedes(t, a[j].text, spare[i].text, depth) ? a[j++] : spare[i++];
}

static void radix(item *a, item *spare, int64_t n) {
  int64_t counts[8][256];
  memset(counts, 0, sizeof counts);
  for (int64_t i = 0; i < n; i++)
    for (int b = 0; b < 8; b++) counts[b][(a[i].key >> (8 * b)) & 255]++;
  item *from = a, *to = spare;
  for (int b = 0; b < 8; b++) {
    int64_t at[256], sum = 0;
    int used = 0;
    for (int v = 0; v < 256; v++) {
      at[v] = sum;
      sum += counts[b][v];
      used += counts[b][v] > 0;
    }
    if (used <= 1) continue;
    for (int64_t i = 0; i < n; i++) to[at[(from[i].key >> (8 * b)) & 255]++] = from[i];
    item *swap = from;
    from = to;
    to = swap;
  }
  if (from != a) memcpy(a, from, (size_t)n * sizeof *a);
}

static void sort(const texts *t, item *a, item *spare, int64_t n, int64_t depth) {
  if (n < 64 || depth > 256) {
    merge_sort(t, a, spare, n, depth);
    return;
  }
  for (int64_t i = 0; i < n; i++) a[i].key = key_at(t, a[i].text, depth);
  radix(a, spare, n);
  for (int64_t i = 0; i < n;) {
    int64_t j = i + 1;
    while (j < n && a[j].key == a[i].key) j++;
    if (j - i > 1) sort(t, a + i, spare, j - i, depth + 8);
    i = j;
  }
}

int ck_csv_sort_texts(const uint8_t *bytes, const int64_t *ends, int32_t count, int32_t *order) {
  texts t = {bytes, ends};
  item *a = malloc(((size_t)count + 1) * sizeof *a), *spare = malloc(((size_t)count + 1) * sizeof *spare);
  if (a && spare) {
    for (int32_t i = 0; i < count; i++) a[i].text = i;
    sort(&t, a, spare, count, 0);
    for (int32_t i = 0; i < count; i++) order[i] = a[i].text;
  }
  int done = a && spare;
  free(a);
  free(spare);
  return done;
}
