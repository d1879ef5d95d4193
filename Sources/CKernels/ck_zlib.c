// The part of zlib's interface that is used here, declared as zlib.h 1.2 and 1.3 have it (its ABI is frozen;
// inflateInit2_ refuses a struct of another size).
#include "ck_zlib.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const unsigned char *next_in;
  unsigned int avail_in;
  unsigned long total_in;
  unsigned char *next_out;
  unsigned int avail_out;
  unsigned long total_out;
  const char *msg;
  void *state;
  void *(*zalloc)(void *, unsigned int, unsigned int);
  void (*zfree)(void *, void *);
  void *opaque;
  int data_type;
  unsigned long adler;
  unsigned long reserved;
} z_stream;

typedef struct {
  int (*init2)(z_stream *, int, const char *, int);
  int (*inflate)(z_stream *, int);
  int (*reset)(z_stream *);
  int (*end)(z_stream *);
} functions;

struct ck_inflater {
  z_stream stream;
  functions calls;
};

static int load(functions *f) {
  static const char *const names[] = {"libz.so.1", "libz.so", "libz.1.dylib", "/usr/lib/libz.dylib"};
  void *library = NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names && !library; i++)
    library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  if (!library) return 0;
  // The handle stays open: closing it while another thread inflates would pull the code from under it.
  *(void **)&f->init2 = dlsym(library, "inflateInit2_");
  *(void **)&f->inflate = dlsym(library, "inflate");
  *(void **)&f->reset = dlsym(library, "inflateReset");
  *(void **)&f->end = dlsym(library, "inflateEnd");
  return f->init2 && f->inflate && f->reset && f->end;
}

int ck_zlib_available(void) {
  functions f;
  return load(&f);
}

ck_inflater *ck_inflater_make(void) {
  ck_inflater *z = calloc(1, sizeof *z);
  if (!z) return NULL;
  // Window 15, plus 16: gzip wrapper only.
  if (!load(&z->calls) || z->calls.init2(&z->stream, 15 + 16, "1.2.11", (int)sizeof z->stream) != 0) {
    free(z);
    return NULL;
  }
  return z;
}

void ck_inflater_free(ck_inflater *z) {
  if (!z) return;
  z->calls.end(&z->stream);
  free(z);
}

int ck_inflater_run(ck_inflater *z, const uint8_t *in, size_t *in_count, uint8_t *out, size_t *out_count) {
  const size_t most = (size_t)1 << 30;
  unsigned int give = (unsigned int)(*in_count < most ? *in_count : most);
  unsigned int room = (unsigned int)(*out_count < most ? *out_count : most);
  z->stream.next_in = in;
  z->stream.avail_in = give;
  z->stream.next_out = out;
  z->stream.avail_out = room;
  int status = z->calls.inflate(&z->stream, 0);
  *in_count = give - z->stream.avail_in;
  *out_count = room - z->stream.avail_out;
  if (status == 1) return CK_INFLATE_END;
  if (status == 0 || status == -5) return CK_INFLATE_MORE;  // Z_OK, Z_BUF_ERROR
  return status == -4 ? CK_INFLATE_NO_MEMORY : CK_INFLATE_CORRUPT;
}

int ck_inflater_reset(ck_inflater *z) { return z->calls.reset(&z->stream) == 0; }
