/*
 * Checkpoints of a trace as an object of Lua. Its methods:
 *
 *   write(path, origin)  writes them to a file: true, or nil and a message. `origin` says which traces
 *                        they are of: a list of absolute paths, with `whole` and `user`, see
 *                        struct checkpoints_origin
 *   file_size(origin)    how many bytes that takes
 *   mark_used()          notes in their file that they have been used
 *   info()               { count, size, complete, events, all = whether of all parts of the model }
 *   times()              list of { time =, events = }
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

/*
 * Functions of Lua.
 * saved_states(folder) -> list of { name, size (bytes), used (ns), kind, origin = as above, or nil if
 *   it is not known }, and why nothing can be written there, or nil. The kind is "current", "other" or
 *   "damaged", see enum checkpoints_kind; "unfinished" or "left", see struct checkpoint_file
 * remove_saved(folder, name) -> true, or nil and a message
 */
int checkpoint_list_folder(lua_State *L);
int checkpoint_list_remove(lua_State *L);

#endif
