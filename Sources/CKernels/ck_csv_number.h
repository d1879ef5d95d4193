// The fast way from decimal text to double, inlined where cells are read.
//
// Source: Clinger, How to read floating point numbers accurately, 1990; Lemire, Number parsing at a gigabyte per
// second, 2021.
#ifndef CK_CSV_NUMBER_H
#define CK_CSV_NUMBER_H

#include "ck_csv_internal.h"

static const uint64_t ck_powers[][2] = {
#include "ck_powers.inc"
};
enum { CK_LOWEST = -65, CK_HIGHEST = 65 };

static const double ck_exact_tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
static const uint64_t ck_tens[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};

// Bits 7 of the bytes of x, text with each byte's 0x30 taken off, that were no digits.
static inline uint64_t ck_not_digits(uint64_t x) {
  return (((x & 0x7f7f7f7f7f7f7f7fu) + 0x7676767676767676u) | x) & 0x8080808080808080u;
}

// Value of 8 digit values, first digit in the lowest byte.
static inline uint64_t ck_eight_digits(uint64_t x) {
  x = (x * 10) + (x >> 8);
  uint64_t high = (x & 0x000000ff000000ffu) * 0x000f424000000064u;
  return (high + ((x >> 16) & 0x000000ff000000ffu) * 0x0000271000000001u) >> 32;
}

// w · 10^q rounded to nearest even; w ≠ 0, CK_LOWEST <= q <= CK_HIGHEST.
static __attribute__((noinline, unused)) double ck_eisel_lemire(uint64_t w, int q) {
  int lz = __builtin_clzll(w);
  w <<= lz;
  const uint64_t *five = ck_powers[q - CK_LOWEST];
  __uint128_t first = (__uint128_t)w * five[0];
  uint64_t high = (uint64_t)(first >> 64), low = (uint64_t)first;
  if ((high & 0x1ff) == 0x1ff) {
    uint64_t second = (uint64_t)(((__uint128_t)w * five[1]) >> 64);
    low += second;
    if (second > low) high++;
  }
  int upper = (int)(high >> 63);
  int shift = upper + 64 - 52 - 3;
  uint64_t mantissa = high >> shift;
  int64_t power2 = (((152170 + 65536) * (int64_t)q) >> 16) + 63 + upper - lz + 1023;
  if (low <= 1 && q >= -4 && q <= 23 && (mantissa & 3) == 1 && (mantissa << shift) == high) mantissa &= ~(uint64_t)1;
  mantissa += mantissa & 1;
  mantissa >>= 1;
  if (mantissa >= ((uint64_t)2 << 52)) {
    mantissa = (uint64_t)1 << 52;
    power2++;
  }
  mantissa &= ~((uint64_t)1 << 52);
  uint64_t bits = mantissa | ((uint64_t)power2 << 52);
  double out;
  memcpy(&out, &bits, 8);
  return out;
}

// m · 10^q with a sign, or 0 when that needs more care.
static inline __attribute__((always_inline)) int ck_compose(uint64_t m, int q, uint64_t negative, double *out) {
  double value;
  if (__builtin_expect(m < ((uint64_t)1 << 53) && q >= -22 && q <= 22, 1)) {
    value = q < 0 ? (double)(int64_t)m / ck_exact_tens[-q] : (double)(int64_t)m * ck_exact_tens[q];
  } else if (m == 0) {
    value = 0;
  } else if (q >= CK_LOWEST && q <= CK_HIGHEST) {
    value = ck_eisel_lemire(m, q);
  } else {
    return 0;
  }
  uint64_t bits;
  memcpy(&bits, &value, 8);
  bits |= negative << 63;
  memcpy(out, &bits, 8);
  return 1;
}

// The number that fills [s, e) when it is plain: sign, up to 7 digits, and up to 19 after a point, at most 19 that
// count. 64 bytes must be readable from s. 0 when the other way must look.
static inline __attribute__((always_inline)) int ck_number_quick(const uint8_t *s, const uint8_t *e, double *out) {
  uint64_t negative = *s == '-';
  const uint8_t *p = s + negative;
  uint64_t x = ck_load8(p) ^ 0x3030303030303030u;
  uint64_t stop = ck_not_digits(x);
  if (stop == 0) return 0;
  unsigned whole = (unsigned)__builtin_ctzll(stop) >> 3;
  if (whole == 0) return 0;
  if ((x & 255) == 0 && whole > 1) return 0;
  uint64_t m = ck_eight_digits(x << (64 - 8 * whole));
  p += whole;
  if (p == e) {
    int64_t value = negative ? -(int64_t)m : (int64_t)m;
    if (value == 0) return 0;
    *out = (double)value;
    return 1;
  }
  if (*p != '.') return 0;
  p++;
  int64_t fraction = e - p;
  if (fraction <= 8) {
    if (fraction <= 0) return 0;
    x = (ck_load8(p) ^ 0x3030303030303030u) << (64 - 8 * fraction);
    if (ck_not_digits(x)) return 0;
    m = m * ck_tens[fraction] + ck_eight_digits(x);
  } else {
    if (fraction > 19 || (m != 0 && whole + fraction > 19)) return 0;
    unsigned second = fraction < 16 ? (unsigned)fraction - 8 : 8, third = (unsigned)fraction - 8 - second;
    x = ck_load8(p) ^ 0x3030303030303030u;
    uint64_t y = (ck_load8(p + 8) ^ 0x3030303030303030u) << (64 - 8 * second);
    if (ck_not_digits(x) | ck_not_digits(y)) return 0;
    m = (m * 100000000u + ck_eight_digits(x)) * ck_tens[second] + ck_eight_digits(y);
    for (unsigned i = 0; i < third; i++) {
      uint64_t digit = (uint64_t)p[16 + i] - '0';
      if (digit > 9) return 0;
      m = m * 10 + digit;
    }
  }
  return ck_compose(m, -(int)fraction, negative, out);
}

// The whole number that fills [s, e) when it is plain: a sign, up to 15 digits, no leading zero; 64 bytes readable.
static inline int ck_integer_quick(const uint8_t *s, const uint8_t *e, int64_t *out) {
  int64_t negative = *s == '-';
  const uint8_t *p = s + negative;
  int64_t n = e - p;
  if (n < 1 || n > 15 || (*p == '0' && n > 1)) return 0;
  uint64_t value;
  if (n <= 8) {
    uint64_t x = (ck_load8(p) ^ 0x3030303030303030u) << (64 - 8 * n);
    if (ck_not_digits(x)) return 0;
    value = ck_eight_digits(x);
  } else {
    uint64_t x = ck_load8(p) ^ 0x3030303030303030u;
    uint64_t y = (ck_load8(p + 8) ^ 0x3030303030303030u) << (128 - 8 * n);
    if (ck_not_digits(x) | ck_not_digits(y)) return 0;
    value = ck_eight_digits(x) * ck_tens[n - 8] + ck_eight_digits(y);
  }
  *out = ((int64_t)value ^ -negative) + negative;
  return 1;
}

#endif
