/*
 * Where we are.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/place.h"

#include "state/events.h"

#include <glib.h>
#include <lauxlib.h>

#define GUARD_TYPE "lttnga.place"

/* How often the progress function is called, at most, and how often the clock is looked at. */
#define PROGRESS_US    100000
#define PROGRESS_CALLS 1024

struct place place;

static int leave(lua_State *L)
{
	(void)L;
	place = (struct place){0};
	return 0;
}

void place_enter(lua_State *L, const struct source *source)
{
	lua_newuserdatauv(L, 0, 0);
	if (luaL_newmetatable(L, GUARD_TYPE)) {
		lua_pushcfunction(L, leave);
		lua_setfield(L, -2, "__close");
	}
	lua_setmetatable(L, -2);
	lua_toclose(L, -1);
	place = (struct place){.source = source};
}

const char *place_event(void)
{
	if (!place.rec)
		return NULL;
	if (place.rec->class_no != UINT32_MAX)
		return source_class(place.source, place.rec->class_no)->name;
	return event_kind_name(place.rec->kind) ?: "end of a packet";
}

int64_t place_time(void)
{
	return place.rec ? place.rec->time : place.time;
}

void place_progress(lua_State *L, int index)
{
	static unsigned int calls;
	static gint64 told;
	gint64 now;

	if (++calls % PROGRESS_CALLS != 0 || lua_isnil(L, index))
		return;
	now = g_get_monotonic_time();
	if (now - told < PROGRESS_US)
		return;
	told = now;
	lua_pushvalue(L, index);
	lua_pushinteger(L, place.time);
	lua_call(L, 1, 0);
}
