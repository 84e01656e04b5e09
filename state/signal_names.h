/*
 * The names of signals, whose numbers are not the same on all architectures.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SIGNAL_NAMES_H
#define LTTNGA_SIGNAL_NAMES_H

#include "state/syscall_numbers.h"

#include <stdint.h>

/*
 * "SIGTERM"; real-time ones as kill(1) lists them: "SIGRTMIN+2". NULL for numbers without a name (0 is no
 * signal). The text is static.
 */
const char *signal_name(enum syscall_arch arch, int64_t number);

#endif
