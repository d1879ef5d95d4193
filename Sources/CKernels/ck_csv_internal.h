#ifndef CK_CSV_INTERNAL_H
#define CK_CSV_INTERNAL_H

#include "ck_csv.h"

#include <string.h>

typedef struct {
  uint64_t inside;  // all ones while inside quotes
  int stray;        // a quote stood where none may
  size_t end_count;
} ck_scan_state;

// Separators of [from, to) as offsets from `from` to `out`, and which of them are line ends to `ends` (each with
// room for to - from). `readable` bounds reads.
typedef size_t (*ck_scan_function)(const uint8_t *bytes, int64_t from, int64_t to, int64_t readable, uint8_t delimiter,
                                   uint8_t newline, int16_t quote, ck_scan_state *state, uint32_t *out, uint32_t *ends);
typedef void (*ck_count_function)(const uint8_t *bytes, int64_t n, uint8_t newline, int16_t quote, ck_csv_counts *out);

ck_scan_function ck_csv_scan_function(int isa);  // -1: best here; NULL when lacking
ck_count_function ck_csv_count_function(void);

static inline uint64_t ck_load8(const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  v = __builtin_bswap64(v);
#endif
  return v;
}

// The number at [s, e), at least 40 bytes readable from s; 0 when it needs the slow path or is none.
int ck_csv_number_fast(const uint8_t *s, const uint8_t *e, double *out);

#endif
