/*
 * Texts sorted by a number, for Lua.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/sorted_object.h"

#include "host/lua/object.h"
#include "host/lua/push.h"
#include "host/lua/script_fault.h"
#include "host/output/sorted.h"

#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <string.h>

/* An object of Lua. */
struct object {
	struct sorted *sorted; /* NULL once it is freed */
};

static const struct object_type sorted_type; /* below */

static struct sorted *check_sorted(lua_State *L)
{
	struct object *object = object_check(L, 1, &sorted_type);

	if (!object->sorted)
		luaL_error(L, "these strings no longer exist");
	return object->sorted;
}

static int object_gc(lua_State *L)
{
	struct object *object = object_check(L, 1, &sorted_type);

	sorted_free(object->sorted);
	object->sorted = NULL;
	return 0;
}

/* new() -> an object without texts */
static int module_new(lua_State *L)
{
	struct object *object = object_new(L, &sorted_type, sizeof(*object), 0);

	object->sorted = sorted_new();
	return 1;
}

const char *sorted_push_reason(lua_State *L)
{
	return lua_pushfstring(L,
		"cannot write a temporary file in %s: %s (set TMPDIR to use another directory)",
		g_get_tmp_dir(), g_strerror(errno));
}

void sorted_fail(lua_State *L)
{
	script_fault(L, "%s", sorted_push_reason(L));
}

/* sorted:add(key, text) -> true, or nil and a message; `key` is an integer */
static int object_add(lua_State *L)
{
	struct sorted *sorted = check_sorted(L);
	int64_t key = luaL_checkinteger(L, 2);
	size_t length;
	const char *text = luaL_checklstring(L, 3, &length);

	luaL_argcheck(L, length <= SORTED_LENGTH_MAX, 3, "too long");
	if (sorted_is_read(sorted))
		return luaL_error(L, "these strings are being read");
	memcpy(sorted_room(sorted, length), text, length);
	if (!sorted_add(sorted, key, length)) {
		lua_pushnil(L);
		sorted_push_reason(L);
		return 2;
	}
	return push_done(L);
}

/* The iterator of each(). */
static int object_next(lua_State *L)
{
	struct sorted *sorted = check_sorted(L);
	struct sorted_text text;
	int more = sorted_next(sorted, &text);

	if (more < 0)
		sorted_fail(L);
	if (!more)
		return 0;
	lua_pushlstring(L, text.text, text.length);
	return 1;
}

/* sorted:each() -> an iterator over the texts, by key; equal keys as they came. Only once. */
static int object_each(lua_State *L)
{
	check_sorted(L);
	lua_pushcfunction(L, object_next);
	lua_pushvalue(L, 1);
	return 2;
}

static const luaL_Reg methods[] = {
	{"add", object_add},
	{"each", object_each},
	{NULL, NULL},
};

static const struct object_type sorted_type = {
	.name = "lttnga.sorted", .methods = methods, .gc = object_gc};

int luaopen_lttnga_sorted(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{"new", module_new},
		{NULL, NULL},
	};

	luaL_newlib(L, functions);
	return 1;
}
