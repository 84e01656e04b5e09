/*
 * Where we are.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/cursor.h"

#include "host/lua/interrupt.h"
#include "host/lua/object.h"
#include "state/events.h"

#include <glib.h>

/* How often the progress function is called, at most, and how often the clock is looked at. */
#define PROGRESS_US    100000
#define PROGRESS_CALLS 1024

struct cursor cursor;

static int leave(lua_State *L)
{
	(void)L;
	cursor = (struct cursor){0};
	interrupt_reading(false);
	return 0;
}

static const luaL_Reg guard_meta[] = {{"__close", leave}, {NULL, NULL}};
static const struct object_type guard_type = {.name = "lttnga.cursor", .meta = guard_meta};

void cursor_enter(lua_State *L, const struct source *source)
{
	object_new(L, &guard_type, 0, 0);
	lua_toclose(L, -1);
	cursor = (struct cursor){.source = source};
}

const char *cursor_event(void)
{
	if (!cursor.rec)
		return NULL;
	if (cursor.rec->class_no != UINT32_MAX)
		return source_class(cursor.source, cursor.rec->class_no)->name;
	return event_kind_name(cursor.rec->kind) ?: "end of a packet";
}

int64_t cursor_time(void)
{
	return cursor.rec ? cursor.rec->time : cursor.time;
}

void cursor_progress(lua_State *L, int index)
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
	lua_pushinteger(L, cursor.time);
	lua_call(L, 1, 0);
}
