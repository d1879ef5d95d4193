#include "ck_linear.h"

#include <stdint.h>
#include <string.h>

#include "ck_isa.h"

#pragma STDC FP_CONTRACT ON

#define NAME(x) x##_baseline
#define VW 2
#include "ck_linear.inc"
#undef NAME
#undef VW

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2"))), apply_to = function)
#define NAME(x) x##_avx2
#define VW 4
#include "ck_linear.inc"
#undef NAME
#undef VW
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,bmi,bmi2"))), apply_to = function)
#define NAME(x) x##_avx512
#define VW 8
#include "ck_linear.inc"
#undef NAME
#undef VW
#pragma clang attribute pop
#define VARIANTS(f) {f##_baseline, f##_avx2, f##_avx512}
#else
#define VARIANTS(f) {f##_baseline, f##_baseline, f##_baseline}
#endif

void ck_linear_pack(const double *in, size_t count, size_t n, double mean, double factor, double *out) {
  static void (*const f[])(const double *, size_t, size_t, double, double, double *) = VARIANTS(pack);
  f[ck_isa_fixed()](in, count, n, mean, factor, out);
}

void ck_linear_scores(const double *columns, size_t stride, size_t count, size_t n, const double *coefficients, double *out) {
  static void (*const f[])(const double *, size_t, size_t, size_t, const double *, double *) = VARIANTS(scores);
  f[ck_isa_fixed()](columns, stride, count, n, coefficients, out);
}

void ck_linear_dots(const double *columns, size_t stride, size_t count, size_t n, const double *slopes, double *out) {
  static void (*const f[])(const double *, size_t, size_t, size_t, const double *, double *) = VARIANTS(dots);
  f[ck_isa_fixed()](columns, stride, count, n, slopes, out);
}

void ck_linear_gram(const double *columns, size_t stride, size_t count, size_t n, const double *weights, double *scratch, double *out,
                    size_t width) {
  static void (*const f[])(const double *, size_t, size_t, size_t, const double *, double *, double *, size_t) = VARIANTS(gram);
  f[ck_isa_fixed()](columns, stride, count, n, weights, scratch, out, width);
}

double ck_linear_logistic(const double *scores, const double *target, const double *weights, size_t n, double *first, double *second) {
  static double (*const f[])(const double *, const double *, const double *, size_t, double *, double *) = VARIANTS(log_loss);
  return f[ck_isa_fixed()](scores, target, weights, n, first, second);
}

void ck_linear_moments(const double *values, const double *weights, size_t n, double shift, double *out) {
  static void (*const f[])(const double *, const double *, size_t, double, double *) = VARIANTS(moments);
  f[ck_isa_fixed()](values, weights, n, shift, out);
}

double ck_linear_dot(const double *a, const double *b, size_t n) {
  static double (*const f[])(const double *, const double *, size_t) = VARIANTS(dot);
  return f[ck_isa_fixed()](a, b, n);
}

void ck_linear_axpy(double a, const double *x, double *y, size_t n) {
  static void (*const f[])(double, const double *, double *, size_t) = VARIANTS(axpy);
  f[ck_isa_fixed()](a, x, y, n);
}
