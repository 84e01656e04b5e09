/*
 * The flags of open(2) in words, which are not the same on all architectures.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_OPEN_FLAGS_H
#define LTTNGA_OPEN_FLAGS_H

#include "state/syscall_numbers.h"

#include <stdint.h>

/* As in C: "O_RDWR|O_CREAT"; bits without a name are a number at the end. Free it with g_free(). */
char *open_flags_text(enum syscall_arch arch, int64_t flags);

#endif
