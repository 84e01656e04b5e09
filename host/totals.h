/*
 * Totals: sums of a number for each combination of other fields. Part of the Lua module
 * "lttnga.accumulators".
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_TOTALS_H
#define LTTNGA_TOTALS_H

#include <lua.h>

/*
 * totals() -> an object that a `collect` feeds: it adds up the last of the fields for each combination
 * of the others. totals:each() -> an iterator over { FIELD = value, ..., n = events }, in the order in
 * which the combinations came first; the last field is the sum. totals:each("last"): in the order in
 * which they came for the last time.
 */
int totals_new(lua_State *L);

/* Makes the metatable. */
void totals_setup(lua_State *L);

#endif
