/*
 * Accumulators: what analyses add numbers to, once per event.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulators.h"

#include <lauxlib.h>
#include <math.h>
#include <stdint.h>

#define STATS_TYPE "lttnga.stats"

/* 128 bits hold the sums of more values than anybody can record. */
__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 unsigned_wide;

/* Count, extremes and sums of integers. The sums are exact: no order of values changes a result. */
struct stats {
	int64_t count;
	int64_t min, max; /* of no meaning without values */
	wide sum;
	unsigned_wide squares; /* sum of squares */
};

/* The object that a method is called on. Its metatable is the method's upvalue: no name to look up. */
static struct stats *check_stats(lua_State *L)
{
	if (!lua_getmetatable(L, 1) || !lua_rawequal(L, -1, lua_upvalueindex(1)))
		luaL_typeerror(L, 1, STATS_TYPE);
	lua_pop(L, 1);
	return lua_touserdata(L, 1);
}

/* stats() -> object without values */
static int stats_new(lua_State *L)
{
	struct stats *stats = lua_newuserdatauv(L, sizeof(*stats), 0);

	*stats = (struct stats){.min = INT64_MAX, .max = INT64_MIN};
	luaL_setmetatable(L, STATS_TYPE);
	return 1;
}

/* stats:add(value): takes an integer into account */
static int stats_add(lua_State *L)
{
	struct stats *stats = check_stats(L);
	int64_t value = luaL_checkinteger(L, 2);

	stats->count++;
	if (value < stats->min)
		stats->min = value;
	if (value > stats->max)
		stats->max = value;
	stats->sum += value;
	stats->squares += (unsigned_wide)((wide)value * value);
	return 0;
}

/* stats:count() -> integer */
static int stats_count(lua_State *L)
{
	lua_pushinteger(L, check_stats(L)->count);
	return 1;
}

/* stats:min() -> integer; nil without values */
static int stats_min(lua_State *L)
{
	struct stats *stats = check_stats(L);

	if (stats->count == 0)
		return 0;
	lua_pushinteger(L, stats->min);
	return 1;
}

/* stats:max() -> integer; nil without values */
static int stats_max(lua_State *L)
{
	struct stats *stats = check_stats(L);

	if (stats->count == 0)
		return 0;
	lua_pushinteger(L, stats->max);
	return 1;
}

/* stats:sum() -> integer; a float if it does not fit in one */
static int stats_sum(lua_State *L)
{
	struct stats *stats = check_stats(L);

	if (stats->sum >= INT64_MIN && stats->sum <= INT64_MAX)
		lua_pushinteger(L, (int64_t)stats->sum);
	else
		lua_pushnumber(L, (lua_Number)stats->sum);
	return 1;
}

/* stats:mean() -> float; nil without values */
static int stats_mean(lua_State *L)
{
	struct stats *stats = check_stats(L);

	if (stats->count == 0)
		return 0;
	/* Whole and rest apart: the sum can have more digits than a float. */
	lua_pushnumber(
		L, (lua_Number)(stats->sum / stats->count) +
			   (lua_Number)(stats->sum % stats->count) / (lua_Number)stats->count);
	return 1;
}

/* stats:stdev() -> float, the standard deviation of the sample; nil for fewer than two values */
static int stats_stdev(lua_State *L)
{
	struct stats *stats = check_stats(L);
	int64_t n = stats->count;
	unsigned_wide squares;
	lua_Number rest;
	wide mean;

	if (n < 2)
		return 0;
	/*
	 * With m, the average cut to an integer, the sum of (v - m)^2 is, exactly, the sum of v^2
	 * minus m (2 sum - n m); what was cut off the average comes off again. What overflows on
	 * the way comes back: the result is small.
	 */
	mean = stats->sum / n;
	squares = stats->squares - (unsigned_wide)mean * (unsigned_wide)(2 * stats->sum - n * mean);
	rest = (lua_Number)(stats->sum - n * mean);
	lua_pushnumber(L, sqrt(fmax(0, ((lua_Number)squares - rest * rest / (lua_Number)n) /
					       (lua_Number)(n - 1))));
	return 1;
}

int luaopen_lttnga_accumulators(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{"stats", stats_new},
		{NULL, NULL},
	};
	static const luaL_Reg methods[] = {
		{"add", stats_add},
		{"count", stats_count},
		{"max", stats_max},
		{"mean", stats_mean},
		{"min", stats_min},
		{"stdev", stats_stdev},
		{"sum", stats_sum},
		{NULL, NULL},
	};

	luaL_newmetatable(L, STATS_TYPE);
	luaL_newlibtable(L, methods);
	lua_pushvalue(L, -2);
	luaL_setfuncs(L, methods, 1);
	lua_setfield(L, -2, "__index");
	lua_pop(L, 1);
	luaL_newlib(L, functions);
	return 1;
}
