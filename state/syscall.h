/*
 * Entry and exit of system calls.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SYSCALL_H
#define LTTNGA_SYSCALL_H

#include <stdbool.h>

struct record;
struct state;
struct state_io;
struct event_want;

/*
 * Whether `name` is an entry or exit event of a system call, under any of its names, and what the
 * model wants of it.
 */
bool syscall_want(struct state *state, const char *name, struct event_want *want);

/* A window ends at the record's time: tells which calls are still in progress. */
void calls_tell_open(struct state *state, const struct record *rec, const struct state_io *io);

#endif
