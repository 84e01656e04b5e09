/*
 * Graphs of threads for Lua. Part of the module "lttnga.accumulators".
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_GRAPH_OBJECT_H
#define LTTNGA_GRAPH_OBJECT_H

#include <lua.h>

/*
 * graph(limit) -> an object that collects of thread_state, process_start and process_exit feed with those
 * fields of theirs that tell who did what, and why; of thread_state utid, begin, time and state are needed.
 * It keeps `limit` bytes in memory (64 MB if left out), and what is beyond in a temporary file. What its
 * methods are is said in lua/lib/stats.lua.
 */
int graph_object_new(lua_State *L);

#endif
