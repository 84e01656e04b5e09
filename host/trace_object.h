/*
 * A trace as an object of Lua.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_TRACE_OBJECT_H
#define LTTNGA_TRACE_OBJECT_H

#include <lua.h>

/*
 * open(paths, { intersection = boolean, reader = NAME or nil, threads = 0 to 2 }) -> trace, or nil
 * and a message. What was left out, and whatever else the user should know, is in trace:notes().
 */
int trace_object_open(lua_State *L);

#endif
