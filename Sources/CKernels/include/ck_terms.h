// Texts cut into terms, and tables of term keys.
#ifndef CK_TERMS_H
#define CK_TERMS_H

#include <stddef.h>
#include <stdint.h>

/// A term of a text: its key, its bytes from the first word to the last, and its words (a run of characters has none).
typedef struct {
  uint64_t key;
  int32_t start, end, first_word, word_count;
} ck_term;

/// One place of a table; key 0 is free. `entry` is the last row entry made for the term.
typedef struct {
  uint64_t key;
  int32_t id, entry;
} ck_term_slot;

/// Whether no byte is above 127.
int ck_terms_are_ascii(const uint8_t *bytes, size_t count);

/// Lower-cases `bytes[start ..< end]` and writes its words to `words[0 ...]`, which has room for `end - start`.
/// A word's `first_word` is `first` plus its position. Returns how many there are.
size_t ck_terms_words(uint8_t *bytes, size_t start, size_t end, int minimum_length, int splits_numbers, int32_t first,
                      ck_term *words);

/// Writes every run of 1 ... `maximum` of `count` words to `out`, which has room for `count * maximum`.
size_t ck_terms_join(const ck_term *words, size_t count, int maximum, ck_term *out);

/// Lower-cases `bytes[start ..< end]` and joins white space to one space; returns the new end.
size_t ck_terms_clean(uint8_t *bytes, size_t start, size_t end);

/// Writes runs of `shortest ... longest` characters to `out`, room for `(end - start) * (longest - shortest + 1)`.
size_t ck_terms_characters(const uint8_t *bytes, size_t start, size_t end, int shortest, int longest, ck_term *out);

/// Counts the terms of `rows` rows. Row `r` ends before term `row_ends[r]`; the table has room for all terms.
///
/// Writes an entry for each distinct term of a row (`entry_ids`, `entry_counts`, numbered from `first_entry`), the
/// end of every row's entries, and which terms were new. `id_count` is the next free id. Returns the entry count.
size_t ck_terms_count(ck_term_slot *slots, int bits, const ck_term *terms, const int32_t *row_ends, size_t rows,
                      int32_t first_entry, int32_t *entry_ids, int32_t *entry_counts, int64_t *entry_ends,
                      int32_t *new_terms, int32_t *id_count);

/// Ids of `count` keys; keys that are not there get the next free id. The table has room for all.
void ck_terms_insert(ck_term_slot *slots, int bits, const uint64_t *keys, size_t count, int32_t *ids,
                     int32_t *id_count);

/// Copies the slots in use to a larger table.
void ck_terms_rehash(const ck_term_slot *old, size_t old_size, ck_term_slot *slots, int bits);

/// Id of each term in the table, -1 where it is not there; with `hash_bits` above 0 the top bits of its mixed key.
void ck_terms_find(const ck_term_slot *slots, int bits, int hash_bits, const ck_term *terms, size_t count,
                   int32_t *ids);

/// Brings each row's entries into order of `feature[id]`, adds counts of equal ones, leaves out those below 0.
///
/// Row `r` holds entries `offsets[r] ..< offsets[r + 1]`; `counts` may be null (all 1), `feature` too (ids are
/// features). `scratch` has room for twice the longest row. Writes `out_offsets[1 ...]`; returns the entry count.
size_t ck_terms_order(const int32_t *ids, const int32_t *counts, const int64_t *offsets, size_t rows,
                      const int32_t *feature, uint64_t *scratch, int32_t *out_features, int32_t *out_counts,
                      int64_t *out_offsets);

#endif
