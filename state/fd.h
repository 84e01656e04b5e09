/*
 * File descriptors: which numbers are open in which table, and what is behind them. Threads share
 * tables as they do in the kernel. What calls make of them, and tell, is in call_files.h.
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
struct image;
struct view_sink;

/* What is behind a descriptor. */
enum file_type {
	FILE_UNKNOWN,
	FILE_STORED,  /* it has a path, and is a file on a disk, as far as is known */
	FILE_DEVICE,  /* it has a path in /dev */
	FILE_VIRTUAL, /* it has a path, but is in memory, or what the kernel shows: /proc, tmpfs */
	FILE_NET,     /* a socket to other machines: families INET and INET6 */
	FILE_LOCAL, /* what never leaves the machine: sockets of other families, pipes, eventfd, ... */
	FILE_TYPES,
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

/* Tables are named by number; 0 is none, where that is said to be allowed. */

/* A new empty table with one reference; the table's number. */
uint32_t files_new(struct state *state);

/* One more, one less thread that shares table `files` (0 is allowed); the former returns `files`. */
uint32_t files_ref(struct state *state, uint32_t files);
void files_unref(struct state *state, uint32_t files);

/* How many descriptors are open in a table. */
int64_t files_count(const struct state *state, uint32_t files);

/* Whether more than one thread uses a table (0 is allowed). */
bool files_shared(const struct state *state, uint32_t files);

/* A new table with the same open descriptors as `files` (which may be 0). */
uint32_t files_copy(struct state *state, uint32_t files);

/*
 * A table with what is open in `files` (0 is allowed) that nobody else uses, like
 * unshare(CLONE_FILES): the same, or a copy. The caller's reference moves over to it.
 */
uint32_t files_unshare(struct state *state, uint32_t files);

/* Adds to table `to` what is open in `from` but not there. */
void files_merge(struct state *state, uint32_t to, uint32_t from);

/*
 * The statedump says at which kernel address a table is: all who name the same one share it. Returns
 * the table with this address, which is `files` (0 is allowed), or what that has been merged with;
 * the caller's reference moves over to it. VALUE_ABSENT changes nothing.
 */
uint32_t files_at_address(struct state *state, uint32_t files, int64_t address);

/* The table that the statedump has told to be at a kernel address, or 0. */
uint32_t files_find_address(const struct state *state, int64_t address);

/* The open descriptor with this number in a table (0 is allowed), or NULL. */
struct fd *fd_find(const struct state *state, uint32_t files, int64_t number);

/* The first open descriptor from this number on in a table (0 is allowed), or NULL. */
struct fd *fd_from(const struct state *state, uint32_t files, int64_t number);

/* The entry with this number, open or not, made if need be; NULL for impossible numbers. */
struct fd *fd_ensure(struct state *state, uint32_t files, int64_t number);

/*
 * The descriptor with this number: if it is not open, it is taken to have been all the time, and
 * nothing is known of it. NULL for impossible numbers.
 */
struct fd *fd_assume(struct state *state, uint32_t files, int64_t number);

/* An entry, open or not, stands for a file since then (ns), with a reference of its own to the path. */
void fd_open(struct state *state, struct fd *fd, struct file file, int64_t since);

/* An open descriptor is closed now; returns its path, with the reference that it had. */
strid fd_close(struct state *state, struct fd *fd);

/* Notes what the flags of an open (VALUE_ABSENT: not known) say of a file. */
void file_set_flags(struct file *file, int64_t flags);

/* The name that scripts see: "file", "device", "virtual", "net", "local" or "unknown". */
const char *file_type_name(enum file_type type);

/*
 * What the kernel's name for an open file gives away, if it is no path: FILE_LOCAL, or FILE_UNKNOWN; of
 * sockets it does not tell the family.
 */
enum file_type file_type_of_name(const char *name);

/* The open descriptors of a table (0 is allowed), as rows of the view "fd". */
void files_inspect(const struct state *state, uint32_t files, const struct view_sink *sink);

void fd_image(struct image *image);
void file_image(struct image *image, struct file *file);

/* Checks, when all has been read, that references to tables were counted right. */
void fd_image_check(struct image *image);

#endif
