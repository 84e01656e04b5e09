/*
 * Calls of hooks that are put off: they are written to a file, and made by another process, in the order of the
 * trace (host/lua/player.h).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_DEFERRED_H
#define LTTNGA_DEFERRED_H

#include <glib.h>
#include <lua.h>
#include <stdint.h>

/*
 * The file is blocks of a guint32, their length, and items, each an enum deferred_item and its numbers as
 * host/lua/packed_value.h has them:
 *
 *     DEFERRED_TIME    since the last one, ns (the sign is in the lowest bit): what follows is at that time
 *     DEFERRED_WINDOW  machine, begin: what follows is for that window
 *     DEFERRED_CALL    number of the hook, and its values: as many as hooks_n_values() says
 *     DEFERRED_CLOSED  begin: the window got all that it will get
 */
enum deferred_item { DEFERRED_TIME, DEFERRED_WINDOW, DEFERRED_CALL, DEFERRED_CLOSED };

struct deferred;

/*
 * deferred(file) -> an object with the methods closed(begin), which notes that a window is complete, and flush(), which
 * returns true, or nil and a message, when everything is in the file
 */
int deferred_new(lua_State *L);

/* That object at a stack index; raises the usual error if there is something else. */
struct deferred *deferred_check(lua_State *L, int index);

/*
 * A call begins, of a hook of a machine, for the window that began at `window`, at `time`, ns. It gets the value on top
 * of the stack, which is popped; an error is raised for what is no plain value. It ends.
 */
void deferred_begin(
	struct deferred *deferred, guint machine, int64_t window, int64_t time, guint hook);
void deferred_value(struct deferred *deferred, lua_State *L);
void deferred_end(struct deferred *deferred, lua_State *L);

#endif
