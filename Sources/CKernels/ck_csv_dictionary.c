#include "ck_csv_dictionary.h"

#include <stdlib.h>

ck_csv_dictionary *ck_csv_dictionary_make(void) {
  ck_csv_dictionary *d = calloc(1, sizeof *d);
  if (!d) return NULL;
  d->mask = 255;
  d->slots = malloc(256 * sizeof(ck_slot));
  d->capacity = 64;
  d->ends = malloc(64 * sizeof *d->ends);
  d->offsets = malloc(64 * sizeof *d->offsets);
  d->room = 1024;
  d->arena = malloc(d->room);
  if (!d->slots || !d->ends || !d->offsets || !d->arena) {
    ck_csv_dictionary_free(d);
    return NULL;
  }
  memset(d->slots, 255, 256 * sizeof(ck_slot));
  return d;
}

void ck_csv_dictionary_free(ck_csv_dictionary *d) {
  if (!d) return;
  free(d->slots);
  free(d->ends);
  free(d->offsets);
  free(d->arena);
  free(d);
}

static int grow_slots(ck_csv_dictionary *d) {
  uint64_t size = ((uint64_t)d->mask + 1) * 4;
  if (size > ((uint64_t)1 << 32)) return 0;
  ck_slot *slots = malloc(size * sizeof(ck_slot));
  if (!slots) return 0;
  memset(slots, 255, size * sizeof(ck_slot));
  uint32_t mask = (uint32_t)(size - 1);
  for (uint64_t i = 0; i <= d->mask; i++) {
    if (d->slots[i].code < 0) continue;
    uint32_t at = (uint32_t)d->slots[i].hash & mask;
    while (slots[at].code >= 0) at = (at + 1) & mask;
    slots[at] = d->slots[i];
  }
  free(d->slots);
  d->slots = slots;
  d->mask = mask;
  return 1;
}

int32_t ck_add_text(ck_csv_dictionary *d, const uint8_t *s, size_t n, uint64_t hash, int64_t offset) {
  if (d->count >= INT32_MAX - 1) return -1;
  if ((uint32_t)d->count * 2 > d->mask && !grow_slots(d)) return -1;
  if (d->count == d->capacity) {
    size_t capacity = (size_t)d->capacity * 2;
    if (capacity > INT32_MAX) capacity = INT32_MAX;
    uint64_t *ends = realloc(d->ends, capacity * sizeof *ends);
    if (!ends) return -1;
    d->ends = ends;
    int64_t *offsets = realloc(d->offsets, capacity * sizeof *offsets);
    if (!offsets) return -1;
    d->offsets = offsets;
    d->capacity = (int32_t)capacity;
  }
  if (n > d->room - d->used) {
    size_t room = (d->room + n) * 2;
    uint8_t *arena = realloc(d->arena, room);
    if (!arena) return -1;
    d->arena = arena;
    d->room = room;
  }
  memcpy(d->arena + d->used, s, n);
  d->used += n;
  int32_t code = d->count++;
  d->ends[code] = d->used;
  d->offsets[code] = offset;
  uint32_t at = (uint32_t)hash & d->mask;
  while (d->slots[at].code >= 0) at = (at + 1) & d->mask;
  d->slots[at] = (ck_slot){hash, code, (uint32_t)n};
  return code;
}

int32_t ck_csv_dictionary_code(ck_csv_dictionary *d, const uint8_t *s, size_t n, size_t readable, int64_t offset) {
  if (n > UINT32_MAX) return -1;
  return ck_find_text(d, s, n, readable, offset);
}

int32_t ck_csv_dictionary_count(const ck_csv_dictionary *d) { return d->count; }

const uint8_t *ck_csv_dictionary_text(const ck_csv_dictionary *d, int32_t code, size_t *n, int64_t *offset) {
  uint64_t start = code == 0 ? 0 : d->ends[code - 1];
  *n = (size_t)(d->ends[code] - start);
  *offset = d->offsets[code];
  return d->arena + start;
}
