typedef int CKernels_stub;
#include "ck_csv.h"
#include "ck_zlib.h"
