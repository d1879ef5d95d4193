// Texts cut into terms, and tables of term keys: open addressing, slots fetched ahead of their use.
#include "ck_terms.h"

#include <string.h>

#define AHEAD 12
static const uint64_t seed = 0xCBF29CE484222325u, prime = 0x00000100000001B3u, golden = 0x9E3779B97F4A7C15u;

static uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

static uint64_t combine(uint64_t a, uint64_t b) {
  return mix((a + golden + (b << 6) + (b >> 2)) ^ (b * 0xFF51AFD7ED558CCDu));
}

// MARK: Texts

int ck_terms_are_ascii(const uint8_t *bytes, size_t count) {
  uint64_t all = 0;
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    uint64_t word;
    memcpy(&word, bytes + i, 8);
    all |= word;
  }
  for (; i < count; i++) all |= (uint64_t)bytes[i];
  return (all & 0x8080808080808080u) == 0;
}

// 0 between words, 1 letter or `_`, 2 digit.
static const uint8_t classes[256] = {
    ['0' ... '9'] = 2, ['A' ... 'Z'] = 1, ['_'] = 1, ['a' ... 'z'] = 1, [128 ... 255] = 1,
};

static inline uint8_t lowered(uint8_t byte) { return (uint8_t)(byte - 65) < 26 ? byte | 32 : byte; }

size_t ck_terms_words(uint8_t *bytes, size_t start, size_t end, int minimum_length, int splits_numbers, int32_t first,
                      ck_term *words) {
  size_t count = 0, at = start;
  while (at < end) {
    uint8_t class = classes[bytes[at]];
    if (class == 0) {
      at++;
      continue;
    }
    const size_t from = at;
    const uint8_t opening = class;
    uint64_t key = seed;
    int length = 0;
    do {
      uint8_t byte = lowered(bytes[at]);
      bytes[at] = byte;
      key = (key ^ byte) * prime;
      length += (byte & 0xC0) != 0x80;
      at++;
      class = at < end ? classes[bytes[at]] : 0;
    } while (class != 0 && (!splits_numbers || class == opening));
    if (length < minimum_length) continue;
    words[count] =
        (ck_term){key > 0 ? key : 1, (int32_t)from, (int32_t)at, first + (int32_t)count, 1};
    count++;
  }
  return count;
}

size_t ck_terms_join(const ck_term *words, size_t count, int maximum, ck_term *out) {
  size_t made = 0;
  for (size_t i = 0; i < count; i++) {
    ck_term term = words[i];
    out[made++] = term;
    const size_t last = i + (size_t)maximum < count ? i + (size_t)maximum : count;
    for (size_t next = i + 1; next < last; next++) {
      uint64_t key = combine(term.key, words[next].key);
      term.key = key > 0 ? key : 1;
      term.end = words[next].end;
      term.word_count++;
      out[made++] = term;
    }
  }
  return made;
}

size_t ck_terms_clean(uint8_t *bytes, size_t start, size_t end) {
  size_t to = start;
  for (size_t at = start; at < end; at++) {
    const uint8_t byte = bytes[at];
    if (byte > 32) {
      bytes[to++] = lowered(byte);
    } else if (to == start || bytes[to - 1] != 32) {
      bytes[to++] = 32;
    }
  }
  return to;
}

size_t ck_terms_characters(const uint8_t *bytes, size_t start, size_t end, int shortest, int longest, ck_term *out) {
  size_t made = 0;
  for (size_t from = start; from < end; from++) {
    if ((bytes[from] & 0xC0) == 0x80) continue;
    uint64_t key = seed;
    size_t at = from;
    for (int length = 1; at < end && length <= longest; length++) {
      do {
        key = (key ^ bytes[at]) * prime;
        at++;
      } while (at < end && (bytes[at] & 0xC0) == 0x80);
      if (length >= shortest) out[made++] = (ck_term){key > 0 ? key : 1, (int32_t)from, (int32_t)at, 0, 0};
    }
  }
  return made;
}

// MARK: Tables

static inline size_t place_of(uint64_t key, int bits) { return (size_t)((key * golden) >> (64 - bits)); }

/// The slot of `key`, or the free one where it belongs; every table has a free slot.
static inline size_t slot_of(const ck_term_slot *slots, int bits, uint64_t key) {
  const size_t mask = ((size_t)1 << bits) - 1;
  size_t at = place_of(key, bits);
  while (slots[at].key != key && slots[at].key != 0) at = (at + 1) & mask;
  return at;
}

size_t ck_terms_count(ck_term_slot *slots, int bits, const ck_term *terms, const int32_t *row_ends, size_t rows,
                      int32_t first_entry, int32_t *entry_ids, int32_t *entry_counts, int64_t *entry_ends,
                      int32_t *new_terms, int32_t *id_count) {
  const size_t total = rows > 0 ? (size_t)row_ends[rows - 1] : 0;
  size_t made = 0, i = 0;
  int32_t *fresh = new_terms;
  for (size_t row = 0; row < rows; row++) {
    const int32_t row_start = first_entry + (int32_t)made;
    for (; i < (size_t)row_ends[row]; i++) {
      if (i + AHEAD < total) __builtin_prefetch(&slots[place_of(terms[i + AHEAD].key, bits)], 1);
      ck_term_slot *slot = &slots[slot_of(slots, bits, terms[i].key)];
      if (slot->key != 0 && slot->entry >= row_start) {
        entry_counts[slot->entry - first_entry]++;
        continue;
      }
      if (slot->key == 0) {
        slot->key = terms[i].key;
        slot->id = (*id_count)++;
        *fresh++ = (int32_t)i;
      }
      slot->entry = first_entry + (int32_t)made;
      entry_ids[made] = slot->id;
      entry_counts[made] = 1;
      made++;
    }
    entry_ends[row] = (int64_t)first_entry + (int64_t)made;
  }
  return made;
}

void ck_terms_insert(ck_term_slot *slots, int bits, const uint64_t *keys, size_t count, int32_t *ids,
                     int32_t *id_count) {
  for (size_t i = 0; i < count; i++) {
    if (i + AHEAD < count) __builtin_prefetch(&slots[place_of(keys[i + AHEAD], bits)], 1);
    ck_term_slot *slot = &slots[slot_of(slots, bits, keys[i])];
    if (slot->key == 0) *slot = (ck_term_slot){keys[i], (*id_count)++, -1};
    ids[i] = slot->id;
  }
}

void ck_terms_rehash(const ck_term_slot *old, size_t old_size, ck_term_slot *slots, int bits) {
  for (size_t i = 0; i < old_size; i++) {
    if (old[i].key != 0) slots[slot_of(slots, bits, old[i].key)] = old[i];
  }
}

void ck_terms_find(const ck_term_slot *slots, int bits, int hash_bits, const ck_term *terms, size_t count,
                   int32_t *ids) {
  for (size_t i = 0; i < count; i++) {
    if (hash_bits > 0) {
      ids[i] = (int32_t)(mix(terms[i].key) >> (64 - hash_bits));
      continue;
    }
    if (i + AHEAD < count) __builtin_prefetch(&slots[place_of(terms[i + AHEAD].key, bits)]);
    const ck_term_slot *slot = &slots[slot_of(slots, bits, terms[i].key)];
    ids[i] = slot->key != 0 ? slot->id : -1;
  }
}

// MARK: Order within rows

static void sort_short(uint64_t *values, size_t count) {
  for (size_t i = 1; i < count; i++) {
    uint64_t value = values[i];
    size_t j = i;
    for (; j > 0 && values[j - 1] > value; j--) values[j] = values[j - 1];
    values[j] = value;
  }
}

/// Sorts by the upper 32 bits, 8 at a time; `values` and `spare` may be exchanged: the result is returned.
static uint64_t *sort_long(uint64_t *values, uint64_t *spare, size_t count, uint64_t largest) {
  for (int shift = 32; shift < 64 && largest >> shift > 0; shift += 8) {
    uint32_t at[256] = {0};
    for (size_t i = 0; i < count; i++) at[(values[i] >> shift) & 255]++;
    uint32_t sum = 0;
    for (int digit = 0; digit < 256; digit++) {
      uint32_t here = at[digit];
      at[digit] = sum;
      sum += here;
    }
    for (size_t i = 0; i < count; i++) spare[at[(values[i] >> shift) & 255]++] = values[i];
    uint64_t *swap = values;
    values = spare;
    spare = swap;
  }
  return values;
}

size_t ck_terms_order(const int32_t *ids, const int32_t *counts, const int64_t *offsets, size_t rows,
                      const int32_t *feature, uint64_t *scratch, int32_t *out_features, int32_t *out_counts,
                      int64_t *out_offsets) {
  size_t made = 0;
  for (size_t row = 0; row < rows; row++) {
    const size_t length = (size_t)(offsets[row + 1] - offsets[row]), from = (size_t)offsets[row];
    uint64_t *values = scratch, largest = 0;
    size_t count = 0;
    for (size_t i = from; i < from + length; i++) {
      const int32_t place = ids[i] < 0 || !feature ? ids[i] : feature[ids[i]];
      const uint64_t value = (uint64_t)(uint32_t)place << 32 | (uint64_t)(uint32_t)(counts ? counts[i] : 1);
      values[count] = value;
      if (place >= 0 && value > largest) largest = value;
      count += place >= 0;
    }
    if (count <= 48) {
      sort_short(values, count);
    } else {
      values = sort_long(values, scratch + length, count, largest);
    }
    const size_t row_start = made;
    for (size_t i = 0; i < count; i++) {
      const int32_t place = (int32_t)(values[i] >> 32), number = (int32_t)(uint32_t)values[i];
      if (made > row_start && out_features[made - 1] == place) {
        out_counts[made - 1] += number;
      } else {
        out_features[made] = place;
        out_counts[made++] = number;
      }
    }
    out_offsets[row + 1] = (int64_t)made;
  }
  return made;
}
