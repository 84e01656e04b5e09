/*
 * One run over a trace: takes records from the source, feeds the kernel model of each host, and
 * lets the hooks see what comes out.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_RUN_H
#define LTTNGA_RUN_H

#include "host/lua/hooks.h"
#include "host/source/source.h"

#include <lua.h>

/*
 * trace:run {
 *     begin = ns, ["end"] = ns, -- limits of what is told, both included
 *     scripts = { { ... }, ... }, -- by machine (trace:machines()): see hooks_new(); false: nothing is
 *                               -- told of this one
 *     windows = { { ... }, ... }, -- by machine: the first windows of the scripts
 *     progress = function(time),
 *     refresh = ns, open = function(), close = function(windows, first, last), -- see below
 *     count = boolean,          -- count the events of each class, see source_count()
 *     on_error = function(err), -- message handler for hooks that fail
 *     checkpoints = object,     -- of this trace: to begin there, if that is of use
 *     filtered = list,          -- set at the end, by machine: see hooks_push_misses()
 *     make_checkpoints = bytes, -- new ones, of at most that: then they are field `made_checkpoints` of
 *                               -- this table (`unfit`: a message, if the old ones could not be read)
 * } in Lua: runs `source` to its end (or to `end`). Expects the options at stack index 2 and leaves
 * one table: { first = ns, last = ns, unrecorded = { ... } }, of the last window, without fields if there
 * was no event and no time was asked for (`unrecorded`: by machine, see struct unrecorded); or nil, a message, and the time of the last event (if there was one), if the trace cannot be read
 * to its end. Raises the Lua errors of hooks.
 *
 * A window is the time from `begin` to `end`, whether events lie there or not; where these are not
 * given, it begins with the first event, or ends with the last one. With `refresh`, windows of this
 * length follow each other without gaps. Each contains its begin, not its end; only the last one does.
 * When one is over, `open` returns new windows, as `windows`; `close` gets what it had returned, begin
 * and end, for all but the last one, in order.
 */
int run_source(lua_State *L, struct source *source);

/* Whether the options of trace:run ask for a part of a run (`segment`): then others can be read after it. */
bool run_is_of_part(lua_State *L);

#endif
