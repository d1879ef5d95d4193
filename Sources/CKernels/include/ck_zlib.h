// zlib's inflate, opened at run time: no headers and no library are needed to build.
#ifndef CK_ZLIB_H
#define CK_ZLIB_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ck_inflater ck_inflater;

enum {
  CK_INFLATE_MORE = 0,       // input used up or output full: call again
  CK_INFLATE_END = 1,        // a gzip member ended; the next byte of input, if any, starts another
  CK_INFLATE_CORRUPT = -1,
  CK_INFLATE_NO_MEMORY = -2
};

// Whether zlib is there.
int ck_zlib_available(void);
// An inflater for gzip data, or NULL when zlib or memory is lacking.
ck_inflater *ck_inflater_make(void);
void ck_inflater_free(ck_inflater *z);
// Inflates from `in` to `out`; both counts are set to what was used and made. At most 2^30 bytes each a call.
int ck_inflater_run(ck_inflater *z, const uint8_t *in, size_t *in_count, uint8_t *out, size_t *out_count);
// Starts the next member.
int ck_inflater_reset(ck_inflater *z);

#ifdef __cplusplus
}
#endif
#endif
