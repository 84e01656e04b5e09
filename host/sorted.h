/*
 * The module "lttnga.sorted": texts that come in any order and go out sorted by a number, however
 * many they are: what does not fit in a fixed amount of memory waits in a temporary file.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SORTED_H
#define LTTNGA_SORTED_H

#include <lua.h>
#include <stddef.h>
#include <stdint.h>

/* Pushes the module: new(), and the methods add(key, text) and each() of its objects. */
int luaopen_lttnga_sorted(lua_State *L);

/* Pushes a new object without texts. */
void sorted_push(lua_State *L);

/* Adds a text to the object at a stack index; raises an error if there is no room for it. */
void sorted_put(lua_State *L, int index, int64_t key, const char *text, size_t length);

#endif
