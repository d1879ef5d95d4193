#ifndef APUS_DEMO_DATA_H
#define APUS_DEMO_DATA_H

#include <stddef.h>

/// Copies the demonstration table (CSV, UTF-8, header line first; see data/NOTICE for source and licence) to `out`.
///
/// Writes at most `capacity` bytes and returns the size of the whole table, so that a caller with a capacity of 0
/// learns how much room to make.
size_t apus_demo_occupancy(unsigned char *out, size_t capacity);

/// Copies the notice that belongs to the table: authors, source, licence, changes. Same rules.
size_t apus_demo_occupancy_notice(unsigned char *out, size_t capacity);

#endif
