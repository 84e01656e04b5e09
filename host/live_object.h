/*
 * Traces that are being recorded, as Lua opens them.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_LIVE_OBJECT_H
#define LTTNGA_LIVE_OBJECT_H

#include "host/source/feed.h"

#include <lua.h>

/*
 * live(url, last, retry) -> an object that copies a live session to a temporary folder, from its beginning or (`last`) from
 * now on; or nil and a message. Tries for `retry`, ns, to reach a relay again. The folder goes with the object. Methods:
 *
 * prepare() waits a little while; returns "ready" when traces can be opened, "wait" if it is to be called again,
 * "over" if the session has ended without any; or nil and a message
 *
 * folders() returns the paths of the traces
 */
int live_object_new(lua_State *L);

/*
 * follow(folder, idle) -> such an object, of what is being written to a folder; streams are not waited for that have
 * got nothing for `idle`, ns
 */
int live_object_follow(lua_State *L);

/* The feed of that object at a stack index; raises the usual error if there is something else. */
struct feed *live_object_feed(lua_State *L, int index);

#endif
