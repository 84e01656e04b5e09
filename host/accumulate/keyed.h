/*
 * Statistics of a number for each combination of other fields. Part of the Lua module
 * "lttnga.accumulators".
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_KEYED_H
#define LTTNGA_KEYED_H

#include <lua.h>

/*
 * keyed([keep]) -> an object that a `collect` feeds: it makes statistics of the last of the fields for
 * each combination of the others, and keeps the values if `keep` says so. Its methods are those of
 * totals (host/accumulate/totals.h); a record of each() is { FIELD = value, ..., n = how many numbers,
 * stats = statistics }, whose statistics go on with the object.
 */
int keyed_new(lua_State *L);

#endif
