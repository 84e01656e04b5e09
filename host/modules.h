/*
 * What is C for Lua: all modules, for the program and for the library that other programs load.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_MODULES_H
#define LTTNGA_MODULES_H

#include <lua.h>

/* Lets `require` find the modules that are C. */
void modules_preload(lua_State *L);

/*
 * The folder with our Lua files, as seen from the file that is run or loaded: in the source tree,
 * or where `make install` puts them; LTTNGA_LUA overrides both. To be freed; NULL if it is nowhere.
 */
char *modules_find_lua(const char *self);

#endif
