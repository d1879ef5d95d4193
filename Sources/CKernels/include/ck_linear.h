#ifndef CK_LINEAR_H
#define CK_LINEAR_H

#include <stddef.h>

// Kernels of linear learners over a chunk of rows held column by column: column j starts at `columns + j * stride`.
// `n` counts rows and is a multiple of 8; rows past the data hold zeros. Sums differ in their last bits between
// instruction sets.

// out = (in - mean) * factor for `count` numbers, then zeros up to `n`.
void ck_linear_pack(const double *in, size_t count, size_t n, double mean, double factor, double *out);

// out[i] = sum over columns j of coefficients[j] * column[j][i].
void ck_linear_scores(const double *columns, size_t stride, size_t count, size_t n, const double *coefficients, double *out);

// out[j] += sum over rows of column[j][i] * slopes[i].
void ck_linear_dots(const double *columns, size_t stride, size_t count, size_t n, const double *slopes, double *out);

// out[j * width + k] += sum over rows of weights[i] * column[j][i] * column[k][i], k <= j; weights may be NULL (ones).
// `scratch` has room for 4 * n numbers.
void ck_linear_gram(const double *columns, size_t stride, size_t count, size_t n, const double *weights, double *scratch, double *out,
                    size_t width);

// Log loss and its derivatives by the score; weights may be NULL. Returns the weighted sum of losses. Any n.
double ck_linear_logistic(const double *scores, const double *target, const double *weights, size_t n, double *first, double *second);

// out[0..2] = sums of w, w (x - shift), w (x - shift)^2; weights may be NULL. Any n.
void ck_linear_moments(const double *values, const double *weights, size_t n, double shift, double *out);

// Sum of a[i] * b[i]; any n.
double ck_linear_dot(const double *a, const double *b, size_t n);

// y[i] += a * x[i]; any n.
void ck_linear_axpy(double a, const double *x, double *y, size_t n);

#endif
