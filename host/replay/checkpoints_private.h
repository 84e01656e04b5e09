/*
 * What the files for checkpoints share: the list in memory, and what files begin with.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CHECKPOINTS_PRIVATE_H
#define LTTNGA_CHECKPOINTS_PRIVATE_H

#include "host/replay/checkpoints.h"

#include <zstd.h>

/* How many checkpoints a trace has if there is room for them. */
#define USUAL 64

/* Where some streams are read faster than others there are more of them, up to this. */
#define MOST (3 * USUAL)

/* What is saved is never so large; a file that says so is broken. */
#define SAVED_MAX (64u << 20)

struct checkpoints {
	gint refs;
	char *identity;
	unsigned int wants;
	uint64_t bytes, limit;
	uint64_t spacing; /* bytes of the trace between two of them */
	GArray *list;     /* struct checkpoint, in order of time */
	uint64_t packed;  /* bytes */
	bool complete;
	uint64_t events;
	int fd;             /* of the file that they are in, or -1 */
	ZSTD_CCtx *packing; /* NULL before the first one */
};

/* Whether an open file begins like ours. */
bool checkpoints_is_ours(int fd);

#endif
