#pragma clang diagnostic ignored "-Wc23-extensions"

#include "dashboard_assets.h"

#include <string.h>

static const unsigned char style[] = {
#embed "dashboard/style.css"
};

static const unsigned char script[] = {
#embed "dashboard/page.js"
};

static const unsigned char icon[] = {
#embed "dashboard/favicon.svg"
};

static size_t copy(unsigned char *out, size_t capacity, const unsigned char *bytes, size_t size) {
  size_t count = size < capacity ? size : capacity;
  if (count > 0) memcpy(out, bytes, count);
  return size;
}

size_t apus_dashboard_style(unsigned char *out, size_t capacity) {
  return copy(out, capacity, style, sizeof style);
}

size_t apus_dashboard_script(unsigned char *out, size_t capacity) {
  return copy(out, capacity, script, sizeof script);
}

size_t apus_dashboard_icon(unsigned char *out, size_t capacity) {
  return copy(out, capacity, icon, sizeof icon);
}
