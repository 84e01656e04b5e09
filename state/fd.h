/*
 * File descriptors: which numbers are open in which table, and what is behind them. Threads share
 * tables as they do in the kernel.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_FD_H
#define LTTNGA_FD_H

#include "state/pool.h"
#include "state/record.h"
#include "state/strpool.h"

#include <glib.h>
#include <stdbool.h>

struct state;
struct state_io;
struct thread;

/* What is behind a descriptor. */
enum file_type {
	FILE_UNKNOWN,
	FILE_DISK, /* it has a path */
	FILE_NET,  /* a socket to other machines: families INET and INET6 */
	FILE_LOCAL, /* what never leaves the machine: sockets of other families, pipes, eventfd, ... */
};

struct file {
	strid path;   /* 0 if not known */
	uint8_t type; /* enum file_type */
	bool cloexec;
	bool readonly; /* it was opened for reading only */
	bool direct;   /* what is read and written goes round the page cache (O_DIRECT) */
};

/* One descriptor number that is or was open. Free ones are kept for use again, as kernels do. */
struct fd {
	int32_t number;
	bool open;
	struct file file;
	int64_t since; /* when it became that, ns */
};

struct fd_table {
	uint32_t refs;   /* threads that share it, and by_address */
	uint32_t told;   /* the same, as an image tells it */
	GArray *fds;     /* struct fd, ascending by number; NULL if the table is gone */
	int64_t address; /* under which it stands in by_address, or 0 */
};

struct fd_model {
	struct pool tables;
	uint32_t alive;         /* tables in the pool */
	uint32_t open;          /* open descriptors in all of them */
	GHashTable *by_address; /* statedump: kernel's address of a table -> its number here */
};

void fd_init(struct fd_model *model);
void fd_clear(struct state *state);

/* A new empty table with one reference; the table's number. */
uint32_t files_new(struct state *state);

/* One more, one less thread that shares table `files` (0 is allowed for the latter). */
uint32_t files_ref(struct state *state, uint32_t files);
void files_unref(struct state *state, uint32_t files);

/* How many descriptors are open in a table. */
int64_t files_count(const struct state *state, uint32_t files);

/* Whether more than one thread uses a table (0 is allowed). */
bool files_shared(const struct state *state, uint32_t files);

/* A new table with the same open descriptors as `files` (which may be 0). */
uint32_t files_copy(struct state *state, uint32_t files);

/* The thread's table, made if it has none. */
uint32_t files_of(struct state *state, struct thread *thread);

/* Makes `thread` the only user of its table, like unshare(CLONE_FILES). */
void files_unshare(struct state *state, struct thread *thread);

/* Adds to table `to` what is open in `from` but not there. */
void files_merge(struct state *state, uint32_t to, uint32_t from);

/*
 * The statedump says at which kernel address a thread's table is: all threads that name the same
 * one share it. VALUE_ABSENT changes nothing.
 */
void files_at_address(struct state *state, struct thread *thread, int64_t address);

/* The open descriptor with this number, or NULL. */
struct fd *fd_find(const struct state *state, const struct thread *thread, int64_t number);

/*
 * The same, taken to be open with nothing known of it if it is not; NULL for impossible numbers.
 * Tells nothing: it has been open before.
 */
struct fd *fd_assume(struct state *state, struct thread *thread, int64_t number);

/*
 * Descriptor `number` is open now, whatever it was before. Tells fd_open, and fd_close first if it
 * stood for something else. Impossible numbers are ignored.
 */
void fd_install(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, int64_t number, struct file file);

/* Descriptor `number` is closed now, if it was open. */
void fd_close(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, int64_t number);

/* Closes, or marks close-on-exec, all open descriptors from `first` to `last`, both included. */
void fd_close_range(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, uint32_t first, uint32_t last, bool mark_only);

/* Notes what the flags of an open (VALUE_ABSENT: not known) say of a file. */
void file_set_flags(struct file *file, int64_t flags);

/* The name that scripts see: "disk", "net", "local" or "unknown". */
const char *file_type_name(enum file_type type);

/* What the kernel's name for an open file gives away; of sockets it does not tell the family. */
enum file_type file_type_of_name(const char *name);

/* What an exec does: a table of its own, and the close-on-exec descriptors closed. */
void fd_exec(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread);

#endif
