/*
 * Whether the reader on libbabeltrace2 is at work: the library ends the program on some kinds of damage.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_BT2_WORKS_H
#define LTTNGA_BT2_WORKS_H

#include <signal.h>

/* For handlers of signals. */
extern volatile sig_atomic_t bt2_works;

#endif
