/*
 * How the times of a trace are corrected: as another clock would have told them. All times that leave a reader
 * are corrected already.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CLOCK_H
#define LTTNGA_CLOCK_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* A rate of 1: for each ns, another one. Those of clocks are below a hundredth of that, either way. */
#define CLOCK_RATE_ONE (INT64_C(1) << 62)
#define CLOCK_RATE_MAX (CLOCK_RATE_ONE / 64)

struct source_clock {
	unsigned int machine; /* of the trace */
	int64_t offset;       /* this is added to its times, ns; */
	int64_t from;         /* then, for what lies between this time and the sum, */
	int64_t rate;         /* this much for each ns, of CLOCK_RATE_ONE */
};

/* What a rate makes of a time to which the offset has been added; the first or the last one there is, if it is beyond that. */
static inline int64_t clock_drift(const struct source_clock *clock, int64_t time)
{
	__extension__ typedef __int128 wide;
	wide sum = time + (((wide)time - clock->from) * clock->rate >> 62);

	return (int64_t)CLAMP(sum, INT64_MIN + 1, INT64_MAX);
}

/* Corrects a time; false if it is beyond what there can be. */
static inline bool clock_correct(const struct source_clock *clock, int64_t *time)
{
	if (__builtin_add_overflow(*time, clock->offset, time))
		return false;
	if (clock->rate)
		*time = clock_drift(clock, *time);
	return true;
}

#endif
