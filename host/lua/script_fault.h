/*
 * Mistakes of scripts, told as faults (lua/lib/fault.lua): without a traceback, which would show
 * our own files only.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SCRIPT_FAULT_H
#define LTTNGA_SCRIPT_FAULT_H

#include <glib.h>
#include <lua.h>

/* Raises a fault with a text that is made as lua_pushfstring() makes it. */
_Noreturn void script_fault(lua_State *L, const char *format, ...);

/*
 * Raises the fault that `where` names a `word` that is not among `choices`, which are freed:
 * "WHERE: WHAT 'WORD' (did you mean ...?)".
 */
_Noreturn void script_fault_word(
	lua_State *L, const char *where, const char *what, const char *word, GPtrArray *choices);

#endif
