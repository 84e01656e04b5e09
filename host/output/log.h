/*
 * The module "lttnga.log": rows made of the fields of events in C, for people (host/output/line_text.h) or
 * machines (line_cells.h), in the order of one of the fields.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_LOG_H
#define LTTNGA_LOG_H

#include <lua.h>

/*
 * Pushes the module: new(spec), which makes an object that a `collect` or a script feeds.
 *
 *     { format = "text" | "csv" | "json" | "lami" | "record",
 *       gmt =, date =, from =                      how times are shown; what is before `from` is early
 *       line = { { width, text }, ... },           for "text", see host/output/line_text.h
 *       columns = { { key =, class =, parts = { PART = FIELD, ... }, unknown = FIELD,
 *                     with = FIELD }, ... },
 *       sort = FIELD, descending = boolean,        rows are sorted by it: an integer. Without it: by the
 *                                                  first field that is collected, or else is named here
 *       may_lack = boolean,                        rows without it come last, and are no mistake of a script
 *       limit = n,                                 only the first n rows are given
 *       spreadsheet = boolean, hosts = boolean }
 *
 * A part is "FIELD", or "FIELD:early", whether that is before `from`; the parts of the classes are in
 * host/output/line_cells.c. With `hosts`, rows of CSV and JSON begin with the fields `host` and `trace`.
 * Rows keep the fields that their format shows; those of "record" all that are named.
 *
 * Its methods:
 *
 *   add(record)                  adds a row of a script: a table of fields
 *   write(file, before, between) -> true, or nil and a message; writes the rows in order, each one as
 *                                before, row, end of line (none for "lami"), with `between` between two
 *                                ("," for "lami", else nothing). A row of "json" has its last brace, but
 *                                not the first, which `before` begins with
 *   each()                       an iterator over the rows as records, instead of write()
 *   save(file), merge(file)      instead of write(): writes the rows in order for merge() of another log,
 *                                which adds them; equal keys come behind those that are there
 *   take(n)                      only the first n rows are given
 *   count()                      how many rows were added
 *   early()                      whether something in a row is early
 *   text(record)                 -> one row, which is not added, without `before` and end of line
 */
int luaopen_lttnga_log(lua_State *L);

#endif
