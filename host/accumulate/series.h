/*
 * Series: values over time, in the bins of a grid, for each combination of other fields. Part of the Lua module
 * "lttnga.accumulators".
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SERIES_H
#define LTTNGA_SERIES_H

#include <lua.h>

/*
 * series(grid, KIND [, KEPT]) -> an object that a `collect` feeds, with fields that are found by their names: `time` is
 * when, ns. What else there is depends on the kind; for all that, the last of the fields is the number, and those that are left make
 * the key:
 *
 *   time     things that lasted from `begin` to `time`: how much of that is in each bin; there is no number
 *   sum      sums of the number
 *   spread   the same, of numbers that are spread evenly over the time from `begin` to `time`
 *   values   the same, and largest and quantiles of it
 *   level    the number is how much there was from `begin` on, until `time`; without a field `begin`: from `time` on
 *   changes  the number is by how much that has become more from `time` on; it never was below 0
 *   largest  the event with the largest number, and those of its fields that the list KEPT names
 *
 * Its methods are those of totals (host/accumulate/totals.h), and all(), the curve of all keys together; a record of each()
 * is { FIELD = value, ..., curve = curve }, see host/accumulate/curve_object.h. Levels of several keys that
 * are brought together are averages, not sums.
 */
int series_new(lua_State *L);

#endif
