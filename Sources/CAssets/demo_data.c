#pragma clang diagnostic ignored "-Wc23-extensions"

#include "demo_data.h"

#include <string.h>

static const unsigned char occupancy[] = {
#embed "data/occupancy.csv"
};

static const unsigned char notice[] = {
#embed "data/NOTICE"
};

static size_t copy(unsigned char *out, size_t capacity, const unsigned char *bytes, size_t size) {
  size_t count = size < capacity ? size : capacity;
  if (count > 0) memcpy(out, bytes, count);
  return size;
}

size_t apus_demo_occupancy(unsigned char *out, size_t capacity) {
  return copy(out, capacity, occupancy, sizeof occupancy);
}

size_t apus_demo_occupancy_notice(unsigned char *out, size_t capacity) {
  return copy(out, capacity, notice, sizeof notice);
}
