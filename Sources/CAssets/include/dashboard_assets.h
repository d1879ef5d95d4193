#ifndef APUS_DASHBOARD_ASSETS_H
#define APUS_DASHBOARD_ASSETS_H

#include <stddef.h>

/* Each copies at most `capacity` bytes of a file of the dashboard to `out` and returns the file's size. */
size_t apus_dashboard_style(unsigned char *out, size_t capacity);
size_t apus_dashboard_script(unsigned char *out, size_t capacity);
size_t apus_dashboard_icon(unsigned char *out, size_t capacity);

#endif
