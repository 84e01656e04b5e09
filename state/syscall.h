/*
 * Entry and exit of system calls.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SYSCALL_H
#define LTTNGA_SYSCALL_H

#include <stdbool.h>

struct state;
struct event_want;

/*
 * Whether `name` is an entry or exit event of a system call, under any of its names, and what the
 * model wants of it.
 */
bool syscall_want(struct state *state, const char *name, struct event_want *want);

#endif
