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
 * of the others. Its methods:
 *
 *   each([order])       an iterator over { FIELD = value, ..., n = events }, where the last field is the
 *                       sum: in the order in which the combinations came first, or ("last") in the one
 *                       in which they came for the last time
 *   by(FIELD, ...)      the totals for each combination of these fields only
 *   only(FIELD, values) the totals in which a field has one of the values of a list (texts, integers or
 *                       booleans, as the field is); without a list: those in which it has none
 */
int totals_new(lua_State *L);

#endif
