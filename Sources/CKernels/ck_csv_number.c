// Decimal text to double and int64.
//
// Source: Clinger, How to read floating point numbers accurately, 1990 (exact when the mantissa is below 2^53 and the
// power of ten at most 22); Lemire, Number parsing at a gigabyte per second, 2021 (all else with up to 19 digits);
// the C library for what is left.
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include "ck_csv_number.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#if defined(__APPLE__)
#include <xlocale.h>
#endif

// Appends the up to 8 digits at p to *m; returns how many.
static inline unsigned take8(const uint8_t *p, uint64_t *m) {
  uint64_t v = ck_load8(p);
  uint64_t x = v ^ 0x3030303030303030u;
  uint64_t stop = ck_not_digits(x);
  if (stop == 0) {
    *m = *m * 100000000u + ck_eight_digits(x);
    return 8;
  }
  unsigned n = (unsigned)__builtin_ctzll(stop) >> 3;
  if (n == 0) return 0;
  *m = *m * ck_tens[n] + ck_eight_digits(x << (64 - 8 * n));
  return n;
}

int ck_csv_number_fast(const uint8_t *s, const uint8_t *e, double *out) {
  if (e - s > 32) return 0;
  const uint8_t *p = s;
  int negative = *p == '-';
  p += negative | (*p == '+');
  uint64_t m = 0;
  unsigned whole = take8(p, &m), fraction = 0;
  p += whole;
  if (whole == 8) {
    unsigned more = take8(p, &m);
    p += more;
    whole += more;
    if (more == 8) return 0;
  }
  if (whole > 1 && p[-(int)whole] == '0') return 0;
  unsigned digits = m == 0 ? 0 : whole;
  if (*p == '.' && p < e) {
    p++;
    fraction = take8(p, &m);
    p += fraction;
    if (fraction == 8) {
      unsigned more = take8(p, &m);
      p += more;
      fraction += more;
      if (more == 8) {
        if (digits + fraction > 19) return 0;
        uint64_t last = 0;
        more = take8(p, &last);
        if (digits + fraction + more > 19) return 0;
        m = m * ck_tens[more] + last;
        p += more;
        fraction += more;
      }
    }
    digits += fraction;
    if (digits > 19) return 0;
  }
  if (whole + fraction == 0) return 0;
  int q = -(int)fraction;
  if (p != e) {
    if (p > e || (*p | 32) != 'e') return 0;
    p++;
    int minus = *p == '-';
    p += minus | (*p == '+');
    uint64_t exponent = 0;
    unsigned n = take8(p, &exponent);
    p += n;
    if (n == 0 || n > 4 || p != e) return 0;
    q += minus ? -(int)exponent : (int)exponent;
  }
  return ck_compose(m, q, (uint64_t)negative, out);
}

static locale_t c_locale(void) {
  static locale_t known;
  locale_t locale = __atomic_load_n(&known, __ATOMIC_ACQUIRE);
  if (!locale) {
    locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    __atomic_store_n(&known, locale, __ATOMIC_RELEASE);
  }
  return locale;
}

// Whether [s, s + n) is sign? digits? (. digits?)? (e sign? digits)? with a digit before the exponent.
static int is_decimal(const uint8_t *s, size_t n, int lenient) {
  size_t i = 0, digits = 0;
  if (i < n && (s[i] == '-' || s[i] == '+')) i++;
  size_t first = i;
  while (i < n && s[i] >= '0' && s[i] <= '9') i++, digits++;
  if (!lenient && i - first > 1 && s[first] == '0') return 0;
  if (i < n && s[i] == '.') {
    i++;
    while (i < n && s[i] >= '0' && s[i] <= '9') i++, digits++;
  }
  if (digits == 0) return 0;
  if (i < n && (s[i] | 32) == 'e') {
    i++;
    if (i < n && (s[i] == '-' || s[i] == '+')) i++;
    size_t before = i;
    while (i < n && s[i] >= '0' && s[i] <= '9') i++;
    if (i == before) return 0;
  }
  return i == n;
}

static int slow_number(const uint8_t *s, size_t n, int lenient, double *out) {
  if (!is_decimal(s, n, lenient)) return CK_CSV_NOT_A_NUMBER;
  char local[128];
  char *text = n < sizeof local ? local : malloc(n + 1);
  if (!text) return CK_CSV_NOT_A_NUMBER;
  memcpy(text, s, n);
  text[n] = 0;
  locale_t locale = c_locale();
  double value = locale ? strtod_l(text, NULL, locale) : strtod(text, NULL);
  if (text != local) free(text);
  if (!isfinite(value)) return CK_CSV_NOT_A_NUMBER;
  *out = value;
  return CK_CSV_IS_NUMBER;
}

int ck_csv_number(const uint8_t *s, size_t n, size_t readable, int lenient, double *out) {
  if (n == 0) return CK_CSV_NOT_A_NUMBER;
  if (n <= 32) {
    if (readable >= 64) {
      if (ck_csv_number_fast(s, s + n, out)) return CK_CSV_IS_NUMBER;
    } else {
      uint8_t padded[96] = {0};
      memcpy(padded, s, n);
      if (ck_csv_number_fast(padded, padded + n, out)) return CK_CSV_IS_NUMBER;
    }
  }
  return slow_number(s, n, lenient, out);
}

int ck_csv_integer(const uint8_t *s, size_t n, int lenient, int64_t *out) {
  size_t i = 0;
  int negative = 0;
  if (n > 0 && (s[0] == '-' || s[0] == '+')) {
    negative = s[0] == '-';
    i = 1;
  }
  if (i == n) return CK_CSV_NOT_A_NUMBER;
  if (s[i] == '0' && n - i > 1) {
    if (!lenient) return CK_CSV_NOT_A_NUMBER;
    while (i + 1 < n && s[i] == '0') i++;
  }
  if (n - i > 19) return CK_CSV_NOT_A_NUMBER;
  uint64_t value = 0;
  for (; i < n; i++) {
    uint64_t digit = (uint64_t)s[i] - '0';
    if (digit > 9) return CK_CSV_NOT_A_NUMBER;
    value = value * 10 + digit;
  }
  if (value > (uint64_t)INT64_MAX + (negative ? 1 : 0)) return CK_CSV_NOT_A_NUMBER;
  *out = negative ? (int64_t)(0 - value) : (int64_t)value;
  return CK_CSV_IS_INTEGER;
}

static int same(const uint8_t *s, size_t n, const char *word) { return strlen(word) == n && memcmp(s, word, n) == 0; }

int ck_csv_marker(const uint8_t *s, size_t n) {
  static const char *const hard[] = {"?",    "NA",   "N/A", "n/a",  "na",  "NaN",     "nan",     "NAN", "null",
                                     "NULL", "Null", "#N/A", "#NA", "<NA>", "\\N", "#VALUE!", "#DIV/0!"};
  static const char *const soft[] = {
      "none",    "None",    "NONE", "unknown", "Unknown", "UNKNOWN",  "missing",   "Missing",  "-",         "--",
      ".",       "..",      "n.a.", "N.A.",    "inf",     "-inf",     "+inf",      "Inf",      "-Inf",      "INF",
      "-INF",    "infinity", "-infinity", "Infinity", "-Infinity", "#NUM!", "-nan", "-NaN"};
  size_t blanks = 0;
  while (blanks < n && (s[blanks] == ' ' || s[blanks] == '\t')) blanks++;
  if (blanks == n) return 1;
  if (n > 9) return 0;
  for (size_t i = 0; i < sizeof hard / sizeof *hard; i++)
    if (same(s, n, hard[i])) return 1;
  for (size_t i = 0; i < sizeof soft / sizeof *soft; i++)
    if (same(s, n, soft[i])) return 2;
  return 0;
}
