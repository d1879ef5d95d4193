// Distinct texts by their bytes; looking one up is inlined where cells are read.
#ifndef CK_CSV_DICTIONARY_H
#define CK_CSV_DICTIONARY_H

#include "ck_csv_internal.h"

typedef struct {
  uint64_t hash;
  int32_t code;  // -1: free
  uint32_t length;
} ck_slot;

struct ck_csv_dictionary {
  ck_slot *slots;
  uint32_t mask;
  int32_t count, capacity;
  uint8_t *arena;
  size_t used, room;
  uint64_t *ends;
  int64_t *offsets;
};

static inline uint64_t ck_mix(uint64_t z) {
  z = (z ^ (z >> 32)) * 0xd6e8feb86659fd93u;
  z = (z ^ (z >> 32)) * 0xd6e8feb86659fd93u;
  return z ^ (z >> 32);
}

// For n <= 8 the hash is a bijection of the text given n, so equal hashes mean equal texts.
static inline uint64_t ck_hash_text(const uint8_t *s, size_t n, size_t readable) {
  if (n <= 8) {
    uint64_t k = 0;
    if (readable >= 8) {
      k = ck_load8(s);
      if (n < 8) k &= ((uint64_t)1 << (8 * n)) - 1;
    } else {
      uint8_t padded[8] = {0};
      memcpy(padded, s, n);
      k = ck_load8(padded);
    }
    return ck_mix(k + n * 0x9e3779b97f4a7c15u);
  }
  uint64_t h = n * 0x9e3779b97f4a7c15u;
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    h = (h ^ ck_load8(s + i)) * 0xff51afd7ed558ccdu;
    h ^= h >> 29;
  }
  if (i < n) h = (h ^ ck_load8(s + n - 8)) * 0xc4ceb9fe1a85ec53u;
  return ck_mix(h);
}

int32_t ck_add_text(ck_csv_dictionary *d, const uint8_t *s, size_t n, uint64_t hash, int64_t offset);

static inline int32_t ck_find_text(ck_csv_dictionary *d, const uint8_t *s, size_t n, size_t readable, int64_t offset) {
  uint64_t hash = ck_hash_text(s, n, readable);
  uint32_t at = (uint32_t)hash & d->mask;
  while (d->slots[at].code >= 0) {
    const ck_slot *t = &d->slots[at];
    if (t->hash == hash && t->length == n) {
      uint64_t end = d->ends[t->code];
      if (n <= 8 || memcmp(d->arena + (end - n), s, n) == 0) return t->code;
    }
    at = (at + 1) & d->mask;
  }
  return ck_add_text(d, s, n, hash, offset);
}

#endif
