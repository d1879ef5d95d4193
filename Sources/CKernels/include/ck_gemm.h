// Products of single-precision matrices.
#ifndef CK_GEMM_H
#define CK_GEMM_H

#include <stddef.h>

/// A matrix in memory: element (i, j) is `base[i * row_step + j * column_step]`; one of the steps is 1.
typedef struct {
  const float *base;
  size_t row_step;
  size_t column_step;
} ck_matrix;

/// `c = a b`, or `c += a b` when `accumulate`: `a` is m x k, `b` is k x n, `c` is m x n in rows of `c_step` floats.
///
/// Every element of `c` is summed in the same order whatever `m` and `n` are, so a product may be cut into blocks of
/// rows and columns, and one row predicts what a batch does. Rows of `a` may overlap.
void ck_sgemm(size_t m, size_t n, size_t k, ck_matrix a, ck_matrix b, float *c, size_t c_step, int accumulate);

/// The same by the kernels of one instruction set, or of the best one there is below it. For tests that run every variant.
void ck_sgemm_on(int isa, size_t m, size_t n, size_t k, ck_matrix a, ck_matrix b, float *c, size_t c_step, int accumulate);

#endif
