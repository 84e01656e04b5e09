/*
 * The page cache: which pages of which files are dirty, who made them so, and what cleans them.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_PAGECACHE_H
#define LTTNGA_PAGECACHE_H

#include "state/pool.h"
#include "state/strpool.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct state;
struct state_io;
struct record;
struct thread;
struct request;
struct outcome;

/*
 * Where a dirty page is: on a device, if its blocks are known, else in a file. One order of both
 * makes neighbours stand side by side.
 */
struct page_place {
	int64_t space; /* dev, or -1 - number of the file */
	int64_t begin; /* bytes */
};

/* Neighbouring pages of one file that one thread has made dirty, almost at the same time. */
struct page_run {
	struct page_place place;
	int64_t end;   /* bytes */
	int64_t since; /* when the first became dirty, ns */
	int64_t told;  /* bytes of it that page_dirty has told */
	uint32_t serial;
	int64_t tid, pid;
	strid comm, process;
	strid path;            /* what the file was called then */
	uint32_t file;         /* number in the pool */
	uint32_t prev, next;   /* runs of the same file, older and newer */
	uint32_t older, newer; /* all runs */
};

/* What files are called here: paths, or else whose they are. */
struct file_name {
	strid path;  /* 0 if not known */
	int32_t pid; /* whose file without a path, else 0 */
};

/* What the kernel calls them. */
struct inode {
	int64_t dev;
	int64_t ino; /* 0 if not known */
};

/* A file with dirty pages. */
struct cached_file {
	struct file_name name;
	struct inode inode;
	int64_t pos;           /* where the next write(2) goes, if it goes on from the last one */
	int64_t faults;        /* bytes that became dirty without a call: where is not known */
	int64_t dev;           /* where its pages without blocks will be written */
	int64_t delayed;       /* bytes of those */
	uint32_t first, last;  /* its runs */
	uint32_t older, newer; /* files of the device with such pages */
};

/* The files with pages that wait for their blocks, in the order in which they became so. */
struct cached_device {
	int64_t dev;
	uint32_t oldest, newest;
};

struct cache_model {
	struct pool runs;        /* struct page_run */
	struct pool files;       /* struct cached_file */
	GTree *places;           /* struct page_place -> number of the run */
	GHashTable *by_name;     /* struct file_name -> number of the file */
	GHashTable *by_inode;    /* struct inode -> number of the file */
	GHashTable *devices;     /* dev -> struct cached_device */
	uint32_t oldest, newest; /* runs */
	uint32_t n_runs;
	uint32_t serial;     /* of the newest run */
	uint32_t generation; /* grows when a run or a file is made, moved or removed */
	int64_t dirty;       /* bytes */
	int64_t flushed;     /* bytes so far, of whatever they were */
	bool exact;          /* the trace tells of single pages by inode */
};

/* Where a thread goes on to make pages dirty. */
struct dirtying {
	uint32_t run, serial; /* `run` is still the same if its serial number is */
	uint32_t generation;  /* what follows is still right if this is the model's */
	int64_t call;         /* begin of the call in which that was */
	int64_t fault; /* when it last made a page dirty without a call, ns; 0 if not known */
	int64_t limit; /* up to where nothing is dirty behind the run, bytes */
};

/*
 * More runs than that are not kept: the oldest ones are forgotten, and told as such. 128 Ki of
 * them take some 25 MB; a run may be one page or gigabytes.
 */
#define PAGE_RUNS_MAX (128 * 1024)

void cache_init(struct cache_model *model);
void cache_clear(struct state *state);

/* The device on which the file with this path has dirty pages; VALUE_ABSENT if that is not known. */
int64_t cache_device_of(const struct state *state, strid path);

/* A call of the thread is over that may have changed what is dirty. */
void cache_call_end(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, const struct outcome *out);

/* What a write request cleaned. */
struct cleaned {
	int64_t blocks;             /* bytes that were known to be dirty, and where */
	int64_t others;             /* further bytes of files */
	const struct thread *asked; /* whose call that was for, NULL if nobody's */
	strid path;                 /* of the last file, with a reference; 0 if none has one */
};

/*
 * A write request goes to the disk: what it writes is clean now. `issuer` may be NULL; `journal`:
 * what was not known to be dirty is no part of a file.
 */
struct cleaned cache_flush(struct state *state, const struct record *rec, const struct state_io *io,
	const struct request *request, const struct thread *issuer, bool journal);

/* Whether a name is that of a kernel thread that writes dirty pages. */
bool is_flusher(const char *comm);

/*
 * A window ends: what was made dirty and not told yet is told now. If nobody listens, the first one
 * has not begun: what is dirty already will be told then.
 */
void cache_cut(struct state *state, const struct record *rec, const struct state_io *io);

#endif
