#ifndef C_ALLOCATION_COUNT_H
#define C_ALLOCATION_COUNT_H

#include <stdbool.h>
#include <stdint.h>

/// Whether heap allocations are counted: with glibc, and not under a sanitizer, which brings an allocator of its own.
bool allocation_count_is_kept(void);

/// How often the calling thread has asked for heap memory so far.
uint64_t allocation_count(void);

#endif
