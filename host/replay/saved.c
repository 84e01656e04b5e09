/*
 * Checkpoints as objects of Lua.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/replay/saved.h"

#include "state/events.h"

#include <lauxlib.h>

#define SAVED_TYPE "lttnga.saved"

struct saved {
	struct checkpoints *list;
};

struct checkpoints *saved_check(lua_State *L, int index)
{
	return ((struct saved *)luaL_checkudata(L, index, SAVED_TYPE))->list;
}

static void push(lua_State *L, struct checkpoints *list)
{
	struct saved *saved = lua_newuserdatauv(L, sizeof(*saved), 0);

	saved->list = list;
	luaL_setmetatable(L, SAVED_TYPE);
}

/* What lists of a source are of; `identity` is to be freed. */
static struct checkpoints_of describe(
	const struct source *source, unsigned int wants, uint64_t limit, GString **identity)
{
	struct checkpoints_of of = {.wants = wants, .limit = limit};

	*identity = g_string_new(NULL);
	source_identity(source, *identity);
	source_bytes(source, &of.bytes);
	of.identity = (*identity)->str;
	return of;
}

struct checkpoints *saved_push_new(
	lua_State *L, const struct source *source, unsigned int wants, uint64_t limit)
{
	GString *identity;
	struct checkpoints_of of = describe(source, wants, limit, &identity);
	struct checkpoints *list = checkpoints_new(&of);

	g_string_free(identity, TRUE);
	push(L, list);
	return checkpoints_ref(list);
}

int saved_new(lua_State *L, const struct source *source, uint64_t limit)
{
	checkpoints_unref(saved_push_new(L, source, WANT_ALL, limit));
	return 1;
}

int saved_read(lua_State *L, const struct source *source, const char *path)
{
	static const char *const codes[] = {
		[CHECKPOINTS_ERROR_NONE] = "none",
		[CHECKPOINTS_ERROR_FIT] = "other",
		[CHECKPOINTS_ERROR_BROKEN] = "broken",
		[CHECKPOINTS_ERROR_READ] = "unreadable",
	};
	GString *identity;
	struct checkpoints_of of = describe(source, WANT_ALL, 0, &identity);
	GError *error = NULL;
	struct checkpoints *list = checkpoints_read(path, &of, &error);

	g_string_free(identity, TRUE);
	if (list) {
		push(L, list);
		return 1;
	}
	lua_pushnil(L);
	lua_pushstring(L, codes[error->code]);
	lua_pushstring(L, error->message);
	g_error_free(error);
	return 3;
}

static int saved_gc(lua_State *L)
{
	struct saved *saved = luaL_checkudata(L, 1, SAVED_TYPE);

	checkpoints_unref(saved->list);
	saved->list = NULL;
	return 0;
}

static int saved_write(lua_State *L)
{
	GError *error = NULL;

	if (checkpoints_write(saved_check(L, 1), luaL_checkstring(L, 2), &error)) {
		lua_pushboolean(L, true);
		return 1;
	}
	lua_pushnil(L);
	lua_pushstring(L, error->message);
	g_error_free(error);
	return 2;
}

static int saved_info(lua_State *L)
{
	const struct checkpoints *list = saved_check(L, 1);
	uint64_t events;
	bool complete = checkpoints_complete(list, &events);

	lua_createtable(L, 0, 5);
	lua_pushinteger(L, checkpoints_count(list));
	lua_setfield(L, -2, "count");
	lua_pushinteger(L, (lua_Integer)checkpoints_size(list));
	lua_setfield(L, -2, "size");
	lua_pushboolean(L, complete);
	lua_setfield(L, -2, "complete");
	lua_pushinteger(L, (lua_Integer)events);
	lua_setfield(L, -2, "events");
	lua_pushboolean(L, checkpoints_wants(list) == WANT_ALL);
	lua_setfield(L, -2, "all");
	return 1;
}

static int saved_times(lua_State *L)
{
	const struct checkpoints *list = saved_check(L, 1);

	lua_newtable(L);
	for (unsigned int i = 0; i < checkpoints_count(list); i++) {
		const struct checkpoint *one = checkpoints_at(list, i);

		lua_createtable(L, 0, 2);
		lua_pushinteger(L, one->time);
		lua_setfield(L, -2, "time");
		lua_pushinteger(L, (lua_Integer)one->events);
		lua_setfield(L, -2, "events");
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

void saved_setup(lua_State *L)
{
	static const luaL_Reg methods[] = {
		{"info", saved_info},
		{"times", saved_times},
		{"write", saved_write},
		{NULL, NULL},
	};

	luaL_newmetatable(L, SAVED_TYPE);
	luaL_newlib(L, methods);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, saved_gc);
	lua_setfield(L, -2, "__gc");
	lua_pop(L, 1);
}
