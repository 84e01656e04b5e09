/*
 * Which threads are in which namespaces, as events tell it: forks, the statedump, contexts, and the calls
 * that change it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_MEMBERSHIP_H
#define LTTNGA_MEMBERSHIP_H

#include <stdbool.h>
#include <stdint.h>

struct record;
struct state;
struct state_io;
struct syscall_row;
struct thread;

/* A thread has been made; `parent` is NULL if not known, `thread`: it is of the same process. */
void membership_fork(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *parent, struct thread *child, bool thread);

/* A thread executes a program: in a PID namespace, the first one's name is that of the container. */
void membership_exec(struct state *state, const struct thread *thread);

/* What the contexts of a switch tell of the thread that leaves. */
void membership_switch(struct state *state, const struct record *rec, struct thread *prev);

/* The statedump tells of a PID namespace of a thread, in process_state of LTTng before 2.12. */
void membership_dumped(struct state *state, const struct record *rec, struct thread *thread);

/* Whether a call tells of namespaces. */
bool membership_needs(const struct syscall_row *row);

/* Such a call begins; it has returned `ret`. */
void membership_call_begin(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, const struct syscall_row *row);
void membership_call_end(struct state *state, const struct record *rec, struct thread *thread,
	const struct syscall_row *row, int64_t ret);

#endif
