/*
 * Curves as objects of Lua, and as what they are saved as. Part of the Lua module "lttnga.accumulators".
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CURVE_OBJECT_H
#define LTTNGA_CURVE_OBJECT_H

#include "host/accumulate/grid.h"

#include <lua.h>

/*
 * Pushes an object that shows a curve of the series at stack index `owner`, which it lives as long as; NULL: one
 * of this kind in which nothing is. Its methods give lists of a value for each bin that the grid shows:
 *
 *   time()       of a series of times: how much of them is in each bin, ns
 *   n(), sum()   of sums and values: how many numbers, and their sum
 *   max()        of values and levels: the largest one; nil where there is none
 *   mean()       of values and levels (over the time for which they are known); nil where there is none
 *   known()      of levels: for how long they are known, ns
 *   quantiles(q) of values: as quantile(), of each bin
 *   largest()    of the largest: { value =, time =, FIELD = value, ... }; nil where there is none
 *
 * and of values there are for the bins from `first` to `last` (numbers from 1 on; all, if they are left out):
 *
 *   quantile(q, first, last)   the number below or at which a part `q` (0 to 1) of all are, to 1/64 of it; nil without
 *   histogram(first, last)     a list of { from =, to =, n = }: how many numbers are from `from` on and below `to`
 */
void curve_object_push(lua_State *L, int owner, const struct grid *grid, enum curve_kind kind,
	const struct curve *curve);

/* Sets the fields of the table on top of the stack that a curve is saved as. */
void curve_save(lua_State *L, const struct curve *curve);

/* Takes in what was saved in the table at a stack index, in bins of a width that divides the grid's. */
void curve_load(lua_State *L, int index, struct grid *grid, int64_t width, struct curve *curve);

#endif
