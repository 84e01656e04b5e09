/*
 * The page cache: which pages of which files are dirty, who made them so, and what cleans them.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_PAGECACHE_H
#define LTTNGA_PAGECACHE_H

#include "state/page_runs.h"
#include "state/strpool.h"

#include <stdbool.h>
#include <stdint.h>

struct state;
struct state_io;
struct record;
struct thread;
struct request;
struct outcome;

/*
 * More runs than that are not kept: the oldest ones are forgotten, and told as such. 128 Ki of
 * them take some 25 MB; a run may be one page or gigabytes.
 */
#define PAGE_RUNS_MAX (128 * 1024)

/* The device on which the file with this path has dirty pages; VALUE_ABSENT if that is not known. */
int64_t cache_device_of(const struct state *state, strid path);

/* A call of the thread is over that may have changed what is dirty. */
void cache_call_end(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, const struct outcome *out);

/* What a write request cleaned. */
struct cleaned {
	int64_t blocks;             /* bytes that were known to be dirty, and where */
	const struct thread *asked; /* whose call that was for, NULL if nobody's */
	strid path;                 /* of the last file, with a reference; 0 if none has one */
};

/*
 * A write request goes to the disk: what it writes is clean now. `issuer` may be NULL; `journal`:
 * what was not known to be dirty is no part of a file.
 */
struct cleaned cache_flush(struct state *state, const struct record *rec, const struct state_io *io,
	const struct request *request, const struct thread *issuer, bool journal);

/*
 * A window ends: what was made dirty and not told yet is told now. If nobody listens, the first one
 * has not begun: what is dirty already will be told then.
 */
void cache_cut(struct state *state, const struct record *rec, const struct state_io *io);

#endif
