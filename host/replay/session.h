/*
 * A session: a trace whose models can be stopped, looked at, and wound back, as an object of Lua.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SESSION_H
#define LTTNGA_SESSION_H

#include "host/source/source.h"

#include <lua.h>

/*
 * trace:session { checkpoints = object or nil, scripts = list for hooks_new() or nil } in Lua; one
 * for each trace, and no run beside. It stands before the first event. Its methods:
 *
 *   now()            time (ns), number of events so far, whether that are all, and whether an error
 *                    has left it in the middle of an event
 *   seek { time = ns } or { events = n }
 *                    goes to the last checkpoint there or before, or the beginning, if that is
 *                    nearer than where it is, or an error (of a hook, or Ctrl-C) has ended run();
 *                    gives true; or nil and a message if a checkpoint was of no use
 *   run { time = ns, events = n, hooks = list or true, progress = function, on_error = function }
 *                    goes on until all events up to a time have been seen, or n of them since the
 *                    beginning, or a hook of a list of scripts (`true`: those given when it was
 *                    made) returns something true; gives "time", "events", "end", or "hook" and that
 *                    event; nil and a message if the trace can't be read to there. Hooks of raw
 *                    events can be given when it is made only.
 *   view(name, tid)  list of rows (state/inspect.h)
 *   close()          lets the models go; the trace can be closed then
 *   image()          all that the models hold, as bytes, to be compared
 *   forget(object)   its checkpoints are of no use: new ones are made in this list
 */
int session_new(lua_State *L, struct source *source);

/* Whether the session at a stack index has been closed, or is none. */
bool session_is_closed(lua_State *L, int index);

/*
 * Pushes a list of { name, doc, fields = { { name, type, unit, doc }, ... } }: what view() shows.
 */
int session_push_views(lua_State *L);

#endif
