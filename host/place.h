/*
 * Where in which trace we are, for error messages, and whether the user wants to stop.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_PLACE_H
#define LTTNGA_PLACE_H

#include "host/source.h"

/* Set by what goes through a trace. */
struct place {
	const struct source *source; /* NULL if nothing does */
	const struct record *rec;    /* NULL between batches */
	int64_t time;                /* of the last record then, ns; 0 if there was none */
};

extern struct place place;

/* The name of the event at hand, NULL between events; and the time. */
const char *place_event(void);
int64_t place_time(void);

#endif
