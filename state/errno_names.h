/*
 * The names of error numbers, which are not the same on all architectures.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_ERRNO_NAMES_H
#define LTTNGA_ERRNO_NAMES_H

#include "state/syscall_numbers.h"

#include <stdint.h>

/* "ENOENT"; NULL if there is no such number (0 is none). The text is static. */
const char *errno_name(enum syscall_arch arch, int64_t number);

#endif
