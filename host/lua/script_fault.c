/*
 * Mistakes of scripts, told as faults.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/script_fault.h"

#include <lauxlib.h>
#include <stdarg.h>

/* Raises the text on top of the stack. */
static _Noreturn void raise_text(lua_State *L)
{
	lua_getglobal(L, "require");
	lua_pushliteral(L, "lttnga.fault");
	lua_call(L, 1, 1);
	lua_getfield(L, -1, "raise");
	lua_pushliteral(L, "%s");
	lua_pushvalue(L, -4);
	lua_call(L, 2, 0);
	/* It does not come back, unless a script has exchanged it. */
	for (;;)
		lua_error(L);
}

void script_fault(lua_State *L, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	lua_pushvfstring(L, format, values);
	va_end(values);
	raise_text(L);
}

void script_fault_word(
	lua_State *L, const char *where, const char *what, const char *word, GPtrArray *choices)
{
	/* The words to choose from go to Lua, where the nearest is found. */
	lua_getglobal(L, "require");
	lua_pushliteral(L, "lttnga.text");
	lua_call(L, 1, 1);
	lua_getfield(L, -1, "did_you_mean");
	lua_pushstring(L, word);
	lua_createtable(L, (int)choices->len, 0);
	for (guint i = 0; i < choices->len; i++) {
		lua_pushstring(L, g_ptr_array_index(choices, i));
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	g_ptr_array_unref(choices);
	lua_call(L, 2, 1);
	lua_pushfstring(L, "%s: %s '%s'%s", where, what, word, lua_tostring(L, -1));
	raise_text(L);
}
