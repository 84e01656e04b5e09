/*
 * The module "lttnga.formats": the small steps that every line of output takes, once per row, in C.
 * Their face to scripts is in lua/lib: text.lua, units.lua, time.lua.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_FORMATS_H
#define LTTNGA_FORMATS_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Pushes the module: clean, width, shorten, columns, us, duration, size, fraction. */
int luaopen_lttnga_formats(lua_State *L);

/*
 * Reads the character at the begin of a text of at least one byte. Returns how many bytes it takes, 0 if
 * that is no UTF-8 (overlong, surrogates and beyond 0x10ffff included).
 */
size_t formats_decode(const char *text, size_t length, uint32_t *code);

/* Whether a text is UTF-8 from begin to end. */
bool formats_is_utf8(const char *text, size_t length);

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

/* How many bytes more a text can have that was shortened. */
#define FORMATS_SHORTEN_EXTRA 3

/*
 * Shortens a text that is safe for a terminal to so many columns, with dots behind `before` of them, if it takes
 * more; it has room for FORMATS_SHORTEN_EXTRA more bytes. Returns the bytes that it has then, and the
 * columns that it takes.
 */
size_t formats_shorten(char *text, size_t length, size_t room, size_t before, size_t *columns);

/* Room for any duration. */
#define FORMATS_DURATION_MAX 40

/*
 * Writes a duration in ns for people, with a NUL: "1.815 s ", "12.345 ms", "3.210 us", so that points are in
 * line where it stands at the right of a column; returns how many characters it has.
 */
size_t formats_duration_into(char *to, int64_t ns);

#endif
