/*
 * Values of Lua as bytes: nil, booleans, numbers, strings, and tables of them.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_PACKED_VALUE_H
#define LTTNGA_PACKED_VALUE_H

#include <lua.h>

/* pack(value: any) -> string; raises an error if there is something else in it, or it is too deep */
int packed_value_pack(lua_State *L);

/* unpack(bytes: string) -> any; raises an error if they are not what pack() gives */
int packed_value_unpack(lua_State *L);

#endif
