/*
 * The module "lttnga.perfetto": timelines for Lua, fed by `collect`.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_TIMELINE_OBJECT_H
#define LTTNGA_TIMELINE_OBJECT_H

#include <lua.h>

int luaopen_lttnga_perfetto(lua_State *L);

#endif
