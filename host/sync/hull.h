/*
 * Two clocks, by packets: between which two lines the one lies, as the other shows it. Each packet tells that a
 * moment on one clock was before a moment on the other one.
 *
 * A point (x, y) has the time of a packet on the reference's clock, and on the other one. Those that the reference
 * sent lie above the line that leads from one clock to the other one, or on it: they were received later. Those that
 * it received lie below. The convex hulls of both follow the line from both sides, so that the steepest and the
 * flattest line that fit between them are found while points come, each in its turn: the steepest one leads from what
 * was received to the last point that was sent. What is taken for the line is in the middle of these two.
 *
 * All decisions are made with exact integers: rates of clocks differ by 1e-6, times have 19 digits.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_HULL_H
#define LTTNGA_HULL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum hull_quality {
	HULL_ABSENT,      /* there are no packets */
	HULL_INCOMPLETE,  /* ... in one direction, or too few: nothing is known */
	HULL_APPROXIMATE, /* one of the two lines is known; the other one has the slope 1 */
	HULL_ACCURATE,    /* both are */
	HULL_FAIL,        /* no line fits: the last one that did is kept */
};

/* A line through a point, with a slope of dy / dx; dx > 0. */
struct hull_line {
	int64_t x, y;
	int64_t dx, dy;
};

struct hull_point {
	int64_t x, y;
	uint64_t number; /* in the order of points */
};

/* A line while it is being looked for: from a point of the other hull to the last one of its own. */
struct hull_edge {
	struct hull_point from, to;
	bool has_from, has_to;
};

/* Points on one side, and the edge that ends at their last one. */
struct hull_side {
	GArray *points; /* struct hull_point, convex */
	struct hull_edge edge;
	int turn; /* to which side points may lie: 1 or -1 */
};

struct hull {
	struct hull_side sent, received; /* by the reference */
	bool strict;
	uint64_t n_points;
	enum hull_quality quality;
	bool has_steep, has_flat; /* which of them are known */
	struct hull_line steep,
		flat; /* the line is in the middle of these; at first, both are y = x */
};

/*
 * Begins without points. Free what it holds with hull_clear(). If it is strict, the line that is found contradicts no
 * packet, and there is none (HULL_FAIL) if none fits all of them. Otherwise the last point of a hull does not count for
 * the other one's edge, as in Trace Compass, to whose numbers ours are compared: the line may contradict some packets.
 */
void hull_begin(struct hull *hull, bool strict);
void hull_clear(struct hull *hull);

/*
 * Adds a packet: x on the reference's clock, y on the other one; `received` by the reference, or sent. The values
 * are to be small, within 2^61 (relative to the first ones). Packets come in the order of x: with others, the line may
 * contradict some of them.
 */
void hull_add(struct hull *hull, int64_t x, int64_t y, bool received);

/* If only one of the two lines is known, that is the line from now on, without one of the slope 1. */
void hull_take_known(struct hull *hull);

/* The other clock's time when the reference's is x, rounded to an integer; if that has no such times, the last one. */
int64_t hull_at(const struct hull *hull, int64_t x);

/* How much faster the other clock is than the reference's: the slope - 1. */
double hull_excess(const struct hull *hull);

/* By how much the slopes of the steepest and the flattest line differ. */
double hull_spread(const struct hull *hull);

/* The name of a quality ("ACCURATE"). */
const char *hull_quality_name(enum hull_quality quality);

#endif
