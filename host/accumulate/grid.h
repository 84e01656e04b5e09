/*
 * Grids: bins of time that several series share, so that they can be laid side by side. They are made
 * wider when there would be too many of them. Part of the Lua module "lttnga.accumulators".
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_GRID_H
#define LTTNGA_GRID_H

#include "host/accumulate/curve.h"

#include <lua.h>

/* Bins are not made wider than that, ns: then there are four at most. */
#define GRID_WIDTH_MAX (INT64_C(1) << 62)

/* So many bins can be asked for at most. */
#define GRID_BINS_MAX 1000000

/* The userdata; its user value is the window that it begins with, or nil. */
struct grid {
	struct bins bins;
	bool is_begun;      /* the origin is known */
	int64_t asked;      /* the width that was asked for, ns */
	uint64_t most;      /* bins */
	int64_t most_bytes; /* of all curves */
	bool any;           /* something is in these bins: */
	uint64_t first, last;
	bool is_closed; /* what is shown is from one time to another: */
	int64_t from, to;
};

/*
 * grid { width =, bins =, bytes =, within = } -> a grid whose bins are `width` ns long at first, and begin at
 * multiples of that since the Epoch, or with the window `within`: what was before that is left out. There are never
 * more than `bins`, nor do they take more than about `bytes`. Its methods:
 *
 *   range()          begin of the first bin, width of each, and how many there are
 *   asked()          the width that was asked for
 *   close(from, to)  what is shown is from one time to another; levels go on until then
 *   coarsen(factor)  so many bins become one
 */
int grid_new(lua_State *L);

/* The grid at a stack index. */
struct grid *grid_check(lua_State *L, int index);

/* The origin of the grid at a stack index is known from now on. */
void grid_begin(lua_State *L, int index);

/* Makes bins from one time to another one (the last ns of it) fit in. */
void grid_cover(struct grid *grid, int64_t from, int64_t last);

/* Makes them wider if they take too much memory. */
void grid_save_memory(struct grid *grid);

/* Makes them `factor` times as wide. */
void grid_coarsen(struct grid *grid, uint64_t factor);

/* The bins that are shown: the number of the first one, and how many. */
uint64_t grid_shown(const struct grid *grid, size_t *n);

#endif
