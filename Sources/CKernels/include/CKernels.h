typedef int CKernels_stub;
