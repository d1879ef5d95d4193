#include "ck_neural.h"

#include <math.h>
#include <string.h>

#include "ck_gemm.h"
#include "ck_isa.h"

#define NAME(x) x##_baseline
#include "ck_neural.inc"
#undef NAME

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2"))), apply_to = function)
#define NAME(x) x##_avx2
#include "ck_neural.inc"
#undef NAME
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,bmi,bmi2"))), apply_to = function)
#define NAME(x) x##_avx512
#include "ck_neural.inc"
#undef NAME
#pragma clang attribute pop
#define PICK(f) (ck_isa_fixed() == CK_ISA_AVX512 ? f##_avx512 : ck_isa_fixed() == CK_ISA_AVX2 ? f##_avx2 : f##_baseline)
#else
#define PICK(f) f##_baseline
#endif

void ck_activate(const float *in, float *out, size_t count, int kind) { PICK(activate)(in, out, count, kind); }

void ck_activate_backward(const float *in, const float *out, float *gradient, size_t count, int kind) {
  PICK(activate_backward)(in, out, gradient, count, kind);
}

void ck_add_bias(float *x, const float *bias, size_t rows, size_t columns) { PICK(add_bias)(x, bias, rows, columns); }

void ck_column_sums(const float *x, size_t rows, size_t columns, float *sums) { PICK(column_sums)(x, rows, columns, sums); }

void ck_column_moments(const float *x, ck_rows shape, float *mean, float *squares) { PICK(column_moments)(x, shape, mean, squares); }

void ck_column_affine(const float *x, ck_rows shape, const float *scale, const float *shift, float *out) {
  PICK(column_affine)(x, shape, scale, shift, out);
}

void ck_norm_sums(const float *gradient, const float *x, ck_rows shape, const float *mean, const float *inverse, float *sums) {
  PICK(norm_sums)(gradient, x, shape, mean, inverse, sums);
}

void ck_norm_backward(float *gradient, const float *x, ck_rows shape, const float *mean, const float *inverse, const float *gain, const float *sums) {
  PICK(norm_backward)(gradient, x, shape, mean, inverse, gain, sums);
}

void ck_dropout(float *x, size_t count, uint32_t first, uint32_t key, uint32_t threshold, float scale) {
  PICK(dropout)(x, count, first, key, threshold, scale);
}

void ck_adam(float *values, const float *gradients, float *first, float *second, size_t count, const ck_adam_step *step) {
  PICK(adam)(values, gradients, first, second, count, step);
}

void ck_momentum(float *values, const float *gradients, float *velocity, size_t count, float rate, float momentum, float l2, float shrink) {
  const float settings[] = {rate, momentum, l2, shrink};
  PICK(momentum)(values, gradients, velocity, count, settings);
}

double ck_softmax_loss(const float *scores, size_t rows, size_t classes, const int32_t *target, const float *weights, float smoothing, float *gradient) {
  return PICK(softmax_loss)(scores, rows, classes, target, weights, smoothing, gradient);
}

double ck_squared_loss(const float *scores, size_t rows, const float *target, const float *weights, float *gradient) {
  double total = 0;
  for (size_t i = 0; i < rows; i++) {
    const float distance = scores[i] - target[i], weight = weights ? weights[i] : 1.0f;
    total += 0.5 * weight * distance * distance;
    if (gradient) gradient[i] = weight * distance / (float)rows;
  }
  return total;
}

void ck_add_scaled(float *y, const float *x, float factor, size_t count) { PICK(add_scaled)(y, x, factor, count); }

void ck_rows_from_columns(const float *columns, size_t column_step, size_t first, size_t rows, size_t width, float *out, size_t step) {
  for (size_t start = 0; start < rows; start += 16) {
    const size_t end = start + 16 < rows ? start + 16 : rows;
    for (size_t j = 0; j < width; j++)
      for (size_t i = start; i < end; i++) out[i * step + j] = columns[j * column_step + first + i];
  }
}

// With a border of zeros, pixels of a row of three adjacent taps lie side by side, so each row of taps is one product whose
// rows overlap; it also makes values between the right border and the next left one, which are wiped afterwards.
void ck_convolve(const ck_convolution *s, const float *in, const float *weights, float *out) {
  const size_t step = s->width + 2, rows = s->height * step - 2, taps = 3 * s->inputs;
  float *first = out + (step + 1) * s->outputs;
  for (size_t y = 0; y < 3; y++) {
    ck_matrix a = {in + y * step * s->inputs, s->inputs, 1}, b = {weights + y * taps * s->outputs, s->outputs, 1};
    ck_sgemm(rows, s->outputs, taps, a, b, first, s->outputs, y > 0);
  }
  const size_t bytes = s->outputs * sizeof(float);
  memset(out, 0, (step + 1) * bytes);
  for (size_t y = 1; y < s->height; y++) memset(out + (y * step + s->width + 1) * s->outputs, 0, 2 * bytes);
  memset(out + (s->height * step + s->width + 1) * s->outputs, 0, (step + 1) * bytes);
}

void ck_convolve_weights(const ck_convolution *s, const float *in, const float *gradient, float *weights) {
  const size_t step = s->width + 2, rows = s->height * step - 2, taps = 3 * s->inputs;
  for (size_t y = 0; y < 3; y++) {
    ck_matrix a = {in + y * step * s->inputs, 1, s->inputs}, b = {gradient + (step + 1) * s->outputs, s->outputs, 1};
    ck_sgemm(taps, s->outputs, rows, a, b, weights + y * taps * s->outputs, s->outputs, 1);
  }
}

void ck_convolve_turn(const ck_convolution *s, const float *weights, float *turned) {
  for (size_t tap = 0; tap < 9; tap++)
    for (size_t o = 0; o < s->outputs; o++)
      for (size_t i = 0; i < s->inputs; i++)
        turned[((8 - tap) * s->outputs + o) * s->inputs + i] = weights[(tap * s->inputs + i) * s->outputs + o];
}

void ck_pool_forward(const ck_pool *shape, const float *in, const float *scale, const float *shift, float *out) {
  PICK(pool_forward)(shape, in, scale, shift, out);
}

void ck_pool_backward(const ck_pool *shape, const float *in, const float *scale, const float *shift, const float *mean, const float *inverse,
                      const float *gradient, float *to, float *sums) {
  PICK(pool_backward)(shape, in, scale, shift, mean, inverse, gradient, to, sums);
}

void ck_place_image(const float *in, size_t height, size_t width, size_t channels, ptrdiff_t down, ptrdiff_t right, int mirror, float *out) {
  memset(out, 0, (height + 2) * (width + 2) * channels * sizeof(float));
  for (ptrdiff_t y = 0; y < (ptrdiff_t)height; y++) {
    const ptrdiff_t from = y - down;
    if (from < 0 || from >= (ptrdiff_t)height) continue;
    for (ptrdiff_t x = 0; x < (ptrdiff_t)width; x++) {
      const ptrdiff_t source = mirror ? (ptrdiff_t)width - 1 - x + right : x - right;
      if (source < 0 || source >= (ptrdiff_t)width) continue;
      memcpy(out + ((size_t)(y + 1) * (width + 2) + (size_t)(x + 1)) * channels, in + ((size_t)from * width + (size_t)source) * channels,
             channels * sizeof(float));
    }
  }
}
