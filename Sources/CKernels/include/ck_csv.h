// Delimiter-separated text: structural scan, decimal numbers, dictionaries of texts, blocks of records.
//
// Plain C over pointers and sizes. No function reads outside [bytes, bytes + readable) or writes outside what its
// arguments describe; every count is checked before memory is taken.
#ifndef CK_CSV_H
#define CK_CSV_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- numbers and markers

enum { CK_CSV_NOT_A_NUMBER = 0, CK_CSV_IS_INTEGER = 1, CK_CSV_IS_NUMBER = 2 };

// A decimal number that fills [s, s + n): optional sign, digits, fraction, exponent. The nearest double, ties to even.
// Returns CK_CSV_IS_NUMBER, or CK_CSV_NOT_A_NUMBER for anything else (hexadecimal, inf, nan, overflow, spaces).
// `readable` counts bytes from s that may be read (at least n). Leading zeros are refused unless `lenient`.
int ck_csv_number(const uint8_t *s, size_t n, size_t readable, int lenient, double *out);

// A whole number that fills [s, s + n) and fits 64 bits.
int ck_csv_integer(const uint8_t *s, size_t n, int lenient, int64_t *out);

// 0: a value; 1: a text that stands for "missing" in any column; 2: one that does so in columns of numbers or times.
int ck_csv_marker(const uint8_t *s, size_t n);

// ---- dictionary of distinct texts, codes in order of first appearance

typedef struct ck_csv_dictionary ck_csv_dictionary;

ck_csv_dictionary *ck_csv_dictionary_make(void);
void ck_csv_dictionary_free(ck_csv_dictionary *d);
// Code of the text, added when new; -1 when memory is short or 2^31 - 2 texts are held.
int32_t ck_csv_dictionary_code(ck_csv_dictionary *d, const uint8_t *s, size_t n, size_t readable, int64_t offset);
int32_t ck_csv_dictionary_count(const ck_csv_dictionary *d);
// Bytes of text `code` and where it first stood.
const uint8_t *ck_csv_dictionary_text(const ck_csv_dictionary *d, int32_t code, size_t *n, int64_t *offset);

// ---- blocks of records

enum { CK_CSV_SKIP = 0, CK_CSV_INTEGER = 1, CK_CSV_NUMBER = 2, CK_CSV_TEXT = 3 };

typedef struct {
  int32_t kind;
  void *values;                   // int64_t, double, or int32_t codes (-1 = missing); one a row of the block
  uint64_t *missing;              // bits of missing rows; made at the first one, freed by the caller
  int64_t missing_count;
  int64_t soft_count, soft_offset;  // markers of class 2 and the first of them
  int64_t failed_count;           // cells that are neither numbers nor markers
  int64_t trimmed_count;
  int64_t event_limit;            // cells beyond it are counted but not listed
  ck_csv_dictionary *dictionary;
} ck_csv_column;

enum { CK_CSV_EVENT_CELL = 0, CK_CSV_EVENT_SHORT = 1, CK_CSV_EVENT_LONG = 2, CK_CSV_EVENT_EMPTY_EXTRAS = 3 };

typedef struct {
  int64_t row;     // of the block
  int64_t offset;  // of the cell as it stands in the file, or of the record
  int64_t length;  // bytes of the cell, or fields of the record
  int32_t column;
  int32_t kind;
} ck_csv_event;

enum {
  CK_CSV_DONE = 0,
  CK_CSV_STRAY_QUOTE = 1,   // a quote inside an unquoted field: read again with `exact`
  CK_CSV_UNCLOSED = 2,      // the quote opened in the record at `position` is never closed
  CK_CSV_TOO_LONG = 3,      // the record at `position` is longer than `record_limit`
  CK_CSV_NO_MEMORY = 4,
  CK_CSV_OVERFLOW = 5       // more rows than `row_capacity`
};

typedef struct {
  const uint8_t *bytes;
  int64_t readable;      // bytes that may be read, from `bytes`
  int64_t start, end;    // records start at `start`
  int32_t is_final;      // the last record may lack its line end
  uint8_t delimiter, newline;
  int16_t quote, escape; // -1: none
  int32_t exact;         // quotes count only at the start of a field; slower
  int32_t column_count;
  ck_csv_column *columns;
  int64_t row_capacity;
  int64_t record_limit;
  // results
  int64_t row_count;
  int64_t position;      // first byte not consumed
  int64_t short_count, long_count, blank_count;
  ck_csv_event *events;  // freed by the caller
  int64_t event_count, event_capacity;
} ck_csv_block;

int ck_csv_parse(ck_csv_block *block);
// Frees what a block or a column handed out.
void ck_csv_release(void *p);

// Counts of a byte range, and its last line end outside quotes when `quote_open` says whether it starts inside.
typedef struct {
  int64_t newlines, quotes;
} ck_csv_counts;
void ck_csv_count(const uint8_t *bytes, int64_t n, uint8_t newline, int16_t quote, ck_csv_counts *out);

// Position after the first (or last) line end outside quotes in [0, n), or -1.
int64_t ck_csv_first_record_end(const uint8_t *bytes, int64_t n, uint8_t newline, int16_t quote, int quote_open);
int64_t ck_csv_last_record_end(const uint8_t *bytes, int64_t n, uint8_t newline, int16_t quote, int quote_open);

// The separators (delimiters and line ends outside quotes) of [from, to), as offsets from `from`; for tests: `isa` 0 is
// the portable code, 1 AVX2, 2 AVX-512. Returns how many, or -1 when the machine lacks it.
int64_t ck_csv_separators(const uint8_t *bytes, int64_t n, uint8_t delimiter, uint8_t newline, int16_t quote, int isa,
                          uint32_t *out);

// Order of `count` distinct texts by their bytes: text i is bytes[ends[i - 1] ..< ends[i]]. Returns 0 when memory
// is short.
int ck_csv_sort_texts(const uint8_t *bytes, const int64_t *ends, int32_t count, int32_t *order);

// Advises the system to use large pages for a big buffer.
void ck_csv_large_pages(void *p, size_t n);

#ifdef __cplusplus
}
#endif
#endif
