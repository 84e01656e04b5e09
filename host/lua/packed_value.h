/*
 * Values of Lua as bytes: nil, booleans, numbers, strings, and tables of them.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_PACKED_VALUE_H
#define LTTNGA_PACKED_VALUE_H

#include <glib.h>
#include <lua.h>
#include <stdint.h>

/* pack(value: any) -> string; raises an error if there is something else in it, or it is too deep */
int packed_value_pack(lua_State *L);

/* unpack(bytes: string) -> any; raises an error if they are not what pack() gives */
int packed_value_unpack(lua_State *L);

/* ---- Piece by piece ---- */

/* Bytes that are being read. */
struct packed_bytes {
	const uint8_t *at, *end;
};

/* Appends a number; the value on top of the stack, of which it returns what is wrong with it, or NULL. */
void packed_put_number(GByteArray *to, uint64_t number);
const char *packed_put_value(lua_State *L, GByteArray *to);

/* The next number; pushes the next value. They raise an error if the bytes are damaged. */
uint64_t packed_get_number(lua_State *L, struct packed_bytes *from);
void packed_get_value(lua_State *L, struct packed_bytes *from);

#endif
