/*
 * System calls: what each thread is doing between entry and exit, what each call means for
 * descriptors, and which of them are I/O.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SYSCALL_H
#define LTTNGA_SYSCALL_H

#include "state/fd.h"
#include "state/strpool.h"
#include "state/syscall_numbers.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct state;
struct state_io;
struct record;
struct thread;
struct event_want;
struct syscall_row;

/*
 * System calls have a number of ours: 0 is none (or any: LTTng up to 2.5 has one exit event for
 * all), then come the rows of syscall_table.c, then names as they are met. SUB_COMPAT is set in
 * the number of 32-bit calls on a 64-bit kernel.
 */
#define SYSCALL_ANY     0
#define SUB_COMPAT      0x8000
#define SYSCALL_IDS_MAX 0x7fff

/* The largest errno a system call can return. */
#define ERRNO_MAX 4095

/* A system call in progress. */
struct call {
	int64_t begin;
	int64_t fd; /* the fields of syscall_table.c; VALUE_ABSENT if the call has none */
	int64_t fd2;
	int64_t count;
	int64_t flags;
	int64_t pos;
	strid path, path2; /* that the call names */
	struct file file;  /* behind fd, when the call began */
	uint32_t sync;     /* its number if it is followed, see synctime.h */
	int64_t from;      /* where in its file it writes, bytes; if `at` is not VALUE_ABSENT */
	int64_t at;        /* where it has come to; see pagecache.c */
	uint16_t id;       /* SYSCALL_ANY: no call in progress */
	bool compat;
};

/* Numbers of `unknown` calls up to this one are named only once. */
#define SYSCALL_NUMBERS_CACHED 1024

struct syscall_model {
	uint16_t by_number[2][SYSCALL_NUMBERS_CACHED]; /* [compat][kernel's number] */
	GPtrArray *names; /* by number - SYSCALL_ROWS - 1: names not in the table (interned) */
	GHashTable *ids;  /* name -> number, of all */
};

void syscall_init(struct syscall_model *model);
void syscall_clear(struct syscall_model *model);

/* The number of a call by name without prefix ("openat"), given if it is new. */
uint16_t syscall_id(struct syscall_model *model, const char *name);

/* The name of a number; never NULL ("unknown" for SYSCALL_ANY). */
const char *syscall_id_name(const struct syscall_model *model, uint16_t id);

/* The architecture has become known: numbers have other names now. */
void syscall_forget_numbers(struct syscall_model *model);

/* The row of a call in the table; one that says nothing for calls that have none. */
const struct syscall_row *syscall_row_of(uint16_t id);

/* Forgets a call, and lets go what it holds. */
void call_release(struct state *state, struct call *call);

/* Forgets the call in progress. */
void call_drop(struct state *state, struct thread *thread);

/*
 * A packet leaves the machine on behalf of the thread: if it is writing to something that nothing
 * is known of, that is a connection.
 */
void call_sends(struct state *state, struct thread *thread);

/* Whether the thread is inside clone(2). */
bool call_is_clone(const struct state *state, const struct thread *thread);

/*
 * Whether `name` is an entry or exit event of a system call, under any of its names, and what the
 * model wants of it.
 */
bool syscall_want(struct state *state, const char *name, struct event_want *want);

#endif
