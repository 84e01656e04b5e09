/*
 * Texts sorted by a number, for Lua: the module "lttnga.sorted", new(), and the methods add(key,
 * text) and each() of its objects.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SORTED_OBJECT_H
#define LTTNGA_SORTED_OBJECT_H

#include <lua.h>

/* Raises the error that tells what errno says of the temporary file. */
int sorted_fail(lua_State *L);

int luaopen_lttnga_sorted(lua_State *L);

#endif
