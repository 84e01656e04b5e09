/*
 * File descriptors: which numbers are open in which table, and what is behind them. Threads share
 * tables as they do in the kernel; copies of a table share what neither of them has changed. What calls make of them, and tell, is in call_files.h.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_FD_H
#define LTTNGA_FD_H

#include "state/fd_tree.h"
#include "state/pool.h"
#include "state/record.h"
#include "state/strpool.h"

#include <glib.h>
#include <stdbool.h>

struct state;
struct image;
struct view_sink;

struct fd_table {
	uint32_t refs;    /* threads that share it, and by_address */
	uint32_t told;    /* the same, as an image tells it */
	bool alive;       /* the table is not gone */
	uint32_t stays;   /* the descriptors that an exec leaves alone, see fd_tree.h */
	uint32_t cloexec; /* those that it closes */
	int64_t address;  /* under which it stands in by_address, or 0 */
};

struct fd_model {
	struct pool tables;
	struct fd_trees trees;
	uint32_t alive;         /* tables in the pool */
	GHashTable *by_address; /* statedump: kernel's address of a table -> its number here */
};

void fd_init(struct state *state);
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
const struct fd *fd_find(const struct state *state, uint32_t files, int64_t number);

/* The first open descriptor from this number on in a table (0 is allowed), or NULL. */
const struct fd *fd_from(const struct state *state, uint32_t files, int64_t number);

/*
 * The descriptor with this number, for changing what is behind it (not its cloexec); NULL if it is not
 * open.
 */
struct fd *fd_change(struct state *state, uint32_t files, int64_t number);

/*
 * The descriptor with this number: if it is not open, it is taken to have been all the time, and
 * nothing is known of it. NULL for impossible numbers.
 */
const struct fd *fd_assume(struct state *state, uint32_t files, int64_t number);

/*
 * A number stands for a file since then (ns), whatever it was before, with a reference of its own to the
 * path. False for impossible numbers.
 */
bool fd_open(struct state *state, uint32_t files, int64_t number, struct file file, int64_t since);

/* An open descriptor is closed now; returns its path, with the reference that it had. */
strid fd_close(struct state *state, uint32_t files, int64_t number);

/* All descriptors from `first` to `last`, both included, are closed, or (only) marked close-on-exec. */
void files_close(struct state *state, uint32_t files, uint32_t first, uint32_t last);
void files_mark(struct state *state, uint32_t files, uint32_t first, uint32_t last);

/* The first descriptor of a table (0 is allowed) that an exec closes, or NULL; and they are closed. */
const struct fd *files_first_cloexec(const struct state *state, uint32_t files);
void files_close_on_exec(struct state *state, uint32_t files);

/* Whether an exec closes a descriptor; and says so. */
bool fd_is_cloexec(const struct state *state, uint32_t files, int64_t number);
void fd_set_cloexec(struct state *state, uint32_t files, int64_t number, bool cloexec);

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

/* Checks, when all has been read, that references to tables were counted right. */
void fd_image_check(struct image *image);

#endif
