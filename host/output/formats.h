/*
 * The module "lttnga.formats": the small steps that every line of output takes, once per row, in C.
 * Their face to scripts is in lua/lib: text.lua, units.lua, time.lua.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_FORMATS_H
#define LTTNGA_FORMATS_H

#include <lua.h>
#include <stddef.h>

/* Pushes the module: clean, width, columns, us, size, fraction. */
int luaopen_lttnga_formats(lua_State *L);

/* How many times longer a text can become when it is made safe for a terminal. */
#define FORMATS_CLEAN_MAX 4

/*
 * Writes a text, with what could steer a terminal or is no UTF-8 as \xNN, to `to`, which has room for
 * FORMATS_CLEAN_MAX times its length. Returns the bytes written, and the columns that they take.
 */
size_t formats_clean_into(char *to, const char *text, size_t length, size_t *columns);

/* Room for any size: the largest floats have 309 digits. */
#define FORMATS_SIZE_MAX 400

/* Writes a size in bytes for people, with a NUL; returns how many characters it has. */
size_t formats_size_into(char *to, double size);

#endif
