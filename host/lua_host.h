/*
 * The module "lttnga.host": what Lua can ask of the C side.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_LUA_HOST_H
#define LTTNGA_LUA_HOST_H

#include <lua.h>

/* Opens the module; a lua_CFunction for package.preload. */
int luaopen_lttnga_host(lua_State *L);

#endif
