/*
 * The module "lttnga.exporter": tables of facts in files.
 *
 *     local exporter = require "lttnga.exporter"
 *     local export, message = exporter.open(path, { sqlite = true, replace = true })
 *     local machine = export:machine(number, { thread = TABLE, process = TABLE, file = TABLE, disk = TABLE })
 *     w.calls = machine:facts(TABLE)            -- an object that a `collect` feeds
 *     export:add(TABLE, { COLUMN = value, ... })  -- a row of a script
 *     machine:finish()
 *     export:close(sql)
 *
 * A TABLE is { name =, columns = { { name =, type =, required =, field =, kind = }, ... } }, see
 * lua/lib/facts.lua.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_EXPORT_OBJECT_H
#define LTTNGA_EXPORT_OBJECT_H

#include <lua.h>

int luaopen_lttnga_exporter(lua_State *L);

#endif
