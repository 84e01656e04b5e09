/*
 * Where in which trace we are, for error messages and for the bar that shows how far it is.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CURSOR_H
#define LTTNGA_CURSOR_H

#include "host/source/source.h"

#include <lua.h>

/* Set by what goes through a trace. */
struct cursor {
	const struct source *source; /* NULL if nothing does, or it is not at hand */
	const struct record *rec;    /* NULL between batches */
	int64_t time;                /* of the last record then, ns; 0 if there was none */
	bool stop;                   /* somebody has seen enough */
};

extern struct cursor cursor;

/*
 * From now on a trace is gone through, until the C function that was called from Lua ends, however
 * that is: leaves a value on the stack that sees to it.
 */
void cursor_enter(lua_State *L, const struct source *source);

/* The name of the event at hand, NULL between events; and the time. */
const char *cursor_event(void);
int64_t cursor_time(void);

/* To be called for each batch: calls the function at a stack index (nil: none) now and then. */
void cursor_progress(lua_State *L, int index);

#endif
