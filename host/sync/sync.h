/*
 * How the clocks of several machines go, found by the TCP packets that they exchanged: see hull.h for two of them.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SYNC_H
#define LTTNGA_SYNC_H

#include "host/source/source.h"
#include "host/sync/hull.h"

/* What packets in one direction, or both, tell of clocks. */
struct sync_violations {
	uint64_t n;    /* packets that arrived before they were sent */
	int64_t worst; /* by how much, at most, ns; 0: none did */
};

/* Two machines that exchanged packets: the clock of the second as that of the first one shows it. */
struct sync_pair {
	unsigned int first, second; /* machines */
	enum hull_quality quality;
	uint64_t forth, back; /* packets that the first one sent, and the second one */
	int64_t middle;       /* of the time of these packets, on the clock of the first, ns */
	int64_t ahead;        /* the second's clock, then, ns */
	double excess; /* how much faster it is; if that is not known, 0, or what packets allow: */
	bool rate_known;
	int64_t uncertain;                    /* at most so much may it be off around then, ns */
	struct sync_violations before, after; /* of packets in both directions */
	bool used; /* the clock of one of them is corrected by these packets */
};

/* A machine, and how its times become those of the reference. */
struct sync_machine {
	unsigned int reference; /* the machine to whose times these become; itself, if it is one */
	struct source_clock clock; /* its offset, from and rate */
	unsigned int by; /* number of the pair that tells it; of the reference: UINT_MAX */
};

struct sync {
	GArray *machines; /* struct sync_machine, by number of the machine */
	GArray *pairs;    /* struct sync_pair, in the order of machines */
	uint64_t seen;    /* TCP packets, on all machines */
	uint64_t each;    /* one of so many was looked at */
};

/*
 * Reads a source, of which nothing is bound, and which has not been read: only packets. `order` has the number of each
 * of its `n` machines. Of those that lead to each other, the first one is the reference: one without packets is its
 * own. NULL with `error` if the source can't be read, or if `stop` says so, which is asked now and then.
 */
struct sync *sync_read(struct source *source, const unsigned int *order, unsigned int n,
	bool (*stop)(void), GError **error);
void sync_free(struct sync *sync);

#endif
