/*
 * What is dirty in the page cache, as a structure: neighbouring pages as runs, in one tree by place;
 * the files that they belong to, and which of these have been dirty for longest.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_PAGE_RUNS_H
#define LTTNGA_PAGE_RUNS_H

#include "state/pool.h"
#include "state/strpool.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct state;
struct image;

/*
 * Where a dirty page is: on a device, if its blocks are known, else in a file. One order of both
 * makes neighbours stand side by side.
 */
struct page_place {
	int64_t space; /* dev, or -1 - number of the file */
	int64_t begin; /* bytes */
};

/* Who did something, as it was at that time: a thread may be gone, or called otherwise, later. */
struct owner {
	int64_t tid, pid;    /* VALUE_ABSENT if not known */
	int64_t utid, upid;  /* likewise */
	strid comm, process; /* names of the thread and its process, 0 if not known */
};

/* Neighbouring pages of one file that one thread has made dirty, almost at the same time. */
struct page_run {
	struct page_place place;
	int64_t end;   /* bytes */
	int64_t since; /* when the first became dirty, ns */
	int64_t told;  /* bytes of it that page_dirty has told */
	uint32_t serial;
	struct owner owner;    /* with references to the names */
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

void page_runs_init(struct cache_model *model);
void page_runs_clear(struct state *state);

/* The run and the file with these numbers, which must be alive. */
struct page_run *run_at(const struct state *state, uint32_t index);
struct cached_file *file_at(const struct state *state, uint32_t index);

/* Whether the pages of a run have no blocks yet. */
static inline bool run_is_delayed(const struct page_run *run)
{
	return run->place.space < 0;
}

/* The space of a file's pages without blocks. */
static inline int64_t file_space(uint32_t file)
{
	return -1 - (int64_t)file;
}

/* ---- Files: they are there as long as they have dirty pages ---- */

/* The file that is called so, 0 if there is none. */
uint32_t file_find(const struct state *state, struct file_name name);

/* The file with this path, 0 if there is none; 0 for a path that is not known. */
uint32_t file_at_path(const struct state *state, strid path);

/*
 * The file that is called so, made if there is none: undo with file_forget_unused() if it does not get
 * a run.
 */
uint32_t file_ensure(struct state *state, struct file_name name);

/* The file with this inode, made if there is none; `name` is what is known of its name. */
uint32_t file_of_inode(struct state *state, struct inode inode, struct file_name name);

void file_forget_unused(struct state *state, uint32_t index);

/* Gives a file another name, which no other has. */
void file_rename(struct state *state, uint32_t index, struct file_name name);

/* The file of this device that has had pages without blocks for longest; 0 if there is none. */
uint32_t file_oldest(const struct state *state, int64_t dev);

/* ---- Runs ---- */

/* The last run that begins at this place or before it in its space, 0 if there is none. */
uint32_t run_before(const struct state *state, const struct page_place *place);

/* The first run that begins at this place or behind it in its space, 0 if there is none. */
uint32_t run_from(const struct state *state, const struct page_place *place);

/*
 * A new run of this owner, dirty since then (ns), from a place to `end`, where nothing is dirty.
 * `dev` is the device to which the file's pages without blocks will be written.
 */
uint32_t run_new(struct state *state, int64_t since, const struct owner *owner, uint32_t file,
	struct page_place place, int64_t end, int64_t dev);

/* A run goes on to `end`; nothing is dirty between. */
void run_grow(struct state *state, uint32_t index, int64_t end);

/*
 * Takes up to `size` bytes from a run, from byte `from` of its space on; returns how many. The run
 * may be gone then, and its file, too. All of it has been told.
 */
int64_t run_take(struct state *state, uint32_t index, int64_t from, int64_t size);

void page_runs_image(struct image *image);

#endif
