/*
 * Checkpoints of a trace as an object of Lua. Its methods:
 *
 *   write(path)  writes them to a file: true, or nil and a message
 *   info()       { count, size, complete, events, all = whether of all parts of the model }
 *   times()      list of { time =, events = }
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CHECKPOINT_LIST_H
#define LTTNGA_CHECKPOINT_LIST_H

#include "host/replay/checkpoints.h"
#include "host/source/source.h"

#include <lua.h>

/* The checkpoints in the value at a stack index, which must be such an object; they stay Lua's. */
struct checkpoints *checkpoint_list_check(lua_State *L, int index);

/*
 * Pushes an empty list for a source whose models have the parts `wants`; returns its checkpoints,
 * to be let go with checkpoints_unref(). `limit` is in bytes, 0 for what is usual.
 */
struct checkpoints *checkpoint_list_new(
	lua_State *L, const struct source *source, unsigned int wants, uint64_t limit);

/* Pushes the list in a file; or nil, "none", "other", "broken" or "unreadable", and a message. */
int checkpoint_list_read(lua_State *L, const struct source *source, const char *path);

#endif
