/*
 * The module "lttnga.sqlite": asks files that export has written, and looks after those in a folder.
 *
 *     local db, message = sqlite.open(path)
 *     local columns, message = db:ask("select ...")    -- list of names
 *     local row, message = db:row()                    -- list of values with n; nil: no more, or a message
 *     sqlite.files(folder), sqlite.remove(folder, name), sqlite.touch(path)
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SQLITE_QUERY_H
#define LTTNGA_SQLITE_QUERY_H

#include <lua.h>

int luaopen_lttnga_sqlite(lua_State *L);

#endif
