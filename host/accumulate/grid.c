/*
 * Grids: bins of time that several series share.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulate/grid.h"

#include "host/lua/object.h"
#include "state/record.h"

#include <lauxlib.h>

#define SECOND INT64_C(1000000000)

/* What there is if nothing else is asked for, and what is too few or too many. */
#define WIDTH      SECOND
#define BINS       2000
#define BINS_LEAST 8
#define BYTES      (INT64_C(64) << 20)

static const struct object_type grid_type; /* below */

struct grid *grid_check(lua_State *L, int index)
{
	return object_check(L, index, &grid_type);
}

/* An integer in a field of the table at stack index 1, from `least` to `most`. */
static int64_t option(
	lua_State *L, const char *name, int64_t otherwise, int64_t least, int64_t most)
{
	int64_t value = otherwise;

	if (lua_getfield(L, 1, name) != LUA_TNIL) {
		value = lua_tointeger(L, -1);
		if (!lua_isinteger(L, -1) || value < least || value > most)
			luaL_error(L, "'%s' of a grid must be an integer from %I to %I", name,
				(LUAI_UACINT)least, (LUAI_UACINT)most);
	}
	lua_pop(L, 1);
	return value;
}

int grid_new(lua_State *L)
{
	struct grid *grid;

	if (lua_isnoneornil(L, 1)) {
		lua_settop(L, 0);
		lua_newtable(L);
	}
	luaL_checktype(L, 1, LUA_TTABLE);
	grid = object_new(L, &grid_type, sizeof(*grid), 1);
	grid->asked = option(L, "width", WIDTH, 1, GRID_WIDTH_MAX);
	grid->most = (uint64_t)option(L, "bins", BINS, BINS_LEAST, GRID_BINS_MAX);
	grid->most_bytes = option(L, "bytes", BYTES, 0, INT64_MAX);
	grid->bins.width = grid->asked;
	grid->bins.curves = g_ptr_array_new();
	if (lua_getfield(L, 1, "within") != LUA_TNIL)
		luaL_checktype(L, -1, LUA_TTABLE);
	lua_setiuservalue(L, -2, 1);
	return 1;
}

static int grid_gc(lua_State *L)
{
	struct grid *grid = grid_check(L, 1);

	g_clear_pointer(&grid->bins.curves, g_ptr_array_unref);
	return 0;
}

void grid_begin(lua_State *L, int index)
{
	struct grid *grid = lua_touserdata(L, index);

	grid->is_begun = true;
	if (lua_getiuservalue(L, index, 1) == LUA_TTABLE) {
		lua_getfield(L, -1, "first");
		grid->bins.origin = lua_tointeger(L, -1);
		grid->bins.is_within = grid->any = true;
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

void grid_coarsen(struct grid *grid, uint64_t factor)
{
	for (guint i = 0; i < grid->bins.curves->len; i++)
		curve_coarsen(g_ptr_array_index(grid->bins.curves, i), factor);
	grid->bins.width *= (int64_t)factor;
	grid->first /= factor;
	grid->last /= factor;
}

/* Widths that people like, ns. */
static const int64_t round_widths[] = {1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000,
	500000, 1000000, 2000000, 5000000, 10000000, 20000000, 50000000, 100000000, 200000000,
	500000000, SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 20 * SECOND, 30 * SECOND,
	60 * SECOND, 120 * SECOND, 300 * SECOND, 600 * SECOND, 1200 * SECOND, 1800 * SECOND,
	3600 * SECOND, 7200 * SECOND, 21600 * SECOND, 43200 * SECOND, 86400 * SECOND};

/* Makes bins twice as wide, or up to five times if that is a rounder width. */
static void coarsen_more(struct grid *grid)
{
	int64_t width = grid->bins.width;

	for (size_t i = 0; i < G_N_ELEMENTS(round_widths); i++) {
		int64_t wider = round_widths[i];

		if (wider > width && wider % width == 0 && wider / width <= 5) {
			grid_coarsen(grid, (uint64_t)(wider / width));
			return;
		}
	}
	grid_coarsen(grid, 2);
}

/* So many bins there would be from one time to another. */
static uint64_t bins_with(const struct grid *grid, int64_t from, int64_t last)
{
	uint64_t first = bin_of(&grid->bins, from), end = bin_of(&grid->bins, last);

	return grid->any ? MAX(grid->last, end) - MIN(grid->first, first) + 1 : end - first + 1;
}

void grid_cover(struct grid *grid, int64_t from, int64_t last)
{
	uint64_t first, end;

	while (bins_with(grid, from, last) > grid->most && grid->bins.width < GRID_WIDTH_MAX)
		coarsen_more(grid);
	first = bin_of(&grid->bins, from);
	end = bin_of(&grid->bins, last);
	grid->first = grid->any ? MIN(grid->first, first) : first;
	grid->last = grid->any ? MAX(grid->last, end) : end;
	grid->any = true;
}

void grid_save_memory(struct grid *grid)
{
	while (grid->bins.bytes > grid->most_bytes && grid->last - grid->first >= BINS_LEAST)
		coarsen_more(grid);
}

uint64_t grid_shown(const struct grid *grid, size_t *n)
{
	uint64_t first = grid->first, last = grid->last;

	if (grid->is_closed) {
		first = bin_of(&grid->bins, grid->from);
		last = bin_of(&grid->bins, MAX(grid->from, grid->to - 1));
	}
	*n = grid->any ? (size_t)(last - first) + 1 : 0;
	return first;
}

/*
 * grid:range() -> integer, integer, integer; start of the first bin that is shown (ns), width
 * of the bins (ns), and how many there are: bin i starts at start + (i - 1) * width
 */
static int range(lua_State *L)
{
	const struct grid *grid = grid_check(L, 1);
	uint64_t first;
	size_t n;

	first = grid_shown(grid, &n);
	lua_pushinteger(
		L, (lua_Integer)((uint64_t)grid->bins.origin + first * (uint64_t)grid->bins.width));
	lua_pushinteger(L, grid->bins.width);
	lua_pushinteger(L, (lua_Integer)n);
	return 3;
}

/* grid:asked() -> integer; the width that was asked for, ns */
static int asked(lua_State *L)
{
	lua_pushinteger(L, grid_check(L, 1)->asked);
	return 1;
}

/*
 * grid:close(from: integer, to: integer); shows the time from `from` to `to` (ns), and lets
 * levels go on until then; an event at `to` is in the last bin
 */
static int close_grid(lua_State *L)
{
	struct grid *grid = grid_check(L, 1);
	int64_t from = luaL_checkinteger(L, 2), to = luaL_checkinteger(L, 3);

	if (!grid->is_begun)
		grid_begin(L, 1);
	luaL_argcheck(L, from >= grid->bins.origin, 2, "must not be before the start of the grid");
	luaL_argcheck(L, to >= from, 3, "must not be before the start");
	grid_cover(grid, from, MAX(from, to - 1));
	grid->is_closed = true;
	grid->from = from;
	grid->to = to;
	for (guint i = 0; i < grid->bins.curves->len; i++) {
		struct curve *curve = g_ptr_array_index(grid->bins.curves, i);

		curve_extend(curve, to);
		if (to > from && bin_of(&grid->bins, to) > bin_of(&grid->bins, to - 1))
			curve_fold(curve, bin_of(&grid->bins, to));
	}
	return 0;
}

/* grid:coarsen(n: integer); makes one bin of every `n` */
static int coarsen(lua_State *L)
{
	struct grid *grid = grid_check(L, 1);
	lua_Integer factor = luaL_checkinteger(L, 2);

	luaL_argcheck(
		L, factor > 0 && factor <= GRID_WIDTH_MAX / grid->bins.width, 2, "out of range");
	grid_coarsen(grid, (uint64_t)factor);
	return 0;
}

/* grid:save() -> table; an empty one: series save their bins */
static int save(lua_State *L)
{
	lua_newtable(L);
	return 1;
}

/* grid:merge(saved: table); does nothing: series merge their bins */
static int merge(lua_State *L)
{
	(void)L;
	return 0;
}

static const luaL_Reg methods[] = {
	{"asked", asked},
	{"close", close_grid},
	{"coarsen", coarsen},
	{"merge", merge},
	{"range", range},
	{"save", save},
	{NULL, NULL},
};

static const struct object_type grid_type = {
	.name = "lttnga.grid", .methods = methods, .gc = grid_gc};
