/*
 * Objects of Lua that are made in C.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/object.h"

#include "host/lua/collector.h"

#include <stdbool.h>
#include <string.h>

/* Whether the function that runs was called by the garbage collector, or by a hook that it ran in. */
static bool called_by_collector(lua_State *L)
{
	lua_Debug info = {0};

	if (!lua_getstack(L, 0, &info) || !lua_getinfo(L, "n", &info) || !info.namewhat)
		return false;
	return strcmp(info.namewhat, "metamethod") == 0 || strcmp(info.namewhat, "hook") == 0;
}

/*
 * __gc of all types. What C has of an object may be in use as long as Lua can reach it, so only the
 * collector may end one. Whoever still has it then (other finalizers) has an object of no type.
 */
static int collect(lua_State *L)
{
	const struct object_type *type = lua_touserdata(L, lua_upvalueindex(1));
	void *object = object_check(L, 1, type);

	if (!called_by_collector(L))
		return luaL_error(L, "only the garbage collector can free a %s", type->name);
	type->gc(L);
	memset(object, 0, lua_rawlen(L, 1));
	lua_settop(L, 1);
	lua_pushnil(L);
	lua_setmetatable(L, 1);
	return 0;
}

void object_push_metatable(lua_State *L, const struct object_type *type)
{
	if (!luaL_newmetatable(L, type->name))
		return;
	if (type->methods) {
		lua_newtable(L);
		luaL_setfuncs(L, type->methods, 0);
		lua_setfield(L, -2, "__index");
	}
	if (type->gc) {
		lua_pushlightuserdata(L, (void *)type);
		lua_pushcclosure(L, collect, 1);
		lua_setfield(L, -2, "__gc");
	}
	if (type->meta)
		luaL_setfuncs(L, type->meta, 0);
	/* What getmetatable() says. */
	lua_pushstring(L, type->name);
	lua_setfield(L, -2, "__metatable");
	if (type->collector) {
		lua_pushlightuserdata(L, (void *)type->collector);
		lua_setfield(L, -2, COLLECTOR_FIELD);
	}
}

void *object_new(lua_State *L, const struct object_type *type, size_t size, int n_user_values)
{
	void *object = lua_newuserdatauv(L, size, n_user_values);

	memset(object, 0, size);
	object_push_metatable(L, type);
	lua_setmetatable(L, -2);
	return object;
}
