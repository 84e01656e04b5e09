/*
 * System calls as such: their numbers and names, and what is known of a call in progress, from entry
 * to exit. What it means for descriptors is in call_files.h.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CALL_H
#define LTTNGA_CALL_H

#include "state/address.h"
#include "state/fd.h"
#include "state/strpool.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct state;
struct image;

/*
 * System calls have a number of ours: 0 is none (or any: LTTng up to 2.5 has one exit event for
 * all), then come the rows of syscall_table.c, then names as they are met. SUB_COMPAT is set in
 * the number of 32-bit calls on a 64-bit kernel.
 */
#define SYSCALL_ANY     0
#define SUB_COMPAT      0x8000
#define SYSCALL_IDS_MAX 0x7fff

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
	struct address to; /* who it connects or sends to, if that is known; see sockets.h */
	uint32_t sync;     /* its number if it is followed, see sync_calls.h */
	int64_t from;      /* where in its file it writes, bytes; if `at` is not VALUE_ABSENT */
	int64_t at;        /* where it has come to; see pagecache.c */
	uint16_t id;       /* SYSCALL_ANY: no call in progress */
	bool between;      /* it is known that none is: the thread has returned from one */
	bool compat;
};

/*
 * Numbers of `unknown` calls up to this one are looked up in an array; of others there are few (the
 * private calls of ARM, those of x32), so that more than this are no calls: they have no names.
 */
#define SYSCALL_NUMBERS_CACHED 1024
#define SYSCALL_NUMBERS_LARGE  1024

struct call_model {
	uint16_t by_number[2][SYSCALL_NUMBERS_CACHED]; /* [compat][kernel's number] */
	GHashTable *by_large; /* 2 * number + compat, of larger ones -> id */
	GPtrArray *names;     /* by number - SYSCALL_ROWS - 1: names not in the table (interned) */
	GHashTable *ids;      /* name -> number, of all */
};

void call_init(struct call_model *model);
void call_clear(struct call_model *model);

/* The number of a call by name without prefix ("openat"), given if it is new. */
uint16_t call_id(struct state *state, const char *name);

/* The number of a call that the tracer has no name for, by the kernel's number (compat: of 32 bits). */
uint16_t call_id_of_number(struct state *state, bool compat, int64_t number);

/* The name of a number; never NULL ("unknown" for SYSCALL_ANY). */
const char *call_name(const struct state *state, uint16_t id);

/* The architecture has become known: the kernel's numbers have other names now. */
void call_forget_numbers(struct state *state);

/* A call is over, or given up: lets go what it holds, and forgets it. */
void call_drop(struct state *state, struct call *call);

/* Whether a call is a clone(2) in progress. */
bool call_is_clone(const struct call *call);

/* Whether it is one that gives who it is for mounts of their own. */
bool call_makes_mounts(const struct call *call);

/* The names that are not in the table; and a call in progress. */
void call_names_image(struct image *image);
void call_image(struct image *image, struct call *call);

#endif
