/*
 * The module "lttnga.log": lines of text made of the fields of events in C (host/output/line_layout.h), in
 * the order of the first field.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_LOG_H
#define LTTNGA_LOG_H

#include <lua.h>

/*
 * Pushes the module: new(columns, { gmt =, date =, from = }), which makes an object that a `collect`
 * feeds; its methods are write(file), which writes the sorted lines; early(), whether any of them is
 * marked with an "*"; and text(fields), one line that is not added.
 */
int luaopen_lttnga_log(lua_State *L);

#endif
