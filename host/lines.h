/*
 * The module "lttnga.lines": lines of text made of the fields of events in C, sorted by the first
 * field. What a line looks like is said in a list of columns:
 *
 *     { { -41, "[{begin:time}, {time:time}]" }, { 17, "{duration:us}" }, { 11, "{size:size}|N/A" } }
 *
 * A column is filled up to its width: at the left if that is positive, at the right if it is
 * negative. Of its texts, separated by "|", the first one counts for which all fields are there.
 * {FIELD} is written as it is, {FIELD:time} as a time of day, {FIELD:us} as microseconds, {FIELD:size}
 * as a size, and {FIELD:early} as "*" if it is before the time that was asked for, and " " if not.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_LINES_H
#define LTTNGA_LINES_H

#include <lua.h>

/*
 * Pushes the module: new(columns, { gmt =, date =, from = }), which makes an object that a `collect`
 * feeds; its methods are texts(), the sorted lines, early(), whether an "*" was written, and
 * text(fields), one line that is not added.
 */
int luaopen_lttnga_lines(lua_State *L);

#endif
