/*
 * Texts sorted by a number, for Lua: the module "lttnga.sorted", new(), and the methods add(key,
 * text) and each() of its objects.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SORTED_OBJECT_H
#define LTTNGA_SORTED_OBJECT_H

#include <lua.h>

/* Pushes what errno says of a temporary file. */
const char *sorted_push_reason(lua_State *L);

/* Raises it as a fault: the user can mend that. */
_Noreturn void sorted_fail(lua_State *L);

int luaopen_lttnga_sorted(lua_State *L);

#endif
