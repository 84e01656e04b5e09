/*
 * Objects of Lua that are made in C.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/object.h"

#include "host/lua/collector.h"

#include <string.h>

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
		lua_pushcfunction(L, type->gc);
		lua_setfield(L, -2, "__gc");
	}
	if (type->meta)
		luaL_setfuncs(L, type->meta, 0);
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
