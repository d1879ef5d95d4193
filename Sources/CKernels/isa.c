#if defined(__linux__)
#define _GNU_SOURCE
#include <sys/mman.h>
#endif
#include "ck_isa.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

int ck_isa_best(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("bmi2"))
    return CK_ISA_AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")) return CK_ISA_AVX2;
#endif
  return CK_ISA_BASELINE;
}

static int chosen(void) {
  int best = ck_isa_best();
  const char *name = getenv("APUS_ISA");
  int wanted = best;
  if (name && !strcmp(name, "baseline")) wanted = CK_ISA_BASELINE;
  if (name && !strcmp(name, "avx2")) wanted = CK_ISA_AVX2;
  if (name && !strcmp(name, "avx512")) wanted = CK_ISA_AVX512;
  return wanted < best ? wanted : best;
}

static _Atomic int current = -1;

int ck_isa(void) {
  int isa = atomic_load_explicit(&current, memory_order_relaxed);
  if (isa >= 0) return isa;
  isa = chosen();
  atomic_store_explicit(&current, isa, memory_order_relaxed);
  return isa;
}

int ck_isa_fixed(void) {
  static _Atomic int fixed = -1;
  int isa = atomic_load_explicit(&fixed, memory_order_relaxed);
  if (isa >= 0) return isa;
  isa = chosen();
  atomic_store_explicit(&fixed, isa, memory_order_relaxed);
  return isa;
}

int ck_isa_use(int isa) {
  if (isa >= 0 && isa <= ck_isa_best()) atomic_store_explicit(&current, isa, memory_order_relaxed);
  return ck_isa();
}

void *ck_allocate(size_t size) {
  size_t huge = (size_t)1 << 21;
  size_t alignment = size >= 2 * huge ? huge : 64;
  void *memory = NULL;
  size = (size + alignment) / alignment * alignment;
  if (posix_memalign(&memory, alignment, size)) return NULL;
#if defined(__linux__)
  if (alignment == huge) madvise(memory, size, MADV_HUGEPAGE);
#endif
  memset(memory, 0, size);
  return memory;
}

void ck_free(void *memory) { free(memory); }
