#ifndef CK_DENSE_H
#define CK_DENSE_H

#include <stddef.h>

/// Columns of `a`, rows of `b` that one call takes at most.
enum { CK_UPDATE_DEPTH = 128 };

/// `c -= a · b`, all row-major: `a` is [rows, depth], `b` [depth, columns], `c` [rows, columns], each row `stride` apart.
/// Fused multiply-add where the instruction set has it, so the last bits may differ between sets.
void ck_update(
    double *c, size_t c_stride, const double *a, size_t a_stride, const double *b, size_t b_stride, size_t rows,
    size_t columns, size_t depth);

#endif
