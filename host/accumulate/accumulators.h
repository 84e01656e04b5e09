/*
 * Accumulators: what analyses add numbers to, once per event, made in C because that is often.
 * The Lua module "lttnga.accumulators"; scripts use them through lua/lib/stats.lua.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_ACCUMULATORS_H
#define LTTNGA_ACCUMULATORS_H

#include <lua.h>

struct statistics;

/*
 * Pushes a statistics object that shows values of the object at stack index `owner`, which they live as
 * long as.
 */
void stats_push_shared(lua_State *L, struct statistics *values, int owner);

/* Opens the module: leaves its table on the stack. */
int luaopen_lttnga_accumulators(lua_State *L);

#endif
