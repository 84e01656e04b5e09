/*
 * Top: the events with the largest numbers, for each of several keys. Part of the Lua module
 * "lttnga.accumulators".
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_TOP_H
#define LTTNGA_TOP_H

#include <lua.h>

/*
 * top(limit) -> an object that a `collect` feeds with a key, a number, and whatever else is to be
 * kept: it keeps the `limit` events with the largest numbers for each key (0: all). top:rows(key) ->
 * a list of { FIELD = value, ... }, the largest first, equal ones in the order in which they came.
 */
int top_new(lua_State *L);

#endif
