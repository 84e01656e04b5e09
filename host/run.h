/*
 * One run over a trace: takes records from the source, feeds the kernel model of each host, and
 * lets the hooks see what comes out.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_RUN_H
#define LTTNGA_RUN_H

#include "host/hooks.h"
#include "host/source.h"

#include <lua.h>
#include <stdbool.h>

/* Where a run is, for error messages; what `event` is belongs to the run. */
struct run_place {
	const struct source *source; /* what is read, NULL if no run is under way */
	const char *event;           /* name of the raw event at hand, NULL between events */
	int64_t time;
};

/*
 * trace:run { begin = ns, ["end"] = ns, scripts = { ... }, progress = function(time),
 * on_error = message handler for hooks } in Lua: runs `source` to its end (or to `end`). Expects the options at stack index 2 and leaves one
 * table: { first = ns or nil, last = ns or nil, missing = { ... } }; or nil, a message, and the time
 * of the last event (if there was one), if the trace cannot be read to its end. Raises the Lua errors of hooks.
 */
int run_source(lua_State *L, struct source *source);

/* Where the run is that is under way. */
struct run_place run_place(void);

/* Whether any class of the source is an event that the kernel model knows. */
bool run_is_kernel(const struct source *source);

/* Asks the run to stop as soon as it can; to be called from a signal handler. */
void run_interrupt(void);
bool run_interrupted(void);

#endif
