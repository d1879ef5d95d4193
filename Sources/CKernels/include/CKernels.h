// Plain C kernels behind the safe faces of `Kernels`: pointers and sizes, no state but the chosen instruction set.
#ifndef CKERNELS_H
#define CKERNELS_H

#include "ck_csv.h"
#include "ck_dense.h"
#include "ck_distance.h"
#include "ck_forest.h"
#include "ck_gemm.h"
#include "ck_isa.h"
#include "ck_linear.h"
#include "ck_neural.h"
#include "ck_shap.h"
#include "ck_terms.h"
#include "ck_trees.h"
#include "ck_zlib.h"

#endif
