// Blocks of records into typed columns.
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include "ck_csv_dictionary.h"
#include "ck_csv_number.h"

#include <stdlib.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

// ---- records

typedef struct {
  ck_csv_block *b;
  uint32_t *separators, *ends;
  size_t room;
  uint8_t *scratch;
  size_t scratch_room;
  int failed;
} parser;

static __attribute__((noinline)) void event(parser *p, int kind, int64_t row, int32_t column, int64_t offset,
                                            int64_t length) {
  ck_csv_block *b = p->b;
  if (b->event_count == b->event_capacity) {
    int64_t capacity = b->event_capacity ? b->event_capacity * 2 : 64;
    ck_csv_event *events = realloc(b->events, (size_t)capacity * sizeof *events);
    if (!events) {
      p->failed = CK_CSV_NO_MEMORY;
      return;
    }
    b->events = events;
    b->event_capacity = capacity;
  }
  b->events[b->event_count++] = (ck_csv_event){row, offset, length, column, kind};
}

static __attribute__((noinline)) void set_missing(parser *p, ck_csv_column *c, int64_t row) {
  if (!c->missing) {
    c->missing = calloc((size_t)((p->b->row_capacity + 63) / 64), 8);
    if (!c->missing) {
      p->failed = CK_CSV_NO_MEMORY;
      return;
    }
  }
  c->missing[row >> 6] |= (uint64_t)1 << (row & 63);
  c->missing_count++;
}

// Content of the quoted or escaped cell [s, e) in scratch, quotes and escapes resolved.
static size_t unescape(parser *p, const uint8_t *s, const uint8_t *e, int quoted) {
  size_t need = (size_t)(e - s) + 64;
  if (need > p->scratch_room) {
    uint8_t *scratch = realloc(p->scratch, need * 2);
    if (!scratch) {
      p->failed = CK_CSV_NO_MEMORY;
      return 0;
    }
    p->scratch = scratch;
    p->scratch_room = need * 2;
  }
  int quote = p->b->quote, escape = p->b->escape;
  size_t n = 0;
  while (s < e) {
    uint8_t byte = *s++;
    if (escape >= 0 && byte == escape && s < e) {
      byte = *s++;
    } else if (quoted && byte == quote && s < e && *s == quote) {
      s++;
    }
    p->scratch[n++] = byte;
  }
  memset(p->scratch + n, 0, 64);
  return n;
}

typedef struct {
  const uint8_t *s;
  size_t n, readable;
  int64_t offset;  // of the content as it stands in the file
  int64_t length;
} cell;

static inline int is_blank(uint8_t byte, uint8_t delimiter) {
  return byte == ' ' || (byte == '\t' && delimiter != '\t') || byte == '\r';
}

// Trims an unquoted cell, takes the quotes off a quoted one.
static __attribute__((noinline)) void dress(parser *p, ck_csv_column *c, cell *out, const uint8_t *s,
                                            const uint8_t *e) {
  ck_csv_block *b = p->b;
  const uint8_t *start = s, *end = e;
  while (s < e && is_blank(*s, b->delimiter)) s++;
  while (e > s && is_blank(e[-1], b->delimiter)) e--;
  int quoted = b->quote >= 0 && e - s >= 2 && *s == b->quote && e[-1] == b->quote;
  if (quoted) {
    s++;
    e--;
  } else if (s != start || e != end) {
    c->trimmed_count++;
  }
  size_t n = (size_t)(e - s);
  out->offset = s - b->bytes;
  out->length = (int64_t)n;
  int complex = (quoted && memchr(s, b->quote, n)) || (b->escape >= 0 && memchr(s, b->escape, n));
  if (complex) {
    out->n = unescape(p, s, e, quoted);
    out->s = p->scratch;
    out->readable = out->n + 64;
  } else {
    out->s = s;
    out->n = n;
    out->readable = (size_t)(b->bytes + b->readable - s);
  }
}

static __attribute__((noinline)) void odd_number(parser *p, ck_csv_column *c, int32_t column, const cell *x,
                                                 int64_t row) {
  int class = ck_csv_marker(x->s, x->n);
  if (class == 2 && c->soft_count++ == 0) c->soft_offset = x->offset;
  set_missing(p, c, row);
  if (class == 0) {
    if (c->failed_count++ < c->event_limit) event(p, CK_CSV_EVENT_CELL, row, column, x->offset, x->length);
  }
}

static inline void put(parser *p, ck_csv_column *c, int32_t column, const uint8_t *s, const uint8_t *e, int64_t row) {
  ck_csv_block *b = p->b;
  cell x;
  if (s < e && *s > ' ' && e[-1] > ' ' && *s != b->quote && b->escape < 0) {
    x.s = s;
    x.n = (size_t)(e - s);
    x.readable = (size_t)(b->bytes + b->readable - s);
    x.offset = s - b->bytes;
    x.length = e - s;
  } else if (s == e) {
    x = (cell){s, 0, 0, s - b->bytes, 0};
  } else {
    dress(p, c, &x, s, e);
  }
  switch (c->kind) {
  case CK_CSV_NUMBER: {
    double *out = (double *)c->values + row;
    *out = 0;
    if (x.n == 0) {
      set_missing(p, c, row);
    } else if (!(x.n <= 32 && x.readable >= 64 && ck_csv_number_fast(x.s, x.s + x.n, out)) &&
               !ck_csv_number(x.s, x.n, x.readable, 0, out)) {
      odd_number(p, c, column, &x, row);
    }
    break;
  }
  case CK_CSV_INTEGER: {
    int64_t *out = (int64_t *)c->values + row;
    *out = 0;
    if (x.n == 0) set_missing(p, c, row);
    else if (!ck_csv_integer(x.s, x.n, 0, out)) odd_number(p, c, column, &x, row);
    break;
  }
  default: {
    int32_t code = -1;
    if (x.n == 0) {
      c->missing_count++;
    } else {
      code = x.n > UINT32_MAX ? -1 : ck_find_text(c->dictionary, x.s, x.n, x.readable, x.offset);
      if (code < 0) p->failed = CK_CSV_NO_MEMORY;
    }
    ((int32_t *)c->values)[row] = code;
  }
  }
}

// Plain cells without a call; 64 bytes readable from s. 0, with nothing done, for the others.
static inline __attribute__((always_inline)) int put_quick(ck_csv_block *b, ck_csv_column *c, const uint8_t *s,
                                                           const uint8_t *e, int64_t row) {
  switch (c->kind) {
  case CK_CSV_NUMBER: return ck_number_quick(s, e, (double *)c->values + row);
  case CK_CSV_INTEGER: return ck_integer_quick(s, e, (int64_t *)c->values + row);
  case CK_CSV_TEXT: {
    if (s >= e || *s <= ' ' || e[-1] <= ' ' || *s == b->quote || b->escape >= 0 || e - s > UINT32_MAX) return 0;
    int32_t code = ck_find_text(c->dictionary, s, (size_t)(e - s), 64 + (size_t)(e - s), s - b->bytes);
    ((int32_t *)c->values)[row] = code;
    return code >= 0;
  }
  default: return 1;
  }
}

static void put_missing(parser *p, ck_csv_column *c, int64_t row) {
  switch (c->kind) {
  case CK_CSV_SKIP: break;
  case CK_CSV_NUMBER:
    ((double *)c->values)[row] = 0;
    set_missing(p, c, row);
    break;
  case CK_CSV_INTEGER:
    ((int64_t *)c->values)[row] = 0;
    set_missing(p, c, row);
    break;
  default:
    ((int32_t *)c->values)[row] = -1;
    c->missing_count++;
  }
}

static int is_empty_cell(ck_csv_block *b, const uint8_t *s, const uint8_t *e) {
  while (s < e && is_blank(*s, b->delimiter)) s++;
  if (b->quote >= 0 && e - s == 2 && s[0] == b->quote && s[1] == b->quote) return 1;
  return s == e;
}

// Quotes count at the start of a field only and close only before a separator; slower, for files with stray quotes
// or escapes.
static size_t scan_exact(parser *p, int64_t from, int64_t to, ck_scan_state *state, uint32_t *out, uint32_t *ends) {
  ck_csv_block *b = p->b;
  const uint8_t *t = b->bytes;
  size_t count = 0, end_count = 0;
  int inside = 0, fresh = 1;
  for (int64_t i = from; i < to; i++) {
    uint8_t byte = t[i];
    if (b->escape >= 0 && byte == b->escape && i + 1 < to) {
      i++;
      fresh = 0;
    } else if (inside) {
      if (byte != b->quote) continue;
      if (i + 1 < to && t[i + 1] == b->quote) {
        // A doubled quote stands for one, unless the second one closes: "" before a separator closes an empty field
        // only.
        i++;
        continue;
      }
      int64_t next = i + 1;
      while (next < to && is_blank(t[next], b->delimiter)) next++;
      if (next >= to || t[next] == b->delimiter || t[next] == b->newline) inside = 0;
    } else if (byte == b->delimiter || byte == b->newline) {
      if (byte == b->newline) ends[end_count++] = (uint32_t)count;
      out[count++] = (uint32_t)(i - from);
      fresh = 1;
    } else if (fresh && b->quote >= 0 && byte == b->quote) {
      inside = 1;
      fresh = 0;
    } else if (!is_blank(byte, b->delimiter)) {
      fresh = 0;
    }
  }
  state->inside = inside ? ~(uint64_t)0 : 0;
  state->end_count = end_count;
  return count;
}

// One record: `n` separators, the last of them its end. Returns fields beyond the columns.
static void record(parser *p, int64_t from, const uint32_t *separators, size_t n, int64_t begin, int64_t end) {
  ck_csv_block *b = p->b;
  int64_t row = b->row_count;
  const uint8_t *t = b->bytes, *s = t + begin, *base = t + from;
  if (n == 1) {
    const uint8_t *e = t + end, *q = s;
    while (q < e && is_blank(*q, b->delimiter)) q++;
    if (q == e) {
      b->blank_count++;
      return;
    }
  }
  if (row >= b->row_capacity) {
    p->failed = CK_CSV_OVERFLOW;
    return;
  }
  int32_t columns = b->column_count;
  int32_t whole = n < (size_t)columns ? (int32_t)n : columns;
  const uint8_t *quick_limit = b->readable >= 64 ? t + (b->readable - 64) : t;
  for (int32_t k = 0; k < whole; k++) {
    const uint8_t *e = (size_t)k + 1 == n ? t + end : base + separators[k];
    const uint8_t *next = e + 1;
    if ((size_t)k + 1 == n) while (e > s && e[-1] == '\r') e--;
    ck_csv_column *c = &b->columns[k];
    if (s < quick_limit && put_quick(b, c, s, e, row)) {
      s = next;
      continue;
    }
    if (c->kind != CK_CSV_SKIP) put(p, c, k, s, e, row);
    s = next;
  }
  if (n < (size_t)columns) {
    for (int32_t k = whole; k < columns; k++) put_missing(p, &b->columns[k], row);
    if (b->short_count++ < 1000) event(p, CK_CSV_EVENT_SHORT, row, 0, begin, (int64_t)n);
  } else if (n > (size_t)columns) {
    int empty = 1;
    for (size_t k = (size_t)columns; k < n && empty; k++) {
      const uint8_t *e = k + 1 == n ? t + end : base + separators[k];
      empty = is_empty_cell(b, s, e);
      s = e + 1;
    }
    int kind = empty ? CK_CSV_EVENT_EMPTY_EXTRAS : CK_CSV_EVENT_LONG;
    if (b->long_count++ < 1000) event(p, kind, row, 0, begin, (int64_t)n);
  }
  b->row_count = row + 1;
}

static int reserve(parser *p, size_t room) {
  if (room <= p->room) return 1;
  uint32_t *separators = realloc(p->separators, room * sizeof *separators);
  if (!separators) return 0;
  p->separators = separators;
  uint32_t *ends = realloc(p->ends, room * sizeof *ends);
  if (!ends) return 0;
  p->ends = ends;
  p->room = room;
  return 1;
}

static int run(parser *p) {
  ck_csv_block *b = p->b;
  ck_scan_function scan = ck_csv_scan_function(-1);
  int64_t at = b->start, window = 32 << 10;
  while (at < b->end) {
    int64_t to = b->end - at > window ? at + window : b->end;
    if (!reserve(p, (size_t)(to - at) + 64)) return CK_CSV_NO_MEMORY;
    ck_scan_state state = {0, 0, 0};
    size_t n;
    if (b->exact || b->escape >= 0) n = scan_exact(p, at, to, &state, p->separators, p->ends);
    else n = scan(b->bytes, at, to, b->readable, b->delimiter, b->newline, b->quote, &state, p->separators, p->ends);
    if (state.stray) return CK_CSV_STRAY_QUOTE;
    size_t first = 0;
    int64_t begin = at;
    for (size_t k = 0; k < state.end_count; k++) {
      size_t i = p->ends[k];
      int64_t where = at + p->separators[i];
      if (where - begin > b->record_limit) {
        b->position = begin;
        return CK_CSV_TOO_LONG;
      }
      record(p, at, p->separators + first, i + 1 - first, begin, where);
      if (p->failed) return p->failed;
      first = i + 1;
      begin = where + 1;
    }
    if (to == b->end) {
      b->position = begin;
      if (!b->is_final || begin == b->end) break;
      if (state.inside) return CK_CSV_UNCLOSED;
      if (b->end - begin > b->record_limit) return CK_CSV_TOO_LONG;
      record(p, at, p->separators + first, n + 1 - first, begin, b->end);
      b->position = b->end;
      return p->failed;
    }
    if (begin == at) {
      if (to - at > b->record_limit) {
        b->position = at;
        return CK_CSV_TOO_LONG;
      }
      window *= 2;
    }
    at = begin;
    b->position = at;
  }
  return CK_CSV_DONE;
}

int ck_csv_parse(ck_csv_block *b) {
  parser p = {b, NULL, NULL, 0, NULL, 0, 0};
  b->row_count = b->short_count = b->long_count = b->blank_count = 0;
  b->position = b->start;
  int status = run(&p);
  free(p.separators);
  free(p.ends);
  free(p.scratch);
  return status;
}

void ck_csv_release(void *p) { free(p); }

void ck_csv_large_pages(void *p, size_t n) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  uintptr_t from = ((uintptr_t)p + 4095) & ~(uintptr_t)4095, to = ((uintptr_t)p + n) & ~(uintptr_t)4095;
  if (n >= (4u << 20) && to > from) madvise((void *)from, to - from, MADV_HUGEPAGE);
#else
  (void)p;
  (void)n;
#endif
}
