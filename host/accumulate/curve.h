/*
 * Curves: what there was in each bin of time, of one thing (a CPU, a disk). The bins of all curves of a grid are
 * equally wide; when they become too many neighbours are merged.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CURVE_H
#define LTTNGA_CURVE_H

#include "host/accumulate/log_histogram.h"
#include "host/accumulate/statistics.h"
#include "host/lua/collector.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* So many fields are kept of the largest at most. */
#define KEPT_MAX 16

/* What bins have. */
enum curve_kind {
	CURVE_TIME,    /* how much of the time that things lasted is in them */
	CURVE_SUM,     /* number and sum of what happened in them */
	CURVE_SPREAD,  /* the same, of numbers that are spread over the time that things lasted */
	CURVE_VALUES,  /* the same, with the largest value, and a histogram */
	CURVE_LEVEL,   /* what something was: its mean over time, and the largest */
	CURVE_CHANGES, /* the same, of what is told by how much it changes */
	CURVE_LARGEST, /* the event with the largest number */
	CURVE_KINDS
};

struct time_bin {
	int64_t part;  /* ns, of those that lasted for a part of it */
	int64_t whole; /* by how much more last for all of it than of the bin before */
};

struct sum_bin {
	int64_t n, sum;
};

struct values_bin {
	int64_t n, sum, max; /* without any, max has no meaning */
	struct log_histogram counts;
};

static inline wide wide_sum(wide one, wide other)
{
	return (wide)((unsigned_wide)one + (unsigned_wide)other);
}

struct level_bin {
	wide integral;      /* of the level over the time, ns */
	int64_t known, max; /* for how long it is known, ns; if that is 0 max has no meaning */
};

struct largest_bin {
	int64_t number, time;        /* of no meaning without any */
	union collected_value *kept; /* NULL: there was none; texts are owned */
};

/* How bins lie in time: from `origin` on, each `width` long, numbered from 0. */
struct bins {
	int64_t origin, width; /* ns */
	bool is_within;        /* they begin there, with a window: bin 0 is always there */
	int64_t bytes;         /* that all curves take, for who limits it */
	GPtrArray *curves;     /* all of them */
};

/* All 0 but kind, grid and kept at first. */
struct curve {
	enum curve_kind kind;
	struct bins *grid;
	guint place;        /* its number among the curves of the grid */
	const GArray *kept; /* struct collected_field: what is kept of the largest; else NULL */
	uint64_t first;     /* number of the first bin that there is room for */
	size_t n;           /* so many from there on */
	void *bins;         /* of the kind's structure; owned */
	bool has_level;     /* of levels: something is known since then: */
	int64_t since;      /* ns, */
	int64_t level;      /* what it is; VALUE_ABSENT: it is not known now */
	int64_t begun;      /* when it was set for the first time, ns */
	int64_t lifted;     /* what it was then turned out to be so much more */
};

/* It is one of the grid's from now on, and is not any more. */
void curve_init(struct curve *curve);
void curve_clear(struct curve *curve);

/* The number of the bin in which a time is, which is not before the origin. */
static inline uint64_t bin_of(const struct bins *grid, int64_t time)
{
	return ((uint64_t)time - (uint64_t)grid->origin) / (uint64_t)grid->width;
}

/* The bin with this number, made if there is none. */
void *curve_bin(struct curve *curve, uint64_t number);

/* The bin with this number; NULL if nothing is there. */
const void *curve_look(const struct curve *curve, uint64_t number);

/* ---- What happens; no time is before the origin, and begin is before end ---- */

/* CURVE_TIME: something lasted. */
void curve_add_time(struct curve *curve, int64_t begin, int64_t end);

/* CURVE_SUM, CURVE_VALUES: something happened. */
void curve_add_number(struct curve *curve, int64_t time, int64_t number);

/* CURVE_SPREAD: something lasted, and each ns of it has as much of a number. */
void curve_add_spread(struct curve *curve, int64_t begin, int64_t end, int64_t number);

/* CURVE_LEVEL: it was so, from begin to end. */
void curve_add_level(struct curve *curve, int64_t begin, int64_t end, int64_t level);

/* CURVE_LEVEL, CURVE_CHANGES: from now on it is so (VALUE_ABSENT: not known), or so much more. */
void curve_set_level(struct curve *curve, int64_t time, int64_t number);

/* It has always been so much more than was thought: what had begun before was not told. */
void curve_lift(struct curve *curve, int64_t by);

/* The same: it has not changed until then. */
void curve_extend(struct curve *curve, int64_t time);

/* CURVE_LARGEST: whether this is the largest number in its bin so far. */
bool curve_is_largest(struct curve *curve, int64_t time, int64_t number);

/* The same: it is, and this is to be kept of it; texts are copied. */
void curve_put_largest(
	struct curve *curve, int64_t time, int64_t number, const union collected_value *kept);

/* ---- Bins that are merged ---- */

/* Makes `factor` bins one. The grid's width is the caller's to change, after all curves. */
void curve_coarsen(struct curve *curve, uint64_t factor);

/* Adds what another curve of the kind has, in bins of the same width and origin. */
void curve_merge(struct curve *into, const struct curve *from);

/* Adds to the bin with this number another one, of the kind, which stays as it is. */
void curve_merge_bin(struct curve *curve, uint64_t number, const void *bin);

/* What is in this bin belongs to the one before it: it is on the border of both. */
void curve_fold(struct curve *curve, uint64_t number);

/* How much time is in each of the bins from `first` on, for `n` of them. */
void curve_times(const struct curve *curve, uint64_t first, size_t n, int64_t *times);

#endif
