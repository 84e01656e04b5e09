/*
 * Checkpoints as objects of Lua.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SAVED_H
#define LTTNGA_SAVED_H

#include "host/replay/checkpoints.h"
#include "host/source/source.h"

#include <lua.h>

/*
 * The methods of the objects: write(path) -> true, or nil and a message; info() -> { count, size,
 * complete, events, all = whether of all parts of the model }; times() -> list of { time =, events = }.
 */
void saved_setup(lua_State *L);

/* The list in the value at a stack index, which must be such an object; it stays Lua's. */
struct checkpoints *saved_check(lua_State *L, int index);

/*
 * Pushes an empty list of a source, for models with the parts `wants`; returns a reference to it.
 * `limit` is in bytes, 0 for what is usual.
 */
struct checkpoints *saved_push_new(
	lua_State *L, const struct source *source, unsigned int wants, uint64_t limit);

/* Pushes the list in a file; or nil, "none", "other", "broken" or "unreadable", and a message. */
int saved_read(lua_State *L, const struct source *source, const char *path);

/* Pushes an empty list for models with all parts. */
int saved_new(lua_State *L, const struct source *source, uint64_t limit);

#endif
