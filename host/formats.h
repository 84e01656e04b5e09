/*
 * The module "lttnga.formats": the small steps that every line of output takes, once per row, in C.
 * Their face to scripts is in lua/lib: text.lua, units.lua, time.lua.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_FORMATS_H
#define LTTNGA_FORMATS_H

#include <lua.h>

/* Pushes the module: clean, width, columns, us, size, fraction. */
int luaopen_lttnga_formats(lua_State *L);

#endif
