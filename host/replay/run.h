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
 *     scripts = { ... },        -- see hooks_new()
 *     progress = function(time),
 *     refresh = ns, window = function(first, last), -- see below
 *     count = boolean,          -- count the events of each class, see source_count()
 *     on_error = function(err), -- message handler for hooks that fail
 *     checkpoints = object,     -- of this trace: to begin there, if that is of use
 *     filtered = list,          -- set at the end: see hooks_push_misses()
 *     make_checkpoints = boolean, -- new ones: then they are field `made_checkpoints` of this table
 *                               -- (`unfit`: a message, if the old ones could not be read)
 * } in Lua: runs `source` to its end (or to `end`). Expects the options at stack index 2 and leaves
 * one table: { first = ns, last = ns }, of the last window, without fields if there was no event;
 * or nil, a message, and the time of the last event (if there was one), if the trace cannot be read
 * to its end. Raises the Lua errors of hooks.
 *
 * With `refresh`, windows of this length follow each other from the first event on, without gaps.
 * Each contains its begin, not its end. When one but the last is over, `window` gets begin and end,
 * and returns a list of new windows, one for each script.
 */
int run_source(lua_State *L, struct source *source);

#endif
