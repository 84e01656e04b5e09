/*
 * Disks at work: requests from issue to completion, and on which disk or partition they were asked
 * for.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_BLOCK_H
#define LTTNGA_BLOCK_H

#include "state/namespaces.h"
#include "state/pool.h"
#include "state/strpool.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct state;
struct state_io;
struct record;

/* The unit of sectors, bytes. */
#define SECTOR_SIZE 512

/* Bits of rwbs as LTTng has them. */
#define RWBS_WRITE    1
#define RWBS_DISCARD  2
#define RWBS_READ     4
#define RWBS_RAHEAD   8
#define RWBS_SYNC     32
#define RWBS_META     64
#define RWBS_SECURE   128
#define RWBS_FLUSH    256
#define RWBS_FUA      512
#define RWBS_PREFLUSH 1024

/* A place on a device. */
struct block_key {
	int64_t dev; /* major << 20 | minor */
	int64_t sector;
};

/* A request that a device is working on. */
struct request {
	struct block_key key; /* where its next completion will be told */
	int64_t begin;        /* first issue, ns */
	int64_t dev;          /* the upper device it was asked of (partition, LVM) */
	int64_t sector;       /* first sector */
	int64_t upper_sector; /* the same on the upper device */
	int64_t nr_sector;    /* all of it */
	int64_t left;         /* sectors not completed yet */
	int64_t failed;       /* sectors that were completed with an error */
	int64_t rwbs;
	int64_t utid, upid; /* ... and their numbers */
	int64_t tid;        /* of the thread that issued it, and of its process */
	int64_t pid;
	strid comm;
	strid process;
	struct spot spot;     /* where that thread was, with a use of its container */
	int64_t error;        /* of a part that has completed */
	bool requeued;        /* given back; the next issue is not the first */
	bool ring;            /* it was asked for through io_uring */
	uint64_t epoch;       /* of the model of calls, when it was issued */
	strid path;           /* a file whose pages it writes, 0 if none is known */
	uint8_t load;         /* enum load: what it is for, see synctime.h */
	uint32_t sync;        /* the call that it is for, 0 if none; */
	uint64_t sync_serial; /* and that one's serial number */
};

/* How many requests of a disk are in flight: at least one. */
struct disk_load {
	int64_t dev;
	uint32_t n;
};

/*
 * Sectors from `key` to `end` (behind the last one) that were sent there from another device. No two
 * of them overlap.
 */
struct remap {
	struct block_key key;
	int64_t end;
	struct block_key top; /* where `key` is on the device on top */
	GList link;           /* in remap_order */
};

/* Remaps to remember at most: the requests of some are lost. */
#define REMAPS_MAX 16384

struct block_model {
	struct pool pool;    /* struct request */
	GHashTable *pending; /* key -> number in the pool */
	GTree *remaps;       /* struct remap by key */
	GQueue *remap_order; /* struct remap, oldest first */
	uint32_t alive;      /* requests in the pool */
	GHashTable *disks;   /* the same by disk: dev -> struct disk_load */
	GTree *requeued;     /* those of them that wait to be issued again, by place */
};

void block_init(struct block_model *model);
void block_clear(struct state *state);

/* A window ends: tells which requests are in flight, the oldest first. */
void block_tell_open(struct state *state, const struct record *rec, const struct state_io *io);

struct image;
void block_image(struct image *image);

#endif
