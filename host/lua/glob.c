/*
 * Globs: matching, for C and as a module of Lua.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/glob.h"

#include <lauxlib.h>
#include <stddef.h>
#include <string.h>

/* What is behind the set that begins at `glob` with a bracket; NULL if nothing closes it. */
static const char *set_end(const char *glob)
{
	const char *first = glob[1] == '!' || glob[1] == '^' ? glob + 2 : glob + 1;
	const char *end = *first ? strchr(first + 1, ']') : NULL;

	return end ? end + 1 : NULL;
}

/* Whether a byte is in the set that begins at `glob` and ends before `end`. */
static bool set_has(const char *glob, const char *end, unsigned char byte)
{
	bool negated = glob[1] == '!' || glob[1] == '^', found = false;

	for (glob += negated ? 2 : 1; glob < end - 1; glob++) {
		unsigned char first = (unsigned char)*glob, last = first;

		if (glob + 2 < end - 1 && glob[1] == '-') {
			glob += 2;
			last = (unsigned char)*glob;
		}
		found |= byte >= first && byte <= last;
	}
	return found != negated;
}

/* What is behind the part of a glob that stands for one byte; NULL if it does not stand for this one. */
static const char *match_one(const char *glob, char byte)
{
	const char *end = *glob == '[' ? set_end(glob) : NULL;

	if (end)
		return set_has(glob, end, (unsigned char)byte) ? end : NULL;
	return *glob == '?' || (*glob && *glob == byte) ? glob + 1 : NULL;
}

/*
 * If it goes wrong behind a star, the last one is tried with one byte more: what stands before it
 * matches as early as it can, so no other way can be better.
 */
bool glob_matches(const char *glob, const char *text)
{
	const char *star = NULL, *from = NULL, *whole = glob, *all = text;

	while (*text) {
		const char *next = match_one(glob, *text);

		if (*glob == '*') {
			star = ++glob;
			from = text;
		} else if (next) {
			glob = next;
			text++;
		} else if (star) {
			glob = star;
			text = ++from;
		} else {
			return strcmp(whole, all) == 0;
		}
	}
	while (*glob == '*')
		glob++;
	return !*glob || strcmp(whole, all) == 0;
}

static int lua_matches(lua_State *L)
{
	lua_pushboolean(L, glob_matches(luaL_checkstring(L, 1), luaL_checkstring(L, 2)));
	return 1;
}

int luaopen_lttnga_glob(lua_State *L)
{
	static const luaL_Reg functions[] = {{"matches", lua_matches}, {NULL, NULL}};

	luaL_newlib(L, functions);
	return 1;
}
