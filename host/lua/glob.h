/*
 * Globs, as a shell has them for names: `*` is any text (a slash, too), `?` any byte, `[a-z]` one of these
 * bytes, `[!a-z]` another one. What is written in a glob is matched by the same text, whatever it means.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_GLOB_H
#define LTTNGA_GLOB_H

#include <lua.h>
#include <stdbool.h>

/* Whether a text is what a glob stands for. */
bool glob_matches(const char *glob, const char *text);

/* The module "lttnga.glob": matches(glob, text) -> boolean. */
int luaopen_lttnga_glob(lua_State *L);

#endif
