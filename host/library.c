/*
 * The library that plain Lua programs load: require "lttnga".
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/modules.h"

#include <dlfcn.h>
#include <glib.h>
#include <lauxlib.h>
#include <stdlib.h>

__attribute__((visibility("default"))) int luaopen_lttnga(lua_State *L);

/* Pushes what lua/lib/module.lua returns. */
int luaopen_lttnga(lua_State *L)
{
	Dl_info info = {0};
	char *self = NULL, *folder, *file;
	int status;

	if (dladdr((const void *)luaopen_lttnga, &info))
		self = realpath(info.dli_fname, NULL);
	folder = modules_find_lua(self);
	free(self);
	if (!folder)
		return luaL_error(L, "lttnga: cannot find its Lua files; set LTTNGA_LUA to the "
				     "directory that contains them");
	modules_preload(L);
	file = g_build_filename(folder, "lib", "module.lua", NULL);
	status = luaL_loadfile(L, file);
	lua_pushstring(L, folder);
	g_free(file);
	g_free(folder);
	if (status != LUA_OK) {
		lua_pop(L, 1);
		return lua_error(L);
	}
	lua_call(L, 1, 1);
	return 1;
}
