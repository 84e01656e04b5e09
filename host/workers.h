/*
 * Work that is done in several processes at once.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_WORKERS_H
#define LTTNGA_WORKERS_H

#include <lua.h>

/*
 * workers(count: integer, at_once: integer, work: function, done: function) -> true; or nil and a message
 *
 * Calls work(i) for i from 1 to `count` in `at_once` processes, each of which has a copy of all there is, and does
 * one after the other. What work(i) finds out, it writes to a file that was opened before; it must return true.
 * done(i) is called here when it has. If a process fails, or dies, the others are ended.
 */
int workers_run(lua_State *L);

/* write_to(file) -> true; or nil and a message: what this process writes to its standard output is in the file */
int workers_write_to(lua_State *L);

#endif
